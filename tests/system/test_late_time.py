# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A node that nobody tells the time for its first minutes still gives dated values.

The street's temperature is a clock: it rises by 0.05 degC every second, so that a value says when
it was measured, whatever anybody believes.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playing import (
    MakeScene,
    Played,
    city_ends,
    console,
    end,
    kept_of,
    open_gateway,
    rows,
    share,
)

from barri.domain.household import Choice
from barri_tools.demo.stage import Stage
from barri_tools.demo.street import STREET
from barri_tools.sim.world import SyntheticStreet

AIR = STREET[0]
COLD_C = 5.0
RISE_C_PER_S = 0.05
DARK_S = 200
MOST_OFF_S = 3.0  # two roundings to a second, and the sampling of a window at its middle


class RisingStreet:
    """A street where temperature is time."""

    def __init__(self) -> None:
        self._street = SyntheticStreet(seed=3)

    def value(self, quantity: str, t_s: float) -> float | None:
        if quantity == "temperature":
            return COLD_C + RISE_C_PER_S * t_s
        return self._street.value(quantity, t_s)


def said_at_s(stage: Stage, value_c: float) -> float:
    """The moment at which the street had this temperature."""
    return stage.start_utc_s + (value_c - COLD_C) / RISE_C_PER_S


@dataclass(frozen=True)
class Late:
    """played; from when to when the nodes had no gateway; the choice made in between."""

    played: Played
    dark_s: tuple[float, float]
    early: Choice
    late: Choice
    page: Choice


@pytest.fixture(scope="module")
def late(make_scene: MakeScene) -> Iterator[Late]:
    with Stage(make_scene((AIR,), RisingStreet(), speed=20.0)) as stage:
        early = share(stage, "thing-air", "temperature", 60)
        page = share(stage, "thing-air", "pressure")
        stage.conductor.set_speed(1.0)
        stage.wait(5)  # no boundary of the node's uptime lies on one of UTC
        stage.start_nodes()
        stage.wait(1)
        from_s = stage.now_s()
        stage.conductor.set_speed(20.0)
        stage.wait(DARK_S)
        choice = share(stage, "thing-air", "humidity")
        until_s = stage.now_s()
        open_gateway(stage)
        stage.wait(150)
        # What has no date on the wire is not in the report; it is looked at below.
        yield Late(end(stage, 40), (from_s, until_s), early, choice, page)


def test_the_node_measured_from_its_first_second_on_without_a_date(late: Late) -> None:
    assert "gateway not reached" in console(late.played.stage, AIR.node)
    undated = [k for k in kept_of(late.played.evidence, "thing-air") if k.start_s is None]
    assert sum(k.duration_s for k in undated) >= DARK_S - 10
    assert min(k.sequence for k in undated) == 0


def test_its_minutes_are_dated_right(late: Late) -> None:
    """Each minute's mean temperature says when it was; the first minutes are among them."""
    stage, (from_s, until_s) = late.played.stage, late.dark_s
    minutes = rows(
        stage,
        "SELECT start_s, weight_s, value FROM rollup"
        " WHERE thing = 'thing-air' AND quantity = 'temperature' AND window_s = 60",
    )
    whole = {start_s: value for start_s, weight_s, value in minutes if weight_s == 60}
    dark = [s for s in whole if from_s <= s and s + 60 <= until_s]
    assert len(dark) >= 2
    for start_s, value in whole.items():
        assert abs(said_at_s(stage, value / 100) - (start_s + 30)) <= MOST_OFF_S


def test_what_was_agreed_before_is_given_with_the_right_times(late: Late) -> None:
    stage, (from_s, until_s) = late.played.stage, late.dark_s
    given = [r for r in stage.record.observations if r.sensor == late.early.era]
    assert [r for r in given if from_s < r.time_ms / 1000 - 60 and r.time_ms / 1000 < until_s]
    for row in given:
        assert abs(said_at_s(stage, float(row.value)) - (row.time_ms / 1000 - 30)) <= MOST_OFF_S


def test_what_was_measured_before_it_was_agreed_is_not_given(late: Late) -> None:
    ends = city_ends(late.played.stage, late.late.era)
    assert ends
    assert min(ends) - 10 > late.late.at_s


def test_a_window_that_the_first_sync_cut_short_is_not_given_as_one_measured(late: Late) -> None:
    """Somebody who shares windows of 10 s has not agreed to any of five, or of one."""
    decided = rows(
        late.played.stage,
        "SELECT start_s, end_s FROM decided JOIN stream ON stream.id = stream WHERE era = ?",
        late.page.era,
    )
    assert {end_s - start_s for start_s, end_s in decided} == {10}


def test_nothing_is_given_twice_or_without_consent(late: Late) -> None:
    assert (late.played.report.duplicated, late.played.report.leaked) == (0, 0)
    held = rows(late.played.stage, "SELECT reason, count FROM undated")
    assert held == [], "nothing waits for a date any more"
