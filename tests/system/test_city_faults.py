# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A city that misbehaves: what it stored without saying so, half stored, or refused for a day."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile

import pytest
from playing import (
    MakeScene,
    Played,
    city_ends,
    end,
    open_gateway,
    power_on,
    rows,
    share,
    twice,
    wait_until,
)

from barri_tools.demo.stage import Stage
from barri_tools.demo.street import STREET
from barri_tools.sandbox.sentilo import End, Fault
from barri_wire import EPOCH_2000_UNIX_S

AIR, _, ENERGY = STREET
DAY_S = 86_400


@dataclass(frozen=True)
class Doubted:
    """played: the scene. faulty: numbers of the requests that stored something, unanswered."""

    played: Played
    faulty: list[int]
    batches: list[str]


@pytest.fixture(scope="module")
def doubted(make_scene: MakeScene) -> Iterator[Doubted]:
    """Three requests in a row: one never answered, one half stored, one cut off; all stored."""
    with Stage(make_scene((AIR,))) as stage:
        for quantity in ("temperature", "humidity", "pressure", "light"):
            share(stage, "thing-air", quantity)
        open_gateway(stage)
        power_on(stage)
        wait_until(stage, lambda: stage.record.observations, 200, "a first value in the city")
        batches: list[str] = []
        for fault in (
            Fault(End.HANG, None, 1, "P", "/data"),
            Fault(End.ERROR, 1, 1, "P", "/data"),
            Fault(End.CLOSE, None, 1, "P", "/data"),
        ):
            stage.city.faults.add(fault)
            wait_until(stage, lambda fault=fault: fault.times == 0, 200, "a request to spoil")
            wait_until(stage, lambda: _in_doubt(stage), 400, "doubt about it")
            batches.append(_in_doubt(stage)[0][0])
            wait_until(stage, lambda: not _in_doubt(stage), 200, "an end of the doubt")
        played = end(stage)
        faulty = [r.request for r in stage.record.requests if r.status in (0, 500)]
        yield Doubted(played, faulty, batches)


def _in_doubt(stage: Stage) -> list[tuple[str]]:
    return rows(stage, "SELECT sink FROM batch WHERE doubt_s IS NOT NULL")


def test_each_spoilt_request_stored_something_that_the_gateway_was_not_told_of(
    doubted: Doubted,
) -> None:
    """The precondition of the two statements below."""
    assert len(doubted.faulty) == 3
    stored = [row.request for row in doubted.played.stage.record.observations]
    assert all(number in stored for number in doubted.faulty)
    assert len(doubted.batches) == 3


def test_a_request_that_was_stored_but_not_answered_is_not_sent_again(doubted: Doubted) -> None:
    arrived = [(row.sensor, row.end_s) for row in doubted.played.evidence.arrived]
    assert not twice(arrived)
    assert doubted.played.report.duplicated == 0


def test_a_request_that_was_half_stored_is_completed(doubted: Doubted) -> None:
    report = doubted.played.report
    assert report.observations_shared > 40
    assert (report.lost, report.leaked, report.unresolved) == (0, 0, 0), report.findings


def test_doubt_is_settled_by_asking_with_explicit_bounds_before_anything_is_sent(
    doubted: Doubted,
) -> None:
    """What is missing after a first question is asked for once more before it is sent again."""
    lines = [r.raw.split(b"\r\n", 1)[0] for r in doubted.played.stage.record.requests]
    for number in doubted.faulty:
        later = lines[number + 1 :]
        asked = list(takewhile(lambda line: line.startswith(b"GET /data"), later))
        assert asked
        assert all(b"from=" in line and b"to=" in line for line in asked)
        half_stored = doubted.played.stage.record.requests[number].status == 500
        assert bool(twice(asked)) == half_stored


# A day.


@dataclass(frozen=True)
class Night:
    """A city that was away for a day. attempts: connections that it cut."""

    played: Played
    down_s: tuple[float, float]
    attempts: int
    era: str
    decided_while_down: int


class _CountedDown(Fault):
    """A fault that counts how often it struck."""

    struck = 0

    def due(self, now: float) -> bool:
        is_due = super().due(now)
        self.struck += is_due
        return is_due


@pytest.fixture(scope="module")
def night(make_scene: MakeScene) -> Iterator[Night]:
    """The node measures in the first and the last hour of the day; between it is off."""
    with Stage(make_scene((AIR,), window_s=600, speed=100.0)) as stage:
        choice = share(stage, "thing-air", "temperature")
        share(stage, "thing-air", "humidity", 1200)
        open_gateway(stage)
        power_on(stage)
        stage.conductor.set_speed(300.0)
        wait_until(stage, lambda: city_ends(stage, choice.era), 4000, "a first value in the city")
        down_s = (stage.now_s(), stage.now_s() + DAY_S)
        fault = _CountedDown(End.RESET, 0, None, from_s=down_s[0], until_s=down_s[1])
        stage.city.faults.add(fault)
        stage.wait(3600)
        stage.kill_node(AIR.node)
        stage.conductor.set_speed(6000.0)
        stage.wait(down_s[1] - 3600 - stage.now_s())
        power_on(stage, AIR.node)
        stage.conductor.set_speed(300.0)
        stage.wait(max(0, down_s[1] - 5 - stage.now_s()))
        decided = rows(stage, "SELECT count(*) FROM decided")[0][0]
        stage.wait(1500)
        yield Night(end(stage, 3600), down_s, fault.struck, choice.era, decided)


def test_a_city_that_is_down_for_a_day_gets_everything_once_afterwards(night: Night) -> None:
    report = night.played.report
    from_s, until_s = night.down_s
    ends = city_ends(night.played.stage, night.era)
    assert [end_s for end_s in ends if from_s < end_s <= from_s + 3600]
    assert [end_s for end_s in ends if until_s - 3600 < end_s <= until_s]
    assert (report.lost, report.duplicated, report.leaked) == (0, 0, 0), report.findings
    assert report.unresolved == 0


def test_nothing_reached_the_city_while_it_was_down(night: Night) -> None:
    from_s, until_s = night.down_s
    assert not [
        row for row in night.played.stage.record.observations if from_s < row.received_s < until_s
    ]
    assert night.decided_while_down >= 6


def test_the_values_of_a_stream_come_in_the_order_they_were_decided(night: Night) -> None:
    ends = city_ends(night.played.stage, night.era)
    assert ends == sorted(ends)


def test_a_city_that_is_down_is_left_in_peace(night: Night) -> None:
    """Waits double up to five minutes, a quarter of chance on top: at most 300 tries a day.

    Fewer here: at 6000 times the speed each try itself takes minutes of simulated time.
    """
    assert 20 < night.attempts < 400


def test_the_log_holds_no_record_of_the_hours_the_node_was_off(night: Night) -> None:
    starts = [kept.start_s for kept in night.played.evidence.kept if kept.start_s is not None]
    from_s, until_s = night.down_s
    assert all(s > EPOCH_2000_UNIX_S for s in starts)
    assert not [s for s in starts if from_s + 4200 < s < until_s - 4200]
