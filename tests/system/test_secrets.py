# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""After a whole run, faults included, passwords and the city's token are only in their places.

Those are a board's own settings and the file that holds the token, for their owner alone.
"""

import re
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playing import MakeScene, end, open_gateway, power_on, rows, share, wait_until
from test_garbage import Stranger

from barri_tools.demo.stage import PROVIDER, Stage
from barri_tools.demo.street import STREET
from barri_tools.sandbox.sentilo import Entity

AIR, _, ENERGY = STREET


@dataclass(frozen=True)
class Searched:
    """stage; what must be nowhere; what processes were started with; the page as served."""

    stage: Stage
    secrets: list[bytes]
    command_lines: list[bytes]
    page: bytes


@pytest.fixture(scope="module")
def searched(make_scene: MakeScene) -> Iterator[Searched]:
    """A run with a page, a wrong password, a killed gateway, and a city that changes its token."""
    with Stage(make_scene((AIR, ENERGY))) as stage:
        passwords = [home.password for home in stage.homes.values()]
        share(stage, "thing-air", "temperature")
        stage.start_page()
        open_gateway(stage)
        power_on(stage)
        wait_until(stage, lambda: stage.record.observations, 200, "a first value in the city")
        Stranger(stage.mqtt_port, AIR.node, passwords[1], AIR.node).close()
        stage.kill_gateway()
        open_gateway(stage)
        command_lines = _command_lines(stage.scene.directory)
        page = _page(stage)
        with stage.city.lock:
            stage.city.sandbox.add_entity(Entity(PROVIDER, "another token"), stage.now_s())
        wait_until(stage, lambda: _refused(stage), 200, "a city that refuses the token")
        end(stage, 30)
        secrets = [secret.encode() for secret in (*passwords, stage.token)]
        yield Searched(stage, secrets, command_lines, page)


def _refused(stage: Stage) -> bool:
    return any(request.status == 401 for request in stage.record.requests)


def _command_lines(folder: Path) -> list[bytes]:
    """Of every process of this run, as anybody on the machine can read them."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes()
        except OSError:
            continue  # ended meanwhile
        if str(folder).encode() in line:
            found.append(line)
    return found


def _page(stage: Stage) -> bytes:
    """The first page as a browser gets it, once it is there."""
    found: list[bytes] = []

    def served() -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{stage.page_port}/", timeout=5) as got:
                found.append(got.read())
        except OSError:
            return False
        return True

    wait_until(stage, served, 600, "a page")
    return found[0]


def test_the_run_gave_secrets_a_chance_to_show(searched: Searched) -> None:
    """The precondition: all three logs exist, and the city sent its refusal of the token."""
    folder = searched.stage.scene.directory
    for log in ("gateway.log", "web.log", f"{AIR.node}/console.log"):
        assert (folder / log).is_file()
    assert "forward.stopped" in (folder / "gateway.log").read_text()
    notices = rows(searched.stage, "SELECT text FROM notice WHERE code = 'stopped'")
    assert notices, "people are told that the token is refused"
    assert len(searched.command_lines) >= 4


def test_no_file_of_the_run_holds_a_secret_but_its_own_place(searched: Searched) -> None:
    """Logs, consoles, databases with their journals, flash images, settings: every byte."""
    folder = searched.stage.scene.directory
    places = {
        folder / "sentilo.token",
        *(folder / n / "settings.json" for n in searched.stage.homes),
    }
    files = [path for path in folder.rglob("*") if path.is_file()]
    holding = [
        path for path in files if any(secret in path.read_bytes() for secret in searched.secrets)
    ]
    assert set(holding) == places


def test_the_places_of_secrets_are_for_their_owner_alone(searched: Searched) -> None:
    folder = searched.stage.scene.directory
    for path in (folder / "sentilo.token", folder / AIR.node / "settings.json"):
        assert path.stat().st_mode & 0o077 == 0


def test_no_process_is_started_with_a_secret_in_sight(searched: Searched) -> None:
    for line in searched.command_lines:
        assert not any(secret in line for secret in searched.secrets)


def test_the_token_travels_in_its_header_only(searched: Searched) -> None:
    token = searched.stage.token.encode()
    header = re.compile(rb"(?im)^identity_key:[ \t]*" + token + rb"\r?$")
    requests = list(searched.stage.record.requests)
    assert requests
    for request in requests:
        assert request.raw.count(token) == len(header.findall(request.raw)) == 1
        assert not any(secret in request.masked() for secret in searched.secrets)


def test_the_page_shows_no_secret(searched: Searched) -> None:
    assert b"<html" in searched.page
    assert not any(secret in searched.page for secret in searched.secrets)
