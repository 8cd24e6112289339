# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What derive makes of hourly histograms: percentiles of hours and days, at home and shared.

Expected values come from numpy.percentile of the counted levels, spread evenly in their classes.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from derive_rig import NODE, NOON_S, THING, record

from barri.adapters.stores.derived import DerivedRows
from barri.domain.calibration import Calibration
from barri.domain.observation import Datastream
from barri.domain.windows import civil_day
from barri.rows import RollupKey
from barri_wire import EPOCH_2000_UNIX_S
from barri_wire.record import Record
from barri_wire.schema import EXTRAS

HISTOGRAM = EXTRAS["laf_histogram"]
HOUR_S = 3600
DAY_S = 86_400
MIDNIGHT_S = int(datetime(2027, 1, 15, tzinfo=ZoneInfo("Europe/Madrid")).timestamp())
STREET = {100: 3000, 104: 11_930, 110: 9000, 118: 4000, 130: 800}  # levels by class: an hour
NIGHT = {70: 20_000, 72: 8000, 90: 800}


def pieces(sequence, start_s, levels, duration_s=HOUR_S):
    """Records as a node makes them: sixteen classes each, from the quietest to the loudest."""
    begins = range(min(levels), max(levels) + 1, 16)
    rows = [(begin, *(levels.get(begin + i, 0) for i in range(16))) for begin in begins]
    wire_s = start_s - EPOCH_2000_UNIX_S
    return [Record(sequence + i, wire_s, duration_s, row) for i, row in enumerate(rows)]


def percentile(levels, percent, offset_ddb=0):
    spread = [5 * (c + (np.arange(n) + 0.5) / n) for c, n in levels.items()]
    return np.percentile(np.concatenate(spread), 100 - percent) + offset_ddb


def of(rig, quantity, window_s=HOUR_S):
    return {start_s: value for start_s, (_, value) in rig.rollups(quantity, window_s).items()}


def minute(sequence, start_s, **values):
    return record(sequence, start_s, 60, kit="noise", laeq=600, **values)


def test_an_hours_percentiles_come_of_its_histogram(rig):
    rig.clock.s = NOON_S + HOUR_S
    rig.frame(pieces(0, NOON_S, STREET), HISTOGRAM)
    rig.step()
    for quantity, percent in (("la10", 10), ("la50", 50), ("la90", 90)):
        found = of(rig, quantity)
        assert list(found) == [NOON_S]
        assert found[NOON_S] == pytest.approx(percentile(STREET, percent), abs=1)


def test_minutes_stay_when_the_hours_histogram_comes(rig):
    """A record of an hour is no sign that a node has begun to measure hours."""
    rig.clock.s = NOON_S + HOUR_S
    rig.frame([minute(i, NOON_S + 60 * i, la10=620) for i in range(60)], "noise")
    rig.frame(pieces(60, NOON_S, STREET), HISTOGRAM)
    rig.step()
    rig.frame([minute(70, NOON_S + HOUR_S, la10=630)], "noise")
    rig.step()
    assert len(rig.rollups("laeq", 60)) == 61
    assert of(rig, "la10", 60)[NOON_S + HOUR_S] == 630
    assert rig.query("SELECT * FROM rollup WHERE quantity LIKE 'laf_c%'") == []


def test_a_piece_that_comes_late_makes_the_hour_what_it_is(rig):
    rig.clock.s = NOON_S + HOUR_S
    whole = pieces(0, NOON_S, STREET)
    assert len(whole) == 2
    rig.frame(whole[:1], HISTOGRAM)
    rig.step()
    before = of(rig, "la10")[NOON_S]
    rig.frame(whole[1:], HISTOGRAM)
    rig.step()
    assert before < of(rig, "la10")[NOON_S]
    assert of(rig, "la10")[NOON_S] == pytest.approx(percentile(STREET, 10), abs=1)


def test_an_hour_of_which_too_little_was_heard_has_no_percentiles_yet(rig):
    rig.clock.s = NOON_S + HOUR_S
    rig.frame(pieces(0, NOON_S, {100: 21_000}), HISTOGRAM)
    rig.step()
    assert of(rig, "la50") == {NOON_S: None}
    rig.frame(pieces(1, NOON_S, {100: 600}), HISTOGRAM)
    rig.step()
    assert of(rig, "la50") == {NOON_S: 502}


def test_a_days_percentiles_are_of_its_hours_histograms(rig):
    """Eighteen loud hours and six quiet ones, of the day as the city's clocks show it."""
    rig.clock.s = MIDNIGHT_S + DAY_S
    for hour in range(24):
        levels = NIGHT if hour < 6 else STREET
        rig.frame(pieces(10 * hour, MIDNIGHT_S + HOUR_S * hour, levels), HISTOGRAM)
    rig.step()
    whole = {c: 18 * STREET.get(c, 0) + 6 * NIGHT.get(c, 0) for c in STREET | NIGHT}
    for quantity, percent in (("la10", 10), ("la50", 50), ("la90", 90)):
        found = of(rig, quantity, DAY_S)
        assert list(found) == [MIDNIGHT_S]
        assert found[MIDNIGHT_S] == pytest.approx(percentile(whole, percent), abs=1)
        assert len(of(rig, quantity)) == 24


def test_a_day_of_the_citys_clocks_has_23_or_25_hours():
    for day, hours in (((2027, 3, 28), 23), ((2027, 10, 31), 25), ((2027, 1, 15), 24)):
        noon_s = int(datetime(*day, 12, tzinfo=ZoneInfo("Europe/Madrid")).timestamp())
        assert civil_day(noon_s).length_s == hours * HOUR_S
        assert civil_day(civil_day(noon_s).end_s).start_s == civil_day(noon_s).end_s


def test_counts_over_a_boundary_are_of_neither_side(rig):
    """Nobody knows which of them were before: no hour has them, but the day."""
    rig.clock.s = NOON_S + 2 * HOUR_S
    rig.frame(pieces(0, NOON_S + 1200, {100: 28_000}), HISTOGRAM)
    rig.step()
    assert of(rig, "la50") == {}
    assert list(of(rig, "la50", DAY_S)) == [MIDNIGHT_S]


@pytest.mark.parametrize("row", [(None, *range(16)), (100, *[2100] * 16), (280, *[9] * 16)])
def test_what_no_microphone_counts_is_not_taken(rig, row):
    rig.clock.s = NOON_S + HOUR_S
    rig.frame([Record(0, NOON_S - EPOCH_2000_UNIX_S, HOUR_S, row)], HISTOGRAM)
    rig.step()
    assert of(rig, "la50") == {}


@pytest.mark.parametrize("offset_ddb", [13, -20, 25])
def test_a_calibration_moves_the_hour_and_is_stated(rig, offset_ddb):
    said = Calibration(NODE, NOON_S - DAY_S, NOON_S, offset_ddb, "calibrator", "school")
    rig.home.all_calibrations = [said]
    rig.clock.s = NOON_S + HOUR_S
    rig.frame(pieces(0, NOON_S, STREET), HISTOGRAM)
    before = rig.query("SELECT body, crc FROM frame")
    rig.step()
    for quantity, percent in (("la10", 10), ("la50", 50), ("la90", 90)):
        expected = percentile(STREET, percent, offset_ddb)
        assert of(rig, quantity)[NOON_S] == pytest.approx(expected, abs=5)  # a class
        key = RollupKey(Datastream(THING.id, quantity), HOUR_S, NOON_S)
        stated = rig.database.read(lambda c, key=key: DerivedRows(c).rollup(key).made_with)
        assert stated == said.name
    assert rig.query("SELECT body, crc FROM frame") == before


def test_a_nodes_own_percentiles_of_an_hour_are_not_replaced(rig):
    rig.clock.s = NOON_S + HOUR_S
    rig.frame([record(0, NOON_S, HOUR_S, kit="noise", la10=640)], "noise")
    rig.frame(pieces(1, NOON_S, STREET), HISTOGRAM)
    rig.step()
    assert of(rig, "la10") == {NOON_S: 640}
    assert list(of(rig, "la10", DAY_S)) == [MIDNIGHT_S]


# Shared


def hour_of_a_node(rig, hour, first, levels=STREET):
    """Sixty minutes and the histogram, in sequence as a node keeps them; returns the next one."""
    start_s = NOON_S + HOUR_S * hour
    rig.frame([minute(first + i, start_s + 60 * i, la10=700) for i in range(60)], "noise")
    counts = pieces(first + 60, start_s, levels)
    rig.frame(counts, HISTOGRAM)
    return first + 60 + len(counts)


def test_hours_are_shared_from_histograms_once_they_are_complete(rig):
    era = rig.home.choose("la10", "coarser", NOON_S - 5, HOUR_S)
    rig.clock.s = NOON_S + HOUR_S
    following = hour_of_a_node(rig, 0, 0)
    rig.step()
    assert rig.decided(era) == []  # a further piece might still come
    rig.clock.s = NOON_S + HOUR_S + 60
    rig.frame([minute(following, NOON_S + HOUR_S, la10=700)], "noise")
    rig.step()
    ((start_s, end_s, text),) = rig.decided(era)
    assert (start_s, end_s) == (NOON_S, NOON_S + HOUR_S)
    assert float(text) == pytest.approx(percentile(STREET, 10) / 10, abs=0.1)


def test_a_missing_piece_is_waited_for_and_then_counts(rig):
    era = rig.home.choose("la10", "coarser", NOON_S - 5, HOUR_S)
    rig.clock.s = NOON_S + HOUR_S + 60
    counts = pieces(60, NOON_S, STREET)
    rig.frame([minute(i, NOON_S + 60 * i) for i in range(60)], "noise")
    rig.frame(counts[:1], HISTOGRAM)
    rig.frame([minute(62, NOON_S + HOUR_S)], "noise")
    rig.step()
    assert rig.decided(era) == []
    rig.frame(counts[1:], HISTOGRAM)
    rig.step()
    ((_, _, text),) = rig.decided(era)
    assert float(text) == pytest.approx(percentile(STREET, 10) / 10, abs=0.1)


def test_what_was_shared_is_not_changed_by_what_comes_too_late(rig):
    era = rig.home.choose("la10", "coarser", NOON_S - 5, HOUR_S)
    rig.clock.s = NOON_S + HOUR_S
    counts = pieces(60, NOON_S, STREET)
    rig.frame(counts[:1], HISTOGRAM)
    rig.step()
    rig.clock.s += 2 * HOUR_S
    rig.step()
    ((_, _, first),) = rig.decided(era)
    at_home = of(rig, "la10")[NOON_S]
    rig.frame(counts[1:], HISTOGRAM)
    rig.step()
    assert [text for *_, text in rig.decided(era)] == [first]
    assert of(rig, "la10")[NOON_S] > at_home


def test_an_hour_of_minutes_alone_is_never_shared_as_a_percentile(rig):
    era = rig.home.choose("la10", "coarser", NOON_S - 5, HOUR_S)
    rig.clock.s = NOON_S + HOUR_S + 60
    rig.frame([minute(i, NOON_S + 60 * i, la10=700) for i in range(61)], "noise")
    rig.step()
    assert rig.decided(era) == []
    assert rig.query("SELECT count(*) FROM open_window") == [(0,)]


def test_nothing_of_before_the_choice_is_in_a_shared_hour(rig):
    era = rig.home.choose("la50", "coarser", NOON_S + 60, HOUR_S)
    rig.clock.s = NOON_S + 2 * HOUR_S
    rig.frame(pieces(0, NOON_S, STREET) + pieces(2, NOON_S + HOUR_S, NIGHT), HISTOGRAM)
    rig.step()
    rig.clock.s += 3 * HOUR_S
    rig.step()
    assert [start_s for start_s, *_ in rig.decided(era)] == [NOON_S + HOUR_S]


def test_minutes_are_shared_as_they_were_beside_histograms(rig):
    era = rig.home.choose("la10", "share", NOON_S - 5, 60)
    rig.clock.s = NOON_S + HOUR_S + 60
    hour_of_a_node(rig, 0, 0)
    rig.step()
    assert [text for *_, text in rig.decided(era)] == ["70.0"] * 60


def test_the_counts_themselves_are_never_offered_to_anybody(rig):
    with pytest.raises(Exception, match="never shared"):
        rig.home.choose("laf_count", "share", NOON_S - 5, HOUR_S)
