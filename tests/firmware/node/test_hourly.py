# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Histograms of an hour: each level of 125 ms is in exactly one record of one hour."""

from barri_node.hourly import Hourly
from barri_wire.schema import EXTRAS

HOUR_S = 3600


class FakeMeter:
    """counts: by class, as `noise/meter.py` counts them."""

    def __init__(self):
        self.counts = [0] * 280

    def histogram(self):
        return self.counts

    def clear_histogram(self):
        self.counts = [0] * 280


def minutes(hourly, meter, start_s, count, place):
    """So many minutes with 480 levels of one class; gives what is kept after them."""
    kept = []
    for i in range(count):
        meter.counts[place] += 480
        kept += hourly.records(start_s + 60 * i, 60, {})
    return kept


def counts_of(records):
    """Class and how often it was, over records."""
    return {
        values[0] + i: count
        for _, _, values, _ in records
        for i, count in enumerate(values[1:])
        if count
    }


def test_nothing_is_kept_before_the_hour_is_over():
    meter = FakeMeter()
    assert minutes(Hourly(meter), meter, 10 * HOUR_S, 59, 90) == []


def test_an_hour_is_one_record_where_levels_lie_close_together():
    meter = FakeMeter()
    (record,) = minutes(Hourly(meter), meter, 10 * HOUR_S, 60, 90)
    start_s, duration_s, values, schema = record
    assert (start_s, duration_s) == (10 * HOUR_S, HOUR_S)
    assert values == (90, 60 * 480, *[0] * 15)
    assert schema == EXTRAS["laf_histogram"]
    assert len(schema.channels) == len(values)


def test_levels_far_apart_are_in_records_of_sixteen_classes():
    meter = FakeMeter()
    hourly = Hourly(meter)
    minutes(hourly, meter, 0, 30, 60)
    records = minutes(hourly, meter, 1800, 30, 279)
    assert counts_of(records) == {60: 30 * 480, 279: 30 * 480}
    assert [values[0] for _, _, values, _ in records] == list(range(60, 280, 16))


def test_the_next_hour_begins_from_nothing():
    meter = FakeMeter()
    hourly = Hourly(meter)
    minutes(hourly, meter, 0, 60, 60)
    records = minutes(hourly, meter, HOUR_S, 60, 100)
    assert counts_of(records) == {100: 60 * 480}
    assert [record[:2] for record in records] == [(HOUR_S, HOUR_S)]


def test_what_was_heard_before_the_clock_was_set_is_in_the_same_hour():
    """Ten minutes of uptime, then the clock says 20 past: forty minutes later the hour ends."""
    meter = FakeMeter()
    hourly = Hourly(meter)
    assert minutes(hourly, meter, 0, 10, 60) == []
    utc_s = 500_000 * HOUR_S + 20 * 60
    records = minutes(hourly, meter, utc_s, 40, 60)
    assert [record[:2] for record in records] == [(utc_s - 600, 3000)]
    assert counts_of(records) == {60: 50 * 480}


def test_an_hour_without_sound_has_no_record():
    meter = FakeMeter()
    hourly = Hourly(meter)
    assert [hourly.records(60 * i, 60, {}) for i in range(60)] == [[]] * 60
