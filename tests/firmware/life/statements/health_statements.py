# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
# ruff: noqa: B905, PLC0415  # MicroPython has none of those
"""The values of a health record. Runs on both interpreters."""

import sys

from barri_node.life.health import Health
from barri_wire.quantities import BY_NAME, plausible

NAMES = (
    "reset_cause", "heap_free", "store_fill", "records_lost", "link_failures", "rssi",
    "sensor_faults",
)  # fmt: skip


def _health(every=10, cause=3, fill=0, lost=0, failures=0, rssi=-60, faults=0, free=50000):
    given = [fill, lost, failures, rssi, faults]
    sources = [lambda i=i: given[i] for i in range(5)]
    frees = list(free) if isinstance(free, list) else None
    source = (lambda: frees.pop(0)) if frees else (lambda: free)
    return Health(cause, *sources, every=every, free=source)


def the_first_record_is_followed_by_one_and_then_every_tenth():
    health = _health()
    due = [health.due() for _ in range(31)]
    assert [i for i in range(31) if due[i]] == [0, 10, 20, 30]


def every_single_one_if_wished():
    health = _health(every=1)
    assert [health.due() for _ in range(4)] == [True] * 4


def values_come_in_the_order_of_the_schema():
    health = _health(cause=3, fill=123, lost=4, failures=5, rssi=-71, faults=6, free=43210)
    health.due()
    assert health.values() == (3, 43210, 123, 4, 5, -71, 6)


def heap_is_the_lowest_since_the_record_before():
    health = _health(free=[50000, 20000, 40000, 30000, 45000])
    for _ in range(3):
        health.due()
    assert health.values()[1] == 20000
    for _ in range(2):
        health.due()
    assert health.values()[1] == 30000


def without_an_access_point_there_is_no_signal_strength():
    health = _health(rssi=None)
    health.due()
    assert health.values()[5] is None


def whatever_the_sources_say_is_kept_within_what_the_quantities_allow():
    for extreme in (-(1 << 40), 0, 1 << 40):
        health = _health(
            cause=99, fill=extreme, lost=abs(extreme), failures=abs(extreme), rssi=extreme,
            faults=abs(extreme), free=extreme,
        )  # fmt: skip
        health.due()
        for name, value in zip(NAMES, health.values()):
            assert plausible(BY_NAME[name], value), (name, value)


def the_heap_of_this_process_can_be_asked_for_on_a_node():
    if sys.implementation.name == "micropython":
        from barri_node.life.health import heap_free

        assert 1000 < heap_free() < 64 << 20
