# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Sets the scene: simulated time, chips, city, gateway, page and nodes, and takes it down again.

Nodes, gateway and page are processes of their own, as on a real street; they can be killed.
"""

import fcntl
import os
import secrets
import shutil
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from barri.adapters.sources.certificate import fingerprint, make_certificate
from barri.adapters.stores.home import Home
from barri.app import write_mosquitto_files
from barri.config import load
from barri.domain.household import Board as HomeBoard
from barri.domain.household import Recipient, Thing
from barri.domain.passwords import hash_password, new_password
from barri_tools import firmware
from barri_tools.demo import rest
from barri_tools.demo.street import CITY, Resident, thing_of
from barri_tools.sandbox.sentilo import (
    Entity,
    Record,
    SandboxServer,
    SentiloSandbox,
    Settings,
    Timing,
)
from barri_tools.sim import boards, parts
from barri_tools.sim.conductor import Conductor
from barri_tools.sim.journal import Journal
from barri_tools.sim.node_link import ChipServer
from barri_tools.sim.node_process import NodeProcess, NodeSettings
from barri_tools.sim.world import World

PROVIDER = "barri"
_GATEWAY_OPENS_S = 60.0  # real seconds, on a machine that has much else to do
# What the sandbox city's operator has created, as a city's own list would be.
SENSOR_TYPES = frozenset({"temperature", "humidity", "noise", "pressure", "luminosity", "energy"})
TYPES = {
    "pressure": "pressure",
    "light": "luminosity",
    "energy_import": "energy",
    "energy_export": "energy",
    "power_import": "energy",
    "power_export": "energy",
}


@dataclass(frozen=True)
class Scene:
    """What is played. speed: simulated seconds a real one. window_s: a record's length.

    firmware: a folder that was prepared before, so that it is not compiled once more. sealed: the
    nodes have keys, and nothing unsealed is taken from them. tls: between nodes and broker. heap:
    of each node, as MicroPython takes it. report_every: nodes are on a battery, and send so many
    records at a time; the speed is `asleep_speed` while all sleep.
    """

    directory: Path
    residents: tuple[Resident, ...]
    world: World
    window_s: int
    speed: float = 1.0
    page_port: int = 0
    broker: str = "embedded"  # or "mosquitto", which is started beside the gateway
    firmware: Path | None = None
    sealed: bool = False
    tls: bool = False
    heap: str = ""  # what the kit needs
    report_every: int = 0
    asleep_speed: float = 600.0
    unwanted: tuple[str, ...] = ()


@dataclass
class Presence:
    """When a node ran, in Unix seconds of simulated time."""

    from_s: float
    until_s: float | None = None


@dataclass
class Household:
    """One resident's board as the demo made it."""

    resident: Resident
    password: str
    seal_key: str
    journal: Journal
    presences: list[Presence] = field(default_factory=list)


class Stage:
    """Everything of one run. Use as a context manager; leaving it stops all processes."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._claim = _claim(scene.directory)
        shutil.rmtree(scene.directory, ignore_errors=True)
        scene.directory.mkdir(parents=True)
        self.start_utc_s = _next_start(scene.window_s)
        self.conductor = Conductor(self.start_utc_s, scene.speed)
        self.homes = {r.node: self._household(r) for r in scene.residents}
        self.page_port = scene.page_port or free_port()
        self.mqtt_port = free_port()
        self.record = Record()
        self.token = secrets.token_hex(16)
        self.firmware = scene.firmware or Path()
        self.gateway_key = ""
        self._gateway: subprocess.Popen[bytes] | None = None
        self._page: subprocess.Popen[bytes] | None = None
        self._mosquitto: subprocess.Popen[bytes] | None = None
        self.nodes: dict[str, NodeProcess] = {}
        self.clones: list[NodeProcess] = []

    def _household(self, resident: Resident) -> Household:
        seal_key = secrets.token_hex(16) if self.scene.sealed else ""
        return Household(resident, new_password(), seal_key, Journal(limit=2_000_000))

    def __enter__(self) -> "Stage":
        self._write_home()
        self._start_time_and_chips()
        self._start_city()
        self._write_settings()
        if self.scene.tls:
            self.gateway_key = fingerprint(make_certificate(self.data))
        return self

    def __exit__(self, *_: object) -> None:
        for node in [*self.nodes.values(), *self.clones]:
            node.kill()
        for process in (self._page, self._gateway, self._mosquitto):
            _stop(process)
        self.city.stop()
        self.conductor.stop()
        self._chips.close()
        self._claim.close()

    @property
    def settings_file(self) -> Path:
        """The gateway's settings."""
        return self.scene.directory / "barri.toml"

    @property
    def data(self) -> Path:
        """The folder of gateway.db and home.db."""
        return self.scene.directory / "data"

    def now_s(self) -> float:
        """Simulated Unix time."""
        return self.conductor.utc_s()

    def _write_home(self) -> None:
        """Provision: Things, boards and the city are known before anything starts."""
        self.data.mkdir()
        home = Home(self.data / "home.db")
        home.add_recipient(Recipient(CITY, "sentilo", "Sentilo (sandbox)"))
        for node, household in self.homes.items():
            r = household.resident
            place = (r.latitude, r.longitude, r.height_m)
            home.add_thing(Thing(thing_of(r), r.name, r.kit, False, *place))
            hashed = hash_password(household.password)
            dates = (self.start_utc_s, None)
            home.add_board(HomeBoard(node, thing_of(r), hashed, *dates, household.seal_key))
        home.close()

    def _start_time_and_chips(self) -> None:
        chips = {
            node: boards.build(
                household.resident.kit, self.scene.world, household.journal, self.start_utc_s
            )
            for node, household in self.homes.items()
        }
        self._chips = ChipServer(self.conductor, chips)
        self.conductor.publish(self.scene.directory / "clock")
        for target in (self._chips.run, self.conductor.run):
            threading.Thread(target=target, daemon=True).start()

    def _start_city(self) -> None:
        settings = Settings(Timing().scaled(0.1), sensor_types=SENSOR_TYPES)
        provider = Entity(PROVIDER, self.token)
        sandbox = SentiloSandbox([provider], settings, self.record, self.now_s())
        self.city = SandboxServer(sandbox, self.now_s)
        self.city.start()

    def _write_settings(self) -> None:
        token_file = self._secret_file("sentilo.token", self.token)
        broker_password = self._secret_file("broker.password", new_password())
        window_s = self.scene.window_s
        self.settings_file.write_text(
            f'data = "{self.data}"\n'
            f"window_s = {window_s}\n"
            f"coarser_s = [{2 * window_s}, {6 * window_s}]\n"
            f'[clock]\nfile = "{self.scene.directory / "clock"}"\nspeed = {self.scene.speed}\n'
            f'[broker]\nkind = "{self.scene.broker}"\nport = {self.mqtt_port}\n'
            f'password_file = "{broker_password}"\ntls = {str(self.scene.tls).lower()}\n'
            "[patience]\nlive_s = 20\nbacklog_s = 3600\n"
            f"[web]\nport = {self.page_port}\n"
            f'[[sink]]\nkind = "sentilo"\nrecipient = "{CITY}"\nurl = "{self.city.url}"\n'
            f'provider = "{PROVIDER}"\ntoken_file = "{token_file}"\n'
            "settle_s = 2\nflush_s = 2\n[sink.types]\n"
            + "".join(f'{ours} = "{theirs}"\n' for ours, theirs in TYPES.items())
        )

    def _secret_file(self, name: str, text: str) -> Path:
        path = self.scene.directory / name
        path.touch(mode=0o600)
        path.write_text(text)
        return path

    def start_mosquitto(self) -> None:
        """Start a Mosquitto of this stage's own, with the rights that the gateway writes."""
        program = firmware.program("mosquitto") or Path("/usr/sbin/mosquitto")
        directory = self.scene.directory / "mosquitto"
        settings = directory / "mosquitto.conf"
        fresh = not settings.exists()
        directory.mkdir(exist_ok=True)
        write_mosquitto_files(load(self.settings_file), directory)
        if fresh:  # it would give up root for a user of its own, who may not read this folder
            more = f"user root\npersistence_location {directory}/\n"
            settings.write_text(settings.read_text() + more)
        with (directory / "mosquitto.log").open("ab") as output:
            command = [str(program), "-c", str(settings)]
            self._mosquitto = subprocess.Popen(command, stdout=output, stderr=output)  # noqa: S603

    def stop_mosquitto(self) -> None:
        """End it; clients lose their connection."""
        _stop(self._mosquitto)
        self._mosquitto = None

    def start_gateway(self) -> None:
        """Start the gateway process, or start it again after it was killed."""
        self._gateway = self._spawn("gateway")

    def wait_for_gateway(self) -> None:
        """Wait, in real time and bounded, until its broker can be reached."""
        deadline = time.monotonic() + _GATEWAY_OPENS_S
        while time.monotonic() < deadline and self.gateway_running():
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.mqtt_port)) == 0:
                    return
            time.sleep(0.02)
        words = (self.scene.directory / "gateway.log").read_text()[-1500:]
        raise firmware.FirmwareError(f"the gateway did not start:\n{words}")

    def kill_gateway(self) -> None:
        """kill -9."""
        if self._gateway is not None:
            self._gateway.kill()
            self._gateway.wait()
            self._gateway = None

    def stop_gateway(self) -> None:
        """Ask it to end, as a service manager does."""
        _stop(self._gateway)
        self._gateway = None

    def start_page(self) -> None:
        """Start the web process."""
        self._page = self._spawn("web")

    def gateway_running(self) -> bool:
        """Say whether the gateway process is alive."""
        return self._gateway is not None and self._gateway.poll() is None

    def _spawn(self, command: str) -> subprocess.Popen[bytes]:
        arguments = ["-c", "from barri.cli import main; main()", command]
        with (self.scene.directory / f"{command}.log").open("ab") as output:
            return subprocess.Popen(  # noqa: S603
                [sys.executable, *arguments, "--config", str(self.settings_file)],
                stdout=output, stderr=output, env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )  # fmt: skip

    def start_nodes(self) -> None:
        """Power all nodes on."""
        if self.scene.firmware is None:
            self.firmware = firmware.prepared(self.scene.directory / "firmware")
        for node in self.homes:
            self.start_node(node)

    def start_node(self, node: str) -> None:
        """Power a node on (again); its flash is what it was."""
        place, settings = self.scene.directory / node, self._node_settings(node)
        process = NodeProcess(
            settings, self.firmware, self._chips.port, place, heap=self.scene.heap
        )
        process.start()
        self.homes[node].presences.append(Presence(self.now_s()))
        self.nodes[node] = process

    def _node_settings(self, node: str) -> NodeSettings:
        household, window_s = self.homes[node], self.scene.window_s
        line = (household.password, "127.0.0.1", self.mqtt_port)
        keys = (household.seal_key, self.gateway_key)
        kit, how = household.resident.kit, rest.mode(self.scene)
        return NodeSettings(node, *line, kit, window_s, *keys, *how, self.scene.unwanted)

    def fit(self, node: str, *named: str) -> None:
        """Put other parts around a node of the kit "found" that is switched off."""
        board = parts.fitted(named, self.scene.world, self.homes[node].journal)
        self._chips.fit(node, board)

    def clone_node(self, node: str, name: str, world: World) -> NodeProcess:
        """Start a second board with a node's settings and a copy of its flash.

        It stands in another place: among chips of its own, which take their values from `world`.
        """
        kit, directory = self.homes[node].resident.kit, self.scene.directory / name
        self._chips.fit(name, boards.build(kit, world, Journal(), self.start_utc_s))
        directory.mkdir()
        shutil.copy(self.scene.directory / node / "flash.img", directory)
        settings = self._node_settings(node)
        clone = NodeProcess(settings, self.firmware, self._chips.port, directory, name)
        clone.start()
        self.clones.append(clone)
        return clone

    def kill_node(self, node: str) -> None:
        """Cut its power. What it did in its very last moment is not counted on."""
        self.homes[node].presences[-1].until_s = self.now_s()
        rest.end(self.conductor, node, self.nodes[node])
        self.nodes[node].kill()

    def wait(self, seconds: float) -> None:
        """Let simulated time pass; a node or gateway that dies by itself ends the run."""
        until_s = self.now_s() + seconds
        while self.now_s() < until_s:
            self.look_after_nodes()
            self.look_after_gateway()
            time.sleep(0.05)

    def look_after_nodes(self) -> None:
        """Start nodes again that reset themselves. Raise FirmwareError with a dead one's words."""
        rest.look_after(self.conductor, self.scene, self.nodes)
        for name, node in list(self.nodes.items()):
            if node.restarts():
                self.homes[name].presences[-1].until_s = self.now_s()
                self.start_node(name)
            elif node.ended() and self.homes[name].presences[-1].until_s is None:
                raise firmware.FirmwareError(f"node {name} has ended:\n{node.console()[-800:]}")

    def look_after_gateway(self) -> None:
        """Raise StageError with the last words of a gateway that nobody has killed or stopped."""
        if self._gateway is not None and self._gateway.poll() is not None:
            words = (self.scene.directory / "gateway.log").read_text(errors="replace")
            raise StageError(f"the gateway has ended:\n{words[-800:]}")


class StageError(Exception):
    """A process of the scene has ended that should not have; the text has its last words."""


def _claim(directory: Path) -> TextIO:
    """Two demos in one folder would wipe each other out; the claim ends with the process."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    claim = directory.with_name(directory.name + ".lock").open("w")
    try:
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        claim.close()
        advice = "another demo runs there: end it, or start this one from another folder"
        raise BlockingIOError(f"{directory}: {advice}") from error
    return claim


def _next_start(window_s: int) -> int:
    """Simulated time begins at the present, at a whole window."""
    now_s = int(time.time())
    return now_s - now_s % window_s


def free_port() -> int:
    """A port of loopback that nobody uses now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def _stop(process: subprocess.Popen[bytes] | None) -> None:
    if process is None or process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
