# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Who a board is: the same in the registry and on the board, never shown, replaced in step."""

import json

import pytest
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

from barri.adapters.sources.sealed import SealedSource
from barri.adapters.stores.home import HomeReader
from barri.domain.household import HouseholdError
from barri.domain.passwords import verify_password
from barri.domain.secret import Secret
from barri.ports import Arrival
from barri_node.settings_file import read
from barri_tools.node import provision, settings_file
from barri_tools.node.errors import CopyError, NodeSettingsError, RegistryError
from barri_tools.node.gateway import Registry
from barri_wire.seal import seal
from barri_wire.topics import topic

NOW_S = 1_800_000_000
WIFI = {"name": "neighbours", "password": "correct horse"}
NETWORK = provision.Wifi("neighbours", Secret("correct horse"))
WISH = provision.Wish("ana-balcony", "Ana's balcony", "air", "192.168.1.10", 1883, 60, NETWORK)


@pytest.fixture
def home(tmp_path):
    with Registry(tmp_path / "home.db") as opened:
        yield opened


def settings_of(board):
    return json.loads((board.files / "settings.json").read_bytes())


def serving(home, thing="ana-balcony"):
    return [b.node for b in home.boards() if b.thing == thing and b.to_s is None]


def test_board_and_registry_agree_and_the_firmware_takes_it(board, console, home, tmp_path):
    done = provision.provision(home, console, WISH, NOW_S)
    given = settings_of(board)
    assert read(given).node == done.node
    stored = HomeReader(tmp_path / "home.db").password_hash(done.node)
    assert verify_password(given["secret"], stored)
    (entered,) = home.boards()
    assert (entered.node, entered.thing, entered.from_s, entered.to_s) == (
        done.node,
        "ana-balcony",
        NOW_S,
        None,
    )
    assert [thing.name for thing in home.things()] == ["Ana's balcony"]
    assert (given["host"], given["port"], given["window_s"]) == ("192.168.1.10", 1883, 60)


def test_a_board_is_told_that_it_is_on_a_battery_and_stays_so_until_told_otherwise(
    board, console, home
):
    for asked, every in ((None, 0), (True, 10), (None, 10), (False, 0)):
        provision.provision(home, console, WISH._replace(battery=asked), NOW_S)
        assert read(settings_of(board)).report_every == every


def test_a_kit_that_listens_all_the_time_is_not_put_on_a_battery(board, console, home):
    with pytest.raises(NodeSettingsError, match="mode: mains"):
        provision.provision(home, console, WISH._replace(kit="noise", battery=True), NOW_S)


def test_every_board_has_a_key_of_its_own(board, console, home):
    seen = set()
    for place in ("one", "two", "three"):
        provision.provision(home, console, WISH._replace(thing=place), NOW_S)
        given = settings_of(board)
        seen.add((given["node"], given["secret"], given["seal_key"]))
    assert [len(set(column)) for column in zip(*seen, strict=True)] == [3, 3, 3]


def test_both_ends_have_the_same_seal_key_and_only_the_board_has_its_password(
    board, console, home, tmp_path
):
    done = provision.provision(home, console, WISH, NOW_S)
    key = settings_of(board)["seal_key"]
    assert HomeReader(tmp_path / "home.db").seal_key(done.node) == bytes.fromhex(key)
    assert len(key) == 32
    assert read(settings_of(board)).seal_key.reveal() == key


def test_what_a_board_seals_passes_the_gateways_door_and_the_former_keys_seals_do_not(
    board, console, home, tmp_path
):
    done = provision.provision(home, console, WISH, NOW_S)
    before = settings_of(board)["seal_key"]
    reader = HomeReader(tmp_path / "home.db")
    assert heard(reader, done.node, before) == "frame"
    provision.provision(home, console, WISH, NOW_S + 9)
    assert heard(reader, done.node, settings_of(board)["seal_key"]) == "frame"
    assert heard(reader, done.node, before) == "unsealed"


def heard(reader, node, key):
    """The kind of message that the gateway takes a sealed frame for."""
    taken = []

    class Inbox:
        def offer(self, arrival):
            taken.append(arrival.kind)
            return True

    def mac(octets):
        cmac = CMAC(AES(bytes.fromhex(key)))
        cmac.update(octets)
        return cmac.finalize()

    sealed = seal(mac, topic(node, "up", "frame"), bytes(8), 0, b"what was measured")
    arrival = Arrival(node, "frame", sealed, 100, lambda: None)
    SealedSource(None, reader.seal_key).offer(arrival, Inbox())
    return taken[0]


def test_the_secret_is_nowhere_but_on_the_board(board, console, home, tmp_path, capfd):
    done = provision.provision(home, console, WISH, NOW_S)
    secret, seal_key = settings_of(board)["secret"].encode(), settings_of(board)["seal_key"]
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("home.db*"))
    assert secret not in stored
    assert seal_key.encode() in stored, "the gateway reckons with it too"
    assert b"correct horse" not in stored
    assert settings_of(board)["secret"] not in repr(done)
    assert "correct horse" not in repr(WISH)
    told = "".join(capfd.readouterr())
    assert settings_of(board)["secret"] not in told
    assert seal_key not in told + repr(done) + repr(home.__dict__)
    assert "correct horse" not in told


def test_a_known_board_keeps_its_key_when_only_its_wifi_changes(board, console, home):
    first = provision.provision(home, console, WISH, NOW_S)
    secret, seal_key = settings_of(board)["secret"], settings_of(board)["seal_key"]
    (board.files / "data").mkdir()
    (board.files / "data/kept").write_bytes(b"records")
    wifi = provision.Wifi("new router", Secret("another one"))
    again = provision.provision(home, console, WISH._replace(wifi=wifi, name=""), NOW_S + 9)
    assert (again.node, again.kept_identity) == (first.node, True)
    assert settings_of(board)["secret"] == secret
    assert settings_of(board)["seal_key"] != seal_key
    assert settings_of(board)["wifi"] == {"name": "new router", "password": "another one"}
    assert home.boards()[0].from_s == NOW_S
    assert (board.files / "data/kept").exists()
    assert [thing.name for thing in home.things()] == ["Ana's balcony"]


def test_no_wifi_asked_for_keeps_the_one_there_is(board, console, home):
    provision.provision(home, console, WISH, NOW_S)
    provision.provision(home, console, WISH._replace(wifi=None, window_s=30), NOW_S)
    assert settings_of(board)["wifi"] == WIFI
    assert settings_of(board)["window_s"] == 30


def test_a_new_board_takes_over_the_thing_and_its_series_goes_on(board, console, home, tmp_path):
    old = provision.provision(home, console, WISH, NOW_S)
    for name in ("settings.json", "settings.previous.json"):
        console.remove(name)  # another board is plugged in
    with pytest.raises(RegistryError, match=f"already has the board {old.node}.*--replace"):
        provision.provision(home, console, WISH, NOW_S + 100)
    assert not (board.files / "settings.json").exists()
    new = provision.provision(home, console, WISH._replace(take_over=True), NOW_S + 100)
    assert new.replaced == old.node
    assert serving(home) == [new.node]
    spans = {b.node: (b.thing, b.from_s, b.to_s) for b in home.boards()}
    assert spans[old.node] == ("ana-balcony", NOW_S, NOW_S + 100)
    assert spans[new.node] == ("ana-balcony", NOW_S + 100, None)
    assert len(home.things()) == 1
    reader = HomeReader(tmp_path / "home.db")
    assert (reader.seal_key(old.node), reader.password_hash(old.node)) == (None, None)
    assert [b.seal_key for b in home.boards() if b.node == old.node] == [""], "nor is it kept"
    assert reader.seal_key(new.node) == bytes.fromhex(settings_of(board)["seal_key"])


def test_a_board_that_moves_serves_its_old_place_no_more_and_takes_no_records_along(
    board, console, home
):
    provision.provision(home, console, WISH, NOW_S)
    (board.files / "data/log").mkdir(parents=True)
    (board.files / "data/log/000").write_bytes(b"what Ana's flat measured")
    (board.files.parent / "barri_log.bin").write_bytes(b"records".ljust(32 * 4096, b"\x00"))
    moved = WISH._replace(thing="ben-roof", name="Ben's roof")
    done = provision.provision(home, console, moved, NOW_S + 50)
    assert serving(home) == []
    assert serving(home, "ben-roof") == [done.node]
    assert not (board.files / "data/log/000").exists()
    assert set((board.files.parent / "barri_log.bin").read_bytes()) == {0xFF}


def test_a_fresh_key_can_be_asked_for(board, console, home):
    first = provision.provision(home, console, WISH, NOW_S)
    wish = WISH._replace(fresh=True, take_over=True)
    second = provision.provision(home, console, wish, NOW_S + 5)
    assert second.node != first.node
    assert serving(home) == [second.node]


def test_a_forged_identity_is_not_kept(board, console, home):
    """A board that names a known node, with another secret."""
    first = provision.provision(home, console, WISH, NOW_S)
    forged = {**settings_of(board), "secret": "0" * 32}
    settings_file.store(console, forged)
    done = provision.provision(home, console, WISH._replace(take_over=True), NOW_S + 1)
    assert done.node != first.node
    assert not done.kept_identity


def test_a_new_place_needs_a_name(console, home):
    with pytest.raises(HouseholdError, match="--name"):
        provision.provision(home, console, WISH._replace(name=""), NOW_S)
    assert home.boards() == []


def test_a_board_that_falls_silent_is_not_in_the_registry(board, console, home):
    board.cable.drop_after = board.cable.passed + 1500
    with pytest.raises(CopyError):
        provision.provision(home, console, WISH, NOW_S)
    assert home.boards() == []


class FullDisk(Registry):
    """Opens, and can write no board."""

    def add_board(self, board):
        raise RegistryError("no room")


def test_a_registry_that_fails_leaves_a_known_board_with_the_keys_it_knows(
    board, console, home, tmp_path
):
    done = provision.provision(home, console, WISH, NOW_S)
    before = settings_of(board)
    with FullDisk(tmp_path / "home.db") as full, pytest.raises(RegistryError, match="no room"):
        provision.provision(full, console, WISH._replace(window_s=30), NOW_S + 1)
    assert settings_of(board) == before
    assert HomeReader(tmp_path / "home.db").seal_key(done.node).hex() == before["seal_key"]
    again = provision.provision(home, console, WISH._replace(window_s=30), NOW_S + 2)
    assert again.kept_identity


def test_the_gateways_certificate_is_pinned_and_let_go_of(board, console, home):
    pinned = "ab" * 32
    provision.provision(home, console, WISH._replace(gateway_key=pinned), NOW_S)
    assert read(settings_of(board)).gateway_key == pinned
    provision.provision(home, console, WISH, NOW_S)
    assert read(settings_of(board)).gateway_key is None


def test_what_cannot_work_is_refused_before_records_are_erased(board, console, home):
    (board.files / "data").mkdir()
    (board.files / "data/kept").write_bytes(b"records")
    with pytest.raises(NodeSettingsError, match="window_s"):
        provision.provision(home, console, WISH._replace(window_s=7), NOW_S)
    assert (board.files / "data/kept").exists()
    assert home.boards() == []


def test_settings_that_newer_firmware_keeps_there_stay(board, console, home):
    provision.provision(home, console, WISH, NOW_S)
    settings_file.store(console, {**settings_of(board), "mode": "battery"})
    provision.provision(home, console, WISH, NOW_S)
    assert settings_of(board)["mode"] == "battery"


def test_a_board_is_retired_once(console, home):
    done = provision.provision(home, console, WISH, NOW_S)
    assert provision.retire(home, done.node, NOW_S + 7)
    assert not provision.retire(home, done.node, NOW_S + 8)
    assert home.boards()[0].to_s == NOW_S + 7
