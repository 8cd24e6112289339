# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Calibrations: what may be recorded, and which of them holds when."""

import random
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barri.domain.calibration import (
    LEVELS,
    METHODS,
    Calibration,
    Timeline,
    day_text,
    offset_text,
    parse_day,
    parse_offset,
)
from barri.domain.household import HouseholdError
from barri_wire.quantities import every_quantity

DAY = 86_400
FIRST = parse_day("2026-11-22")


def made(offset_ddb=13, from_s=FIRST, **more):
    method = "" if offset_ddb is None else "calibrator"
    return Calibration("a1b2c3", from_s, FIRST + 5 * DAY, offset_ddb, **{"method": method, **more})


def test_one_offset_moves_every_sound_level_there_is_and_nothing_else():
    in_db = {q.name for q in every_quantity() if q.unit == "dB[SPL]"}
    assert in_db == LEVELS
    assert {q.decimals for q in every_quantity() if q.name in LEVELS} == {1}


def test_a_day_begins_at_midnight_of_utc():
    assert datetime(2026, 11, 22, tzinfo=UTC).timestamp() == FIRST
    assert day_text(FIRST) == day_text(FIRST + DAY - 1) == "2026-11-22"
    assert day_text(FIRST - 1) == "2026-11-21"


@given(st.integers(-200, 200))
def test_offsets_are_read_as_they_are_written(offset_ddb):
    assert parse_offset(offset_text(offset_ddb)) == offset_ddb


@pytest.mark.parametrize(
    ("text", "offset_ddb"), [("1.3", 13), ("+1", 10), ("-0.5", -5), ("0", 0), ("-12.0", -120)]
)
def test_offsets_are_decibels_with_at_most_a_tenth(text, offset_ddb):
    assert parse_offset(text) == offset_ddb


@pytest.mark.parametrize(
    "text", ["", "1,3", "1.25", "1e3", "nan", "inf", "+-1", " 1", "1.", "٣", "1" * 500]
)
def test_what_is_no_offset_says_how_to_give_one(text):
    with pytest.raises(HouseholdError, match=r"as \+1\.3") as refused:
        parse_offset(text)
    assert len(str(refused.value)) < 90


@pytest.mark.parametrize("text", ["", "22.11.2026", "2026-02-30", "2026-11-22T10:00", "9" * 400])
def test_what_is_no_day_says_how_to_give_one(text):
    with pytest.raises(HouseholdError, match="2026-11-22"):
        parse_day(text)


@pytest.mark.parametrize(
    ("wrong", "advice"),
    [
        ({"offset_ddb": 201}, r"-20\.0 to \+20\.0 dB"),
        ({"offset_ddb": -201}, "better replaced"),
        ({"method": "guess"}, "comparison, calibrator"),
        ({"method": ""}, "comparison, calibrator"),
        ({"from_s": FIRST + 6 * DAY + 1}, "today or an earlier"),
        ({"from_s": parse_day("2019-12-31")}, "2020-01-01"),
        ({"reference": "x" * 121}, "120 characters"),
        ({"reference": "two\nlines"}, "one line"),
        ({"number": 16}, "microphone"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_to_do(wrong, advice):
    with pytest.raises(HouseholdError, match=advice):
        made(**wrong)


@pytest.mark.parametrize("node", ["", "abc", "A1B2C3", "a/b/c/d", "a" * 17])
def test_a_calibration_is_of_a_board(node):
    with pytest.raises(HouseholdError, match="board"):
        Calibration(node, FIRST, FIRST, 13, "comparison")


def test_the_bounds_themselves_are_allowed_and_every_method_has_words():
    for offset_ddb in (-200, 0, 200):
        for method in METHODS:
            assert made(offset_ddb, method=method).offset_ddb == offset_ddb


def test_the_name_says_board_day_and_offset_and_not_with_what_or_by_whom():
    assert made(13, reference="Núria").name == "a1b2c3 2026-11-22 +1.3 dB"
    assert made(-5).name == "a1b2c3 2026-11-22 -0.5 dB"


def test_the_one_that_began_last_holds_whenever_it_was_said():
    autumn, summer = made(13, FIRST), made(7, FIRST - 100 * DAY)
    line = Timeline([autumn, summer])  # the older one was found in a drawer
    assert line.at(FIRST - 100 * DAY - 1) is None
    assert line.at(FIRST - 100 * DAY) is summer
    assert line.at(FIRST - 1) is summer
    assert line.at(FIRST) is autumn
    assert line.at(FIRST + 1000 * DAY) is autumn


def test_of_one_day_the_last_said_holds():
    wrong, right = made(31), made(13)
    assert Timeline([wrong, right]).at(FIRST) is right


def test_an_end_of_the_same_day_withdraws_and_a_later_one_ends():
    one, two = made(13, FIRST - DAY), made(7, FIRST)
    withdrawn, ended = made(None, FIRST), made(None, FIRST + DAY)
    assert Timeline([one, two, withdrawn]).at(FIRST).offset_ddb is None
    assert Timeline([one, two, ended]).at(FIRST) is two
    assert Timeline([one, two, ended]).at(FIRST + DAY).offset_ddb is None


@given(st.lists(st.integers(0, 20), min_size=1, max_size=20), st.integers(0, 20))
def test_a_timeline_is_what_going_through_all_entries_gives(days, day):
    entries = [made(i, FIRST - days[i] * DAY) for i in range(len(days))]
    random.Random(3).shuffle(entries)
    expected = None
    for entry in entries:
        if entry.from_s <= FIRST - day * DAY and (
            expected is None or entry.from_s >= expected.from_s
        ):
            expected = entry
    assert Timeline(entries).at(FIRST - day * DAY) is expected
