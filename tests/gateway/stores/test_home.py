# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""home.db keeps what people said: appended, durable, and readable while it is written."""

import itertools
import os
import threading
from pathlib import Path

import apsw
import pytest

from barri.adapters.stores.home import Home, HomeReader
from barri.domain.household import Board, Choice, HouseholdError, Recipient, Thing, in_force
from barri.errors import StoreError

BALCONY = Thing("balcony", "Balcó", "air", False, 41.4012, 2.1743, 9.0)
KITCHEN = Thing("kitchen", "Cuina", "noise", True)
CITY = Recipient("city", "sentilo", "Ajuntament")
HASH = "$7$101$c2FsdA==$aGFzaA=="


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home.db"


@pytest.fixture
def home(path: Path) -> Home:
    counter = itertools.count(1)
    home = Home(path, token=lambda n: f"{next(counter):0{2 * n}x}")
    home.add_thing(BALCONY)
    home.add_thing(KITCHEN)
    home.add_recipient(CITY)
    return home


def choose(home: Home, kind: str, window_s: int = 0, now_s: int = 100, **more: object) -> Choice:
    what = {"thing": "balcony", "quantity": "temperature", "number": 0, "recipient": "city"}
    return home.choose(**{**what, "kind": kind, "window_s": window_s, "now_s": now_s, **more})


def test_what_was_added_is_read_back_by_writer_and_reader(home: Home, path: Path) -> None:
    board = Board("a1b2c3", "balcony", HASH, 5)
    home.add_board(board)
    for view in (home, HomeReader(path)):
        assert view.things() == [BALCONY, KITCHEN]
        assert view.boards() == [board]
        assert view.recipients() == [CITY]
        assert view.choices() == []
        assert view.pseudonyms() == {}


def test_the_file_is_in_wal_mode_with_full_synchronisation(home: Home) -> None:
    assert home._connection.pragma("journal_mode") == "wal"
    assert home._connection.pragma("synchronous") == 2


def test_choices_survive_closing_and_opening(home: Home, path: Path) -> None:
    made = choose(home, "share")
    home.close()
    assert Home(path).choices() == [made]


def test_choices_are_appended_and_the_last_one_of_a_key_is_valid(home: Home) -> None:
    first = choose(home, "share", now_s=100)
    other = choose(home, "share", now_s=110, quantity="humidity")
    last = choose(home, "keep", now_s=120)
    assert home.choices() == [first, other, last]
    assert in_force(home.choices()) == {first.key: last, other.key: other}


def test_the_file_itself_refuses_to_change_or_delete_a_choice(home: Home) -> None:
    choose(home, "share")
    for sql in ("UPDATE choice SET kind = 'keep'", "DELETE FROM choice"):
        with pytest.raises(apsw.ConstraintError, match="appended"):
            home._connection.execute(sql)


def test_every_decision_to_give_has_a_fresh_era_and_keeping_has_none(home: Home) -> None:
    made = [choose(home, "share"), choose(home, "keep"), choose(home, "share")]
    made.append(choose(home, "coarser", 60))
    made.append(choose(home, "coarser", 3600))
    eras = [choice.era for choice in made]
    assert eras[1] == ""
    given = [era for era in eras if era]
    assert len(set(given)) == len(given) == 4


def test_real_eras_and_pseudonyms_are_16_hex_digits(path: Path) -> None:
    home = Home(path)
    home.add_thing(BALCONY)
    home.add_recipient(CITY)
    made = choose(home, "share")
    for text in (made.era, *home.pseudonyms().values()):
        assert len(text) == 16
        int(text, 16)
    assert made.era not in home.pseudonyms().values()


def test_saying_the_same_again_changes_nothing(home: Home) -> None:
    first = choose(home, "coarser", 60, now_s=100)
    assert choose(home, "coarser", 60, now_s=200) == first
    assert home.choices() == [first]


def test_a_pseudonym_lives_from_the_first_sharing_to_the_last(home: Home) -> None:
    choose(home, "keep")
    assert home.pseudonyms() == {}
    choose(home, "share")
    first = home.pseudonyms()
    assert list(first) == [("balcony", "city")]
    choose(home, "coarser", 60, quantity="humidity")
    choose(home, "keep")
    assert home.pseudonyms() == first
    choose(home, "keep", quantity="humidity")
    assert home.pseudonyms() == {}
    choose(home, "share")
    assert home.pseudonyms()[("balcony", "city")] != first[("balcony", "city")]


def test_each_recipient_knows_a_thing_by_another_pseudonym(home: Home) -> None:
    home.add_recipient(Recipient("school", "sentilo", "Escola"))
    choose(home, "share")
    choose(home, "share", recipient="school")
    assert len(set(home.pseudonyms().values())) == 2


@pytest.mark.parametrize(
    ("wrong", "advice"),
    [
        ({"thing": "attic"}, "thing 'attic' is not known here: add it first"),
        ({"recipient": "press"}, "recipient 'press' is not known here: add it first"),
        ({"quantity": "colour"}, "quantity"),
        ({"number": 16}, "number"),
        ({"kind": "publish"}, "kind: say one of keep, share, coarser"),
        ({"kind": "coarser", "window_s": 70}, "divide a day"),
        ({"kind": "coarser", "window_s": 0}, "divide a day"),
        ({"kind": "coarser", "window_s": 86_400 * 2}, "divide a day"),
        ({"kind": "coarser", "window_s": 15}, "whole windows of 10 s"),
        ({"kind": "coarser", "window_s": 10}, "at least two"),
    ],
)
def test_a_choice_that_makes_no_sense_is_refused_and_leaves_no_trace(
    home: Home, wrong: dict[str, object], advice: str
) -> None:
    asked = {"kind": "share", "measured_window_s": 10, **wrong}
    with pytest.raises(HouseholdError, match=advice):
        choose(home, **asked)
    assert home.choices() == []
    assert home.pseudonyms() == {}


@pytest.mark.parametrize(
    "place", [(0.0, 0.0), (91.0, 2.0), (41.0, 181.0), (41.0, None), (None, 2.0)]
)
def test_a_place_that_cannot_be_one_is_refused(place: tuple[float | None, float | None]) -> None:
    with pytest.raises(HouseholdError):
        Thing("a", "A", "air", False, *place)


def test_a_board_needs_a_known_thing_and_a_hashed_password(home: Home) -> None:
    with pytest.raises(HouseholdError, match="add it first"):
        home.add_board(Board("abcd", "attic", HASH))
    with pytest.raises(HouseholdError, match="hash") as refusal:
        Board("abcd", "balcony", "plain secret")
    assert "plain secret" not in str(refusal.value)
    assert HASH not in repr(Board("abcd", "balcony", HASH))


def test_the_registry_knows_serving_boards_only(home: Home, path: Path) -> None:
    home.add_board(Board("abcd", "balcony", HASH))
    home.add_board(Board("efgh", "balcony", HASH, 0, to_s=50))
    reader = HomeReader(path)
    assert reader.password_hash("abcd") == HASH
    assert reader.password_hash("efgh") is None
    assert reader.password_hash("stranger") is None


def test_a_missing_file_is_an_error_but_turns_nodes_away(tmp_path: Path) -> None:
    reader = HomeReader(tmp_path / "none.db")
    with pytest.raises(StoreError, match="barri web"):
        reader.choices()
    assert reader.password_hash("abcd") is None
    assert not (tmp_path / "none.db").exists()


def test_a_reader_cannot_write(home: Home, path: Path) -> None:
    reader = HomeReader(path)
    with pytest.raises(StoreError):
        reader._rows("INSERT INTO recipient VALUES('x', 'y', 'z')")


def test_a_reader_follows_a_file_that_was_replaced(home: Home, path: Path, tmp_path: Path) -> None:
    reader = HomeReader(path)
    assert len(reader.things()) == 2
    restored = Home(tmp_path / "restored.db")
    restored.add_thing(BALCONY)
    restored.close()
    home.close()
    for left_over in ("home.db-wal", "home.db-shm"):  # as every restore of SQLite must
        (tmp_path / left_over).unlink(missing_ok=True)
    os.replace(tmp_path / "restored.db", path)
    assert reader.things() == [BALCONY]


def test_readers_see_whole_decisions_while_they_are_being_written(home: Home, path: Path) -> None:
    reader, seen, done = HomeReader(path), [], threading.Event()

    def watch() -> None:
        while not done.is_set():
            seen.append(len(reader.choices()))

    watcher = threading.Thread(target=watch)
    watcher.start()
    for step in range(60):
        choose(home, ("share", "keep")[step % 2], now_s=step)
    done.set()
    watcher.join()
    assert seen == sorted(seen)
    assert len(reader.choices()) == 60


def test_a_file_of_a_newer_barri_is_left_alone(path: Path) -> None:
    connection = apsw.Connection(str(path))
    connection.pragma("user_version", 99)
    connection.close()
    with pytest.raises(StoreError, match="newer barri"):
        Home(path)
