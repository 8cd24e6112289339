# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""`barri calibration`: what people type, what they read, and what is in home.db after it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from barri.adapters.stores.home import Home, HomeReader
from barri.calibrating import app as calibration_app
from barri.cli import app
from barri.domain.calibration import parse_day
from barri.domain.household import Board, Thing
from barri.errors import BarriError

HASH = "$7$101$c2FsdA==$aGFzaA=="
PAGE = (Path(__file__).resolve().parents[3] / "docs" / "noise.md").read_text()


@pytest.fixture
def folder(tmp_path):
    home = Home(tmp_path / "home.db")
    home.add_thing(Thing("balcony", "Balcó", "noise"))
    home.add_thing(Thing("kitchen", "Cuina", "air", indoor=True))
    home.add_board(Board("a1b2c3", "balcony", HASH))
    home.close()
    (tmp_path / "barri.toml").write_text(f'data = "{tmp_path}"\n')
    return tmp_path


def run(folder, *words):
    """What a command says; its own error is raised."""
    words = ["calibration", *words, "--config", str(folder / "barri.toml")]
    result = CliRunner().invoke(app, words, env={"COLUMNS": "200"})
    if isinstance(result.exception, BarriError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def add(folder, **more):
    given = {"board": "a1b2c3", "offset-db": "+1.3", "method": "calibrator", "date": "2026-11-22"}
    given = {**given, **{name.replace("_", "-"): value for name, value in more.items()}}
    return run(
        folder, "add", *[word for name, value in given.items() for word in (f"--{name}", value)]
    )


def recorded(folder):
    reader = HomeReader(folder / "home.db")
    try:
        return reader.calibrations(), reader.corrections()
    finally:
        reader.close()


@pytest.fixture(autouse=True)
def late(monkeypatch):
    """It is the evening of 2026-11-23."""
    monkeypatch.setattr("barri.calibrating._now_s", lambda: parse_day("2026-11-23") + 70_000)


def test_a_calibration_is_recorded_with_day_method_and_note(folder):
    said = add(folder, note="school's calibrator, serial 17")
    assert "+1.3 dB for levels of a1b2c3 from 2026-11-22 on" in said
    assert "what was derived stays as it is" in said
    [one] = recorded(folder)[0]
    assert (one.node, one.offset_ddb, one.method, one.number) == ("a1b2c3", 13, "calibrator", 0)
    assert one.from_s == parse_day("2026-11-22")
    assert one.reference == "school's calibrator, serial 17"


def test_an_offset_below_zero_is_no_option(folder):
    add(folder, offset_db="-0.7", method="comparison")
    assert recorded(folder)[0][0].offset_ddb == -7


def test_the_list_shows_the_history_and_a_star_at_what_holds(folder):
    assert run(folder, "list") == "nothing is calibrated or corrected\n"
    add(folder, date="2026-10-01", offset_db="-0.7", method="comparison", note="by Núria")
    add(folder)
    add(folder, microphone="1")
    assert run(folder, "list").splitlines() == [
        "  a1b2c3 from 2026-10-01: -0.7 dB, comparison with a calibrated meter, by Núria"
        " (recorded 2026-11-23)",
        "* a1b2c3 from 2026-11-22: +1.3 dB, calibrator 94 dB (recorded 2026-11-23)",
        "* a1b2c3 microphone 1 from 2026-11-22: +1.3 dB, calibrator 94 dB (recorded 2026-11-23)",
    ]


def test_an_end_leaves_the_history_and_levels_as_they_come(folder):
    add(folder)
    assert "stay as they come from 2026-11-23 on" in run(folder, "end", "--board", "a1b2c3")
    made, ended = recorded(folder)[0]
    assert (made.offset_ddb, ended.offset_ddb) == (13, None)
    assert ended.from_s == parse_day("2026-11-23") + 70_000
    assert run(folder, "list").splitlines()[1].startswith("* a1b2c3 from 2026-11-23: ended")


@pytest.mark.parametrize("date", [[], ["--date", "2026-11-21"]])
def test_there_must_be_something_to_end(folder, date):
    if date:
        add(folder)
    with pytest.raises(BarriError, match="no calibration then: see barri calibration list"):
        run(folder, "end", "--board", "a1b2c3", *date)
    assert len(recorded(folder)[0]) == len(date) // 2


@pytest.mark.parametrize(
    ("wrong", "advice"),
    [
        ({"board": "z9y8x7"}, "board 'z9y8x7' is not known here"),
        ({"offset_db": "1,3"}, r"give it as \+1\.3"),
        ({"offset_db": "25"}, "better replaced"),
        ({"method": "ear"}, "say one of comparison, calibrator"),
        ({"date": "yesterday"}, "2026-11-22"),
        ({"date": "2026-12-24"}, "today or an earlier"),
        ({"note": "x" * 121}, "120 characters"),
    ],
)
def test_a_mistake_is_told_and_nothing_recorded(folder, wrong, advice):
    with pytest.raises(BarriError, match=advice):
        add(folder, **wrong)
    assert recorded(folder) == ([], [])


def test_a_correction_is_chosen_and_taken_off_again(folder):
    words = ["--thing", "balcony", "--quantity", "pm2_5"]
    epa = ["--name", "epa_pm2_5", "--version", "2021-airnow", "--sensor", "pms5003"]
    said = run(folder, "correct", *words, *epa)
    assert "epa_pm2_5 2021-airnow from 2026-11-23 on" in said
    assert "A record without humidity then gives no pm2_5." in said
    assert "stays as it comes" in run(folder, "raw", *words)
    assert [one.name for one in recorded(folder)[1]] == ["epa_pm2_5", ""]
    first, second = run(folder, "list").splitlines()
    assert first.startswith("  balcony pm2_5 from 2026-11-23: epa_pm2_5 2021-airnow, pms5003")
    assert second.startswith("* balcony pm2_5 from 2026-11-23: ended")


def test_a_correction_that_is_not_valid_there_is_refused(folder):
    epa = ["--quantity", "pm2_5", "--name", "epa_pm2_5", "--version", "2021-airnow"]
    with pytest.raises(BarriError, match="kitchen is indoors"):
        run(folder, "correct", "--thing", "kitchen", *epa, "--sensor", "pms5003")
    with pytest.raises(BarriError, match="valid for pms5003, not for sds011"):
        run(folder, "correct", "--thing", "balcony", *epa, "--sensor", "sds011")
    assert recorded(folder) == ([], [])


def test_no_home_is_made_where_there_is_none(tmp_path):
    (tmp_path / "barri.toml").write_text(f'data = "{tmp_path}"\n')
    for words in (["list"], ["end", "--board", "a1b2c3"]):
        with pytest.raises(BarriError, match="barri web"):
            run(tmp_path, *words)
    assert not (tmp_path / "home.db").exists()


def test_an_error_is_one_line_and_no_success(folder):
    barri = [sys.executable, "-c", "from barri.cli import main; main()", "calibration", "end"]
    words = ["--board", "a1b2c3", "--config", str(folder / "barri.toml")]
    done = subprocess.run([*barri, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == ("barri: a1b2c3 has no calibration then: see barri calibration list\n")


def test_every_command_of_the_page_exists_and_has_the_options_it_uses():
    used = re.findall(r"barri calibration (\w+)((?:[^\n`]|\\\n)*)", PAGE)
    assert {name for name, _ in used} >= {"add", "end", "list"}
    for name, rest in used:
        told = CliRunner().invoke(calibration_app, [name, "--help"], env={"COLUMNS": "200"})
        for option in re.findall(r"--[\w-]+", rest):
            assert option in told.output, f"{name} {option}"
