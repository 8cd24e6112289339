# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
# ruff: noqa: B905, PLC0415  # MicroPython has none of those
"""The values of a health record. Runs on both interpreters."""

import sys

from barri_node.life.health import Health
from barri_wire.quantities import BY_NAME, plausible
from barri_wire.schema import EXTRAS

NAMES = (
    "reset_cause", "supply_voltage", "heap_free", "store_fill", "records_lost", "records_void",
    "link_failures", "rssi", "sensor_faults",
)  # fmt: skip


def _health(every=12, cause=3, fill=0, lost=0, void=0, failures=0, rssi=-60, faults=0, free=50000):
    given = [fill, lost, void, failures, rssi, faults]
    sources = [lambda i=i: given[i] for i in range(6)]
    frees = list(free) if isinstance(free, list) else None
    source = (lambda: frees.pop(0)) if frees else (lambda: free)
    return Health(cause, *sources, every=every, free=source)


def the_first_record_is_followed_by_one_and_then_every_twelfth():
    health = _health()
    due = [health.due() for _ in range(37)]
    assert [i for i in range(37) if due[i]] == [0, 12, 24, 36]


def every_single_one_if_wished():
    health = _health(every=1)
    assert [health.due() for _ in range(4)] == [True] * 4


def values_come_in_the_order_of_the_schema():
    health = _health(cause=3, fill=123, lost=4, void=9, failures=5, rssi=-71, faults=6, free=43210)
    health.due()
    assert health.values(3712) == (3, 3712, 432, 123, 4, 9, 5, -71, 6)


def a_record_goes_with_the_window_after_which_it_is_due():
    health = _health(every=2, cause=1)
    (record,) = health.records(600, 60, {"supply_voltage": 3712, "temperature": 215})
    assert record[:2] == (600, 60)
    assert record[2][:2] == (1, 3712)
    assert record[3] == EXTRAS["health"]
    assert [quantity.name for quantity in record[3].quantities] == list(NAMES)
    assert health.records(660, 60, {}) == []
    assert health.records(720, 60, {})[0][2][1] is None


def heap_is_the_lowest_since_the_record_before():
    health = _health(free=[50000, 20000, 40000, 30000, 45000])
    for _ in range(3):
        health.due()
    assert health.values()[2] == 200
    for _ in range(2):
        health.due()
    assert health.values()[2] == 300


def without_an_access_point_there_is_no_signal_strength():
    health = _health(rssi=None)
    health.due()
    assert health.values()[7] is None


def whatever_the_sources_say_is_kept_within_what_the_quantities_allow():
    for extreme in (-(1 << 40), 0, 1 << 40):
        health = _health(
            cause=99, fill=extreme, lost=abs(extreme), void=abs(extreme),
            failures=abs(extreme), rssi=extreme, faults=abs(extreme), free=extreme,
        )  # fmt: skip
        health.due()
        for name, value in zip(NAMES, health.values()):
            assert value is None or plausible(BY_NAME[name], value), (name, value)


def the_heap_of_this_process_can_be_asked_for_on_a_node():
    if sys.implementation.name == "micropython":
        from barri_node.life.health import heap_free

        assert 1000 < heap_free() < 64 << 20
