# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""kill -9 of a node and of the gateway, with its broker, in mid-stream: nothing shows outside."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playing import (
    MakeScene,
    Played,
    console,
    end,
    kept_of,
    open_gateway,
    power_on,
    reach_mid_window,
    rows,
    share,
)
from playing import twice as more_than_once

from barri_tools.demo.stage import Stage
from barri_tools.demo.street import STREET

AIR, _, ENERGY = STREET
GATEWAY_GONE_S = 30


@dataclass(frozen=True)
class Killed:
    """What happened when (Unix seconds of simulated time), and what was left."""

    played: Played
    node_killed_s: float
    node_back_s: float
    gateway_gone: list[tuple[float, float]]


@pytest.fixture(scope="module")
def killed(make_scene: MakeScene) -> Iterator[Killed]:
    with Stage(make_scene((AIR, ENERGY))) as stage:
        share(stage, "thing-air", "temperature")
        share(stage, "thing-air", "humidity", 20)
        share(stage, "thing-energy", "energy_import", 20)
        open_gateway(stage)
        power_on(stage)
        stage.wait(60)
        reach_mid_window(stage)
        stage.kill_node(AIR.node)
        node_killed_s = stage.now_s()
        stage.wait(25)
        power_on(stage, AIR.node)
        node_back_s = stage.now_s()
        stage.wait(60)
        gone = [_without_gateway(stage) for _ in range(2)]
        yield Killed(end(stage), node_killed_s, node_back_s, gone)


def _without_gateway(stage: Stage) -> tuple[float, float]:
    """kill -9 the gateway, and with it its broker, for a while."""
    reach_mid_window(stage)
    stage.kill_gateway()
    from_s = stage.now_s()
    stage.wait(GATEWAY_GONE_S)
    open_gateway(stage)
    until_s = stage.now_s()
    stage.wait(50)
    return from_s, until_s


def test_a_killed_node_starts_again_and_goes_on(killed: Killed) -> None:
    said = console(killed.played.stage, AIR.node)
    assert "boot 1" in said
    assert "boot 2" in said
    starts = [k.start_s for k in kept_of(killed.played.evidence, "thing-air") if k.start_s]
    assert any(start_s > killed.node_back_s for start_s in starts)


def test_a_killed_node_loses_nothing_that_was_closed(killed: Killed) -> None:
    """The last window that ended before the kill is in the log; the open one is not claimed."""
    window_s = killed.played.stage.scene.window_s
    kept = kept_of(killed.played.evidence, "thing-air")
    ends = {k.start_s + k.duration_s for k in kept if k.start_s is not None}
    last_closed_s = int(killed.node_killed_s) // window_s * window_s
    assert last_closed_s in ends
    dark = range(
        last_closed_s + window_s, int(killed.node_back_s) // window_s * window_s, window_s
    )
    assert not ends & set(dark), "a node cannot have measured while it was off"


def test_the_sequences_of_a_killed_node_go_on_without_a_hole(killed: Killed) -> None:
    kept = kept_of(killed.played.evidence, "thing-air")
    assert len({k.store_id for k in kept}) == 1
    assert sorted(k.sequence for k in kept) == list(range(len(kept)))


def test_a_killed_node_puts_nothing_into_the_city_twice(killed: Killed) -> None:
    arrived = [(row.sensor, row.end_s) for row in killed.played.evidence.arrived]
    assert len(arrived) > 30
    assert not more_than_once(arrived)


def test_a_gateway_killed_twice_loses_doubles_and_leaks_nothing(killed: Killed) -> None:
    report = killed.played.report
    assert report.records_measured > 20
    assert report.observations_shared > 30
    assert (report.lost, report.duplicated, report.leaked) == (0, 0, 0), report.findings
    assert report.unresolved == 0


@pytest.mark.parametrize("kill", [0, 1])
@pytest.mark.parametrize("node", [AIR.node, ENERGY.node])
def test_a_node_keeps_what_it_measures_without_a_broker_and_delivers_it_later(
    killed: Killed, node: str, kill: int
) -> None:
    """Frames with the windows of the dark time arrive after it, by the gateway's own time."""
    stage = killed.played.stage
    from_s, until_s = killed.gateway_gone[kill]
    thing = next(f"thing-{h.resident.kit}" for n, h in stage.homes.items() if n == node)
    window_s = stage.scene.window_s
    first_s = (int(from_s) // window_s + 1) * window_s
    dark = set(range(first_s, int(until_s) - window_s, window_s))
    kept = {k.start_s: k.sequence for k in kept_of(killed.played.evidence, thing)}
    assert dark
    assert dark <= set(kept)
    frames = rows(stage, "SELECT first_sequence, count, arrival_s FROM frame WHERE node = ?", node)
    for start_s in dark:
        came_s = [at for first, n, at in frames if first <= kept[start_s] < first + n]
        assert came_s
        assert min(came_s) >= int(until_s) - 1
