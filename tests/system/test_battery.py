# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A node on a battery over some hours: it sleeps between its windows, and nothing shows outside.

Its gateway is restarted meanwhile, and its power is cut in its sleep.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import pytest
from playing import MakeScene, console, kept_of, open_gateway, rows, wait_until

from barri_tools.demo.collect import evidence
from barri_tools.demo.evidence import Kept
from barri_tools.demo.stage import Stage
from barri_tools.demo.street import STREET
from barri_tools.sim.conductor import Awake

AIR = STREET[0]
WINDOW_S = 600
REPORT_EVERY = 3
NO_FAN = ("pm1", "pm2_5", "pm10")  # a particle sensor is no part for a battery


@dataclass(frozen=True)
class Nights:
    """kept: all that came. cut_s, back_s: without power, in Unix seconds of simulated time."""

    stage: Stage
    kept: list[Kept]
    cut_s: float
    back_s: float
    before_cut: int
    awake: list[Awake]


@pytest.fixture(scope="module")
def nights(make_scene: MakeScene) -> Iterator[Nights]:
    more = {"report_every": REPORT_EVERY, "unwanted": NO_FAN, "sealed": True}
    with Stage(make_scene((AIR,), window_s=WINDOW_S, speed=4.0, **more)) as stage:
        open_gateway(stage)
        stage.start_nodes()
        _wait_for_records(stage, 4)
        stage.kill_gateway()
        tried = lambda: "link: " in console(stage, AIR.node)  # noqa: E731
        wait_until(stage, tried, 5 * WINDOW_S, "a conversation that fails")
        open_gateway(stage)
        _wait_for_records(stage, 8)
        _sleep_once_more(stage)
        before_cut = len(_records(stage))
        stage.kill_node(AIR.node)
        cut_s = stage.now_s()
        stage.wait(100)
        stage.start_node(AIR.node)
        back_s = stage.now_s()
        _wait_for_records(stage, before_cut + 4)
        awake = list(stage.conductor.awake)
        stage.kill_node(AIR.node)
        stage.stop_gateway()
        yield Nights(stage, _records(stage), cut_s, back_s, before_cut, awake)


def _records(stage: Stage) -> list[Kept]:
    """Of the kit; a node's health is besides."""
    kept = kept_of(evidence(stage, int(stage.now_s())), "thing-air")
    return [record for record in kept if "temperature" in record.values]


def _wait_for_records(stage: Stage, count: int) -> None:
    wait_until(stage, lambda: len(_records(stage)) >= count, 20 * WINDOW_S, f"{count} records")


def _sleep_once_more(stage: Stage) -> None:
    """Wait for a cycle without a conversation: one record is then in memory alone."""
    wait_until(stage, stage.conductor.all_asleep, WINDOW_S, "asleep after the conversation")
    seen, cycles = len(_records(stage)), len(stage.conductor.awake)

    def slept() -> bool:
        return len(stage.conductor.awake) > cycles and stage.conductor.all_asleep()

    wait_until(stage, slept, 4 * WINDOW_S, "one cycle more")
    assert len(_records(stage)) == seen


def test_every_record_came_once_and_the_sequences_have_no_hole(nights: Nights) -> None:
    everything = kept_of(evidence(nights.stage, int(nights.stage.now_s())), "thing-air")
    assert len({record.store_id for record in everything}) == 1
    assert sorted(record.sequence for record in everything) == list(range(len(everything)))


def test_windows_are_those_of_utc_and_whole(nights: Nights) -> None:
    dated = [record for record in nights.kept if record.start_s is not None]
    assert len(dated) >= 10
    whole = [record for record in dated if record.duration_s == WINDOW_S]
    assert all(record.start_s % WINDOW_S == 0 for record in whole if record.start_s)
    assert len(dated) - len(whole) <= 2, "only the first window of a boot is shorter"


def test_a_power_cut_in_its_sleep_costs_what_waited_in_memory_and_nothing_else(
    nights: Nights,
) -> None:
    """One record waited, that of the last window that had ended."""
    spans = sorted((k.start_s, k.start_s + k.duration_s) for k in nights.kept if k.start_s)
    gaps = [(end, start) for (_, end), (start, _) in pairwise(spans) if start != end]
    lost = [gap for gap in gaps if gap[0] < nights.cut_s]
    assert len(lost) == 1
    from_s, until_s = lost[0]
    assert int(nights.cut_s) // WINDOW_S * WINDOW_S - from_s == WINDOW_S
    assert until_s >= int(nights.back_s)


def test_a_wake_is_not_a_boot(nights: Nights) -> None:
    said = console(nights.stage, AIR.node)
    assert said.count("boot 1") == said.count("boot 2") == 1
    assert "boot 3" not in said
    boots = rows(nights.stage, "SELECT boot FROM hello WHERE node = ?", AIR.node)
    assert {boot for (boot,) in boots} == {2}


def test_a_gateway_that_was_away_is_told_all_of_it_later(nights: Nights) -> None:
    assert "link: " in console(nights.stage, AIR.node)
    frames = rows(nights.stage, "SELECT count FROM frame WHERE node = ?", AIR.node)
    assert max(count for (count,) in frames) > REPORT_EVERY


def test_it_is_awake_for_a_hundredth_of_the_time(nights: Nights) -> None:
    awake_s = sum(cycle.until_us - cycle.from_us for cycle in nights.awake) / 1e6
    assert len(nights.awake) > 10
    assert awake_s < 0.01 * nights.awake[-1].until_us / 1e6
