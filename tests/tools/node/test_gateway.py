# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A board is entered while the page writes too; what cannot be written says what to do."""

import subprocess
import sys
import threading

import apsw
import pytest

from barri.adapters.sources.certificate import fingerprint, make_certificate
from barri.adapters.stores import database
from barri.adapters.stores.home import Home
from barri.config import Config
from barri.domain.household import Board, Recipient, Thing
from barri.domain.passwords import hash_password
from barri.errors import StoreError
from barri_tools.node import gateway
from barri_tools.node.errors import NodeSettingsError, RegistryError
from barri_tools.node.gateway import Registry, pinned_key

HASH = hash_password("a password of some length")
THING = Thing("ana", "Ana", "air")
# A process of its own that holds the file as a long write of the page would.
HOLD = """
import sys, apsw
connection = apsw.Connection(sys.argv[1])
connection.execute("BEGIN IMMEDIATE")
print("holding", flush=True)
sys.stdin.readline()
connection.execute("COMMIT")
"""


@pytest.fixture
def path(tmp_path):
    with Registry(tmp_path / "home.db") as home:
        home.add_thing(THING)
    return tmp_path / "home.db"


@pytest.fixture
def busy(path):
    """The page's process in the middle of a write; calling it lets the write end."""
    page = subprocess.Popen(
        [sys.executable, "-c", HOLD, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert page.stdout.readline() == b"holding\n"

    def end():
        page.communicate(b"\n")

    yield end
    if page.poll() is None:
        end()


def test_a_write_of_the_page_is_waited_for(path, busy):
    threading.Timer(0.3, busy).start()
    with Registry(path) as home:
        home.add_board(Board("abcd1234", "ana", HASH, 1))
        assert [board.node for board in home.boards()] == ["abcd1234"]


def test_the_wait_has_an_end_that_says_what_to_do(path, busy, monkeypatch):
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 50)
    with pytest.raises(RegistryError, match=r"another program.*let it end.*same command again"):
        Registry(path)


def test_so_has_a_wait_that_begins_after_it_was_opened(path, monkeypatch):
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 50)
    with Registry(path) as home:
        page = apsw.Connection(str(path))
        page.execute("BEGIN IMMEDIATE")
        with pytest.raises(RegistryError, match="let it end"):
            home.add_board(Board("abcd1234", "ana", HASH, 1))
        page.execute("COMMIT")
        home.add_board(Board("abcd1234", "ana", HASH, 1))
        assert len(home.boards()) == 1


def test_boards_are_entered_one_after_the_other_while_the_page_writes(path):
    page, stop, written = Home(path), threading.Event(), []

    def write_on():
        while not stop.is_set():
            page.add_recipient(Recipient("city", "sentilo", f"City {len(written)}"))
            written.append(1)
            stop.wait(0.005)

    writing = threading.Thread(target=write_on)
    writing.start()
    try:
        with Registry(path) as home:
            for number in range(20):
                home.add_board(Board(f"node{number}", "ana", HASH, 1))
            assert len(home.boards()) == 20
    finally:
        stop.set()
        writing.join()
        page.close()
    assert written


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(RegistryError, match=r"no folder .*elsewhere.*`data`"):
        Registry(tmp_path / "elsewhere" / "home.db")


@pytest.mark.parametrize("error", [apsw.ReadOnlyError("x"), PermissionError(13, "x")])
def test_a_user_who_may_not_write_is_told_as_whom_to_do_it(path, monkeypatch, error):
    def refuse(_):
        raise error

    monkeypatch.setattr(gateway, "Home", refuse)
    with pytest.raises(RegistryError, match=r"may not write.*sudo -u"):
        Registry(path)


def test_a_full_disk_is_called_so(path, monkeypatch):
    def refuse(*_):
        raise apsw.FullError("database or disk is full")

    with Registry(path) as home:
        monkeypatch.setattr(Home, "add_board", refuse)
        with pytest.raises(RegistryError, match="free space"):
            home.add_board(Board("abcd1234", "ana", HASH, 1))


def test_the_stores_own_words_stay(path, monkeypatch):
    def refuse(_):
        raise StoreError("home.db was written by a newer barri (9): update this one")

    monkeypatch.setattr(gateway, "Home", refuse)
    with pytest.raises(StoreError, match="newer barri"):
        Registry(path)


def test_only_its_owner_can_read_a_new_registry(path):
    assert path.stat().st_mode & 0o077 == 0


def test_a_registry_that_the_page_made_is_closed_to_strangers(tmp_path):
    """As keys go into it. Whoever shares its group, such as the gateway's user, still reads it."""
    page = Home(tmp_path / "home.db")
    page.add_thing(THING)
    for file in tmp_path.iterdir():
        file.chmod(0o664)
    with Registry(tmp_path / "home.db"):
        modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}
    page.close()
    assert modes == {"home.db": 0o660, "home.db-wal": 0o660, "home.db-shm": 0o660}


def config(directory, tls):
    return Config.model_validate({"data": directory, "broker": {"tls": tls}})


def test_without_tls_nothing_is_pinned(tmp_path):
    make_certificate(tmp_path)
    assert pinned_key(config(tmp_path, tls=False)) is None


def test_with_tls_the_gateways_own_certificate_is_pinned(tmp_path):
    certificate = make_certificate(tmp_path)
    assert pinned_key(config(tmp_path, tls=True)) == fingerprint(certificate)


def test_a_certificate_that_is_not_there_is_the_gateways_to_make(tmp_path):
    with pytest.raises(NodeSettingsError, match=r"broker\.crt is missing.*start barri gateway"):
        pinned_key(config(tmp_path, tls=True))
    assert list(tmp_path.iterdir()) == []
