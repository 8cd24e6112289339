# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Starts the real Sentilo API server (2.0.0) with a Redis of its own, and stops both.

What is missing on this machine is said by name as `MissingError`. The server binds all interfaces
(it has no setting for that), so it belongs on a test machine only.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from catalogue_stand_in import CATALOGUE_ENTITY, CatalogueStandIn, CityEntity
from raw_http import exchange, request_bytes

HERE = Path(__file__).parent
BUILD = HERE.parents[1] / "build" / "sentilo"
LIB_VARIABLE = "BARRI_SENTILO_LIB"
SERVER_JAR = "org.sentilo.platform:sentilo-platform-server"
MAIN_CLASS = "org.sentilo.platform.server.SentiloServer"
REDIS_PASSWORD = "interop"
CATALOGUE_TOKEN = "catalogue-token"
START_TIMEOUT_S = 90.0


class MissingError(Exception):
    """Something needed is not on this machine; the text says what and how to get it."""


class NotReleasedError(MissingError):
    """The server's own jar cannot be downloaded: nothing to install would help."""


def may_skip(missing: MissingError, no_skip: str) -> bool:
    """Say whether a test may be skipped. no_skip: the value of BARRI_NO_SKIP."""
    if no_skip == "1":
        return isinstance(missing, NotReleasedError)
    return no_skip != "all"


class RealSentilo:
    """A running server: its port, and how it learns of sensors, as from the real catalogue."""

    def __init__(self, port: int, started_in_s: float, catalogue: CatalogueStandIn) -> None:
        self.port = port
        self.started_in_s = started_in_s
        self._catalogue = catalogue

    def carry_over(self) -> None:
        """Tell the API server what changed in the catalogue, as the catalogue's job does."""
        saved, deleted = self._catalogue.changes()
        if saved:
            self.load_sensors(saved)
        if deleted:
            self._administer(
                "PUT", "delete", [{"provider": of, "sensor": name} for of, name in deleted]
            )

    def load_sensors(self, sensors: list[tuple[str, str, str]]) -> None:
        """Tell the API server of (provider, sensor, state)."""
        rows = [{"provider": of, "sensor": name, "state": state} for of, name, state in sensors]
        self._administer("POST", "save", rows)

    def _administer(self, method: str, action: str, sensors: list[dict[str, str]]) -> None:
        headers = {"IDENTITY_KEY": CATALOGUE_TOKEN}
        body = json.dumps({"sensors": sensors}).encode()
        answer = exchange(self.port, request_bytes(method, f"/admin/{action}", headers, body))
        assert answer.status == 200, answer


def classpath() -> str:
    """The server's jars: from the folder that BARRI_SENTILO_LIB names, else through Maven.

    Raises MissingError; NotReleasedError when all is there but the server's own jar.
    """
    _need("java", "install a Java runtime, 11 or later, e.g. Debian's openjdk-17-jre-headless")
    _need("redis-server", "install Redis, e.g. Debian's redis-server")
    given = os.environ.get(LIB_VARIABLE)
    if given:
        return f"{given}/*"
    _need("mvn", "install Maven, e.g. Debian's maven")
    command = [
        "mvn",
        "--batch-mode",
        "--quiet",
        "--file",
        str(HERE / "sentilo" / "pom.xml"),
        "dependency:copy-dependencies",
        f"-DoutputDirectory={BUILD / 'lib'}",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode != 0:
        raise why_missing(done.stdout)
    return f"{BUILD / 'lib'}/*"


def why_missing(output: str) -> MissingError:
    """Tell the jar that is not there to be had from everything else, from Maven's own words."""
    unknown = re.search(rf"{SERVER_JAR}:\S+ was not found|find artifact {SERVER_JAR}:", output)
    give = f"give {LIB_VARIABLE}=<folder of its jars>"
    if unknown:
        return NotReleasedError(f"the released {SERVER_JAR} jar is not on the registry; {give}")
    said = next((line for line in output.splitlines() if "ERROR" in line), "no reason given")
    return MissingError(f"Maven could not get the server's jars ({said[:200]}); {give}")


@contextmanager
def real_sentilo(
    jars: str, entities: list[CityEntity], overrides: dict[str, object]
) -> Iterator[RealSentilo]:
    """A server with these entities and configuration overrides, until the context ends.

    jars: of `classpath`.
    """
    catalogue_entity = CityEntity(CATALOGUE_ENTITY, CATALOGUE_TOKEN)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="barri-sentilo-")))
        catalogue = stack.enter_context(CatalogueStandIn([catalogue_entity, *entities]))
        redis_port = stack.enter_context(_redis(folder))
        port, monitor_port = _free_port(), _free_port()
        _write_configuration(
            folder,
            {
                "sentilo.redis.host": "127.0.0.1",
                "sentilo.redis.port": redis_port,
                "sentilo.redis.password": REDIS_PASSWORD,
                "sentilo.catalog.rest.endpoint": catalogue.url,
                "sentilo.server.api.socket.port": port,
                "sentilo.server.monitor.socket.port": monitor_port,
                **overrides,
            },
        )
        began = time.monotonic()
        process = stack.enter_context(_java(folder, jars))
        _wait_until_ready(port, process, folder)
        yield RealSentilo(port, time.monotonic() - began, catalogue)


def _write_configuration(folder: Path, settings: dict[str, object]) -> None:
    """The last folder on the classpath wins over the jars' own configuration."""
    properties = folder / "conf" / "properties"
    properties.mkdir(parents=True)
    lines = [f"{name}={value}\n" for name, value in settings.items()]
    (properties / "sentilo-platform.conf").write_text("".join(lines))


@contextmanager
def _redis(folder: Path) -> Iterator[int]:
    port = _free_port()
    command = [
        "redis-server",
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--dir",
        str(folder),
        "--requirepass",
        REDIS_PASSWORD,
        "--save",
        "",
        "--appendonly",
        "no",
    ]
    with _process(command, folder / "redis.log"):
        _wait_for_port(port)
        yield port


@contextmanager
def _java(folder: Path, jars: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [
        "java",
        "-Xmx256m",
        "-XX:TieredStopAtLevel=1",  # it lives for seconds
        "-Duser.timezone=UTC",
        "-Dfile.encoding=UTF-8",
        "-Dspring.profiles.active=dev",
        f"-Dsentilo.log.dir={folder / 'log'}",
        "-cp",
        f"{jars}{os.pathsep}{folder / 'conf'}",
        MAIN_CLASS,
    ]
    with _process(command, folder / "server.log") as process:
        yield process


@contextmanager
def _process(command: list[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        try:
            yield process
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()
            process.wait(10)


def _wait_until_ready(port: int, process: subprocess.Popen[bytes], folder: Path) -> None:
    """Ready is when the administrator's token is known: then the caches are loaded."""
    ping = request_bytes("GET", "/admin/ping", {"IDENTITY_KEY": CATALOGUE_TOKEN}, None)
    end = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < end and process.poll() is None:
        with suppress(OSError):
            if exchange(port, ping).status == 200:
                return
        time.sleep(0.1)
    log = (folder / "server.log").read_text(errors="replace")
    raise AssertionError(f"the Sentilo server did not become ready:\n{log[-4000:]}")


def _wait_for_port(port: int) -> None:
    for _ in range(200):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1.0):
            return
        time.sleep(0.05)
    raise AssertionError(f"nothing listens on port {port}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _need(program: str, advice: str) -> None:
    if shutil.which(program) is None:
        raise MissingError(f"{program} is not on this machine: {advice}")
