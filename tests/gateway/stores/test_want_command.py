# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""`barri node want`: what people type, what they read, and what is in home.db after it."""

import asyncio

import pytest
from typer.testing import CliRunner

from barri.adapters.stores.database import Database, open_reader
from barri.adapters.stores.home import Home, HomeReader
from barri.adapters.stores.log import FrameLog
from barri.cli import app
from barri.domain.desired import Desired, Reported
from barri.domain.household import Board, HouseholdError, Thing
from barri.errors import BarriError
from barri.services import reading
from barri_wire.messages_desired import IN_FORCE, REFUSED_QUANTITY, VERSION_LIMIT

HASH = "$7$101$c2FsdA==$aGFzaA=="
KEY = "00112233445566778899aabbccddeeff"


@pytest.fixture
def folder(tmp_path):
    home = Home(tmp_path / "home.db")
    home.add_thing(Thing("balcony", "Balcó", "noise"))
    home.add_board(Board("a1b2c3", "balcony", HASH, seal_key=KEY))
    home.add_board(Board("d4e5f6", "balcony", HASH))
    home.add_board(Board("retired1", "balcony", HASH, to_s=5))
    home.close()
    (tmp_path / "barri.toml").write_text(f'data = "{tmp_path}"\n')
    return tmp_path


def want(folder, *words):
    """The lines that the command says; its own error is raised."""
    words = ["node", "want", *words, "--config", str(folder / "barri.toml")]
    result = CliRunner().invoke(app, words, env={"COLUMNS": "200"})
    if isinstance(result.exception, BarriError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output.splitlines()


def desired(folder):
    reader = HomeReader(folder / "home.db")
    try:
        return reader.desired()
    finally:
        reader.close()


def report(folder, *states):
    database = Database(folder / "gateway.db")
    asyncio.run(FrameLog(database).note_reported(states))
    database.close()


def test_before_anything_is_said_nothing_is_asked_for(folder):
    assert want(folder, "a1b2c3") == ["Asked for: nothing", "In force:  nothing was reported"]
    assert desired(folder) == {}


def test_what_is_not_to_be_measured_and_how_often(folder):
    said = want(folder, "a1b2c3", "--not", "lceq", "--not", "laeq", "--window", "60")
    assert said[0] == "Asked for: version 1: records of 60 s, without laeq lceq"
    assert said[2].startswith("Version 1 is not in force yet")
    one = desired(folder)["a1b2c3"]
    assert (one.version, one.window_s, one.unwanted) == (1, 60, ("laeq", "lceq"))


def test_what_is_not_named_stays_as_it_was_said(folder):
    want(folder, "a1b2c3", "--not", "laeq", "--window", "60")
    want(folder, "a1b2c3", "--window", "0")
    assert desired(folder)["a1b2c3"].unwanted == ("laeq",)
    want(folder, "a1b2c3", "--all")
    one = desired(folder)["a1b2c3"]
    assert (one.version, one.window_s, one.unwanted) == (3, 0, ())


def test_a_look_changes_nothing(folder):
    want(folder, "a1b2c3", "--not", "laeq")
    want(folder, "a1b2c3")
    assert desired(folder)["a1b2c3"].version == 1


def test_it_says_what_the_board_reported(folder):
    want(folder, "a1b2c3", "--not", "laeq")
    report(folder, Reported("a1b2c3", 1, IN_FORCE, 1795388530))
    assert want(folder, "a1b2c3") == [
        "Asked for: version 1: records as provisioned, without laeq",
        "In force:  version 1 (reported 2026-11-22 23:02 UTC)",
    ]


def test_it_says_why_the_board_refused(folder):
    want(folder, "a1b2c3", "--not", "laeq")
    report(folder, Reported("a1b2c3", 0, REFUSED_QUANTITY, 1795388530))
    said = want(folder, "a1b2c3")
    assert "update it" in said[2]
    assert "not in force yet" in said[3]


def test_after_a_backup_the_version_goes_on_above_what_the_board_has(folder):
    report(folder, Reported("a1b2c3", 41, IN_FORCE, 1795388530))
    want(folder, "a1b2c3", "--not", "laeq")
    assert desired(folder)["a1b2c3"].version == 42


def test_a_board_without_a_key_believes_nobody(folder):
    assert "no seal key" in want(folder, "d4e5f6", "--not", "laeq")[-1]


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        (("a1b2c3", "--not", "loudness"), "is no quantity"),
        (("a1b2c3", "--window", "7"), "divide a day"),
        (("a1b2c3", "--window", "7200"), "1 to 3600"),
        (("stranger", "--not", "laeq"), "does not serve here"),
        (("retired1", "--not", "laeq"), "does not serve here"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_changed(folder, words, advice):
    with pytest.raises(HouseholdError, match=advice):
        want(folder, *words)
    assert desired(folder) == {}


def test_all_and_not_contradict_each_other(folder):
    words = ["node", "want", "a1b2c3", "--all", "--not", "laeq"]
    result = CliRunner().invoke(app, [*words, "--config", str(folder / "barri.toml")])
    assert result.exit_code == 2
    assert desired(folder) == {}


def test_an_older_version_never_takes_the_place_of_a_newer_one(folder):
    home = Home(folder / "home.db")
    home.desire(Desired("a1b2c3", 5, 60))
    for version in (4, 5):
        with pytest.raises(HouseholdError, match="newer"):
            home.desire(Desired("a1b2c3", version, 10))
    home.desire(Desired("a1b2c3", VERSION_LIMIT - 1))
    with pytest.raises(HouseholdError, match="no more versions"):
        home.desired()["a1b2c3"].changed(VERSION_LIMIT, 0, 10, None)
    with pytest.raises(HouseholdError, match="not known here"):
        home.desire(Desired("nobody", 1))
    home.close()


def test_files_from_before_there_was_any_say_nothing(folder):
    home = Home(folder / "home.db")
    home._connection.execute("DROP TABLE desired")
    assert home.desired() == {}
    home.close()
    report(folder)
    database = Database(folder / "gateway.db")
    database.write_now(lambda connection: connection.execute("DROP TABLE reported") and None)
    database.close()
    assert reading.reported(open_reader(folder / "gateway.db")) == {}
