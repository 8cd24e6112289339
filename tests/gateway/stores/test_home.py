# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""home.db keeps what people said: appended, durable, and readable while it is written."""

import itertools
import os
import threading
from dataclasses import replace
from pathlib import Path

import apsw
import pytest

from barri.adapters.stores import home_amendments
from barri.adapters.stores.home import Home, HomeReader
from barri.domain.calibration import Calibration, Method
from barri.domain.corrections import CorrectionError
from barri.domain.corrections.chosen import ChosenCorrection
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


NOW_S = 1_800_014_400
BOARD = Board("a1b2c3", "balcony", HASH)


def calibration(offset_ddb: int | None = 13, from_s: int = NOW_S - 86_400) -> Calibration:
    method: Method = "" if offset_ddb is None else "calibrator"
    return Calibration("a1b2c3", from_s, NOW_S, offset_ddb, method, "the school's", 1)


def correction(thing: str = "balcony") -> ChosenCorrection:
    name = ("epa_pm2_5", "2021-airnow", "pms5003")
    return ChosenCorrection(thing, "pm2_5", NOW_S - 60, NOW_S, *name, 2)


def test_calibrations_and_corrections_are_appended_and_read_in_order(
    home: Home, path: Path
) -> None:
    home.add_board(BOARD)
    said = [calibration(), calibration(None), calibration(7, NOW_S - 999_999)]
    for each in said:
        home.add_calibration(each)
    raw_again = ChosenCorrection("balcony", "pm2_5", NOW_S, NOW_S)
    home.choose_correction(correction())
    home.choose_correction(raw_again)
    home.close()
    for view in (Home(path), HomeReader(path)):
        assert view.calibrations() == said
        assert view.corrections() == [correction(), raw_again]


def test_the_file_itself_keeps_the_history_of_calibrations(home: Home) -> None:
    home.add_board(BOARD)
    home.add_calibration(calibration())
    home.choose_correction(correction())
    for sql in (
        "UPDATE calibration SET offset_ddb = 0",
        "DELETE FROM calibration",
        "UPDATE correction SET name = ''",
        "DELETE FROM correction",
    ):
        with pytest.raises(apsw.ConstraintError, match="appended"):
            home._connection.execute(sql)


def test_what_is_not_known_cannot_be_calibrated_or_corrected(home: Home) -> None:
    with pytest.raises(HouseholdError, match="board 'a1b2c3' is not known here"):
        home.add_calibration(calibration())
    with pytest.raises(HouseholdError, match="thing 'attic' is not known here"):
        home.choose_correction(correction("attic"))
    with pytest.raises(CorrectionError, match="kitchen is indoors"):
        home.choose_correction(correction("kitchen"))
    assert home.calibrations() == []
    assert home.corrections() == []


def test_a_board_that_serves_no_longer_keeps_its_calibration(home: Home) -> None:
    home.add_board(BOARD)
    home.add_calibration(calibration())
    home.add_board(Board("a1b2c3", "kitchen", HASH, 5, NOW_S))
    assert home.calibrations() == [calibration()]


def test_there_is_an_end_to_what_one_board_can_fill(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(home_amendments, "MOST", 3)
    home.add_board(BOARD)
    for _ in range(3):
        home.add_calibration(calibration())
    with pytest.raises(HouseholdError, match="no more fit"):
        home.add_calibration(calibration())


def test_a_file_from_before_there_were_calibrations_is_read_and_opened(
    home: Home, path: Path
) -> None:
    home.add_board(BOARD)
    made = choose(home, "share")
    for table in ("calibration", "correction"):
        home._connection.execute(f"DROP TABLE {table}")
    home.close()
    reader = HomeReader(path)  # the gateway may be updated before `barri web` has run again
    assert (reader.calibrations(), reader.corrections()) == ([], [])
    again = Home(path)
    assert again.choices() == reader.choices() == [made]
    again.add_calibration(calibration())
    assert reader.calibrations() == [calibration()]


def test_two_processes_that_write_wait_for_each_other(home: Home, path: Path) -> None:
    """As `barri web` and a command do: nothing of either is lost."""
    home.add_board(BOARD)
    other = Home(path)

    def command() -> None:
        for _ in range(20):
            other.add_calibration(calibration())

    thread = threading.Thread(target=command)
    thread.start()
    for step in range(20):
        choose(home, ("share", "keep")[step % 2], now_s=step)
    thread.join()
    assert len(HomeReader(path).calibrations()) == 20
    assert len(HomeReader(path).choices()) == 20


def test_a_writer_that_never_lets_go_is_an_error_that_says_so(home: Home, path: Path) -> None:
    home.add_board(BOARD)
    other = Home(path)
    other._connection.set_busy_timeout(1)
    home._connection.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="another process: try again"):
        other.add_calibration(calibration())
    home._connection.execute("ROLLBACK")
    other.add_calibration(calibration())
    assert other.calibrations() == [calibration()]


def test_a_correction_for_outdoors_ends_when_the_thing_moves_indoors(path: Path) -> None:
    home = Home(path, now_s=lambda: NOW_S + 3600.5)
    home.add_thing(BALCONY)
    home.choose_correction(correction(BALCONY.id))
    home.add_thing(BALCONY)
    assert [one.name for one in home.corrections()] == ["epa_pm2_5"]
    for _ in range(2):  # said again, it ends no more than once
        home.add_thing(replace(BALCONY, indoor=True))
    chosen, end = home.corrections()
    assert (end.datastream, end.name) == (chosen.datastream, "")
    assert (end.from_s, end.at_s) == (NOW_S + 3600, NOW_S + 3600)
    home.add_thing(BALCONY)  # outdoors again: somebody has to choose again
    assert len(home.corrections()) == 2
    home.close()
