# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""An energy kit that reads a meter's blinking light, and whose power is cut twice.

It counts on where its own log ended, and what it tells is what the light has shown it: pulses that
came while it was off, or after its last record, are missing, and none is made up.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields

import pytest
from playing import (
    MakeScene,
    Played,
    end,
    kept_of,
    open_gateway,
    power_on,
    reach_mid_window,
    share,
    wait_for_the_city,
    wait_until,
)

from barri_tools.demo.evidence import Kept
from barri_tools.demo.stage import Presence, Stage
from barri_tools.demo.street import STREET
from barri_tools.sim.chips.pulse_led import PulseLed
from barri_tools.sim.node_link import Board
from barri_tools.sim.node_process import NodeSettings

_, _, ENERGY = STREET
THING = "thing-energy"
IMPULSES_PER_KWH = 1000
POWER_W = 36_000  # ten flashes a second


class BusyHouse:
    """A World with nothing in it but a meter that runs fast."""

    def value(self, quantity: str, t_s: float) -> float | None:
        return POWER_W * t_s / 3600 if quantity == "energy_import" else None


class WatchedLight(PulseLed):
    """boots: of each one, what the node has looked at: (Unix second, pulses since it started)."""

    def __init__(self, stage: Stage) -> None:
        journal = stage.homes[ENERGY.node].journal
        super().__init__(stage.scene.world, journal, IMPULSES_PER_KWH)
        self._began_s = stage.start_utc_s
        self.boots: list[list[tuple[float, int]]] = []

    def restart(self, now_us: int) -> None:
        super().restart(now_us)
        self.boots.append([])

    def count(self, now_us: int) -> int:
        held = super().count(now_us)
        if self.boots:
            self.boots[-1].append((self._began_s + now_us / 1e6, held))
        return held

    def seen_about(self, boot: int, record: Kept) -> set[int]:
        """The counts that the node has read in a boot, about the end of a record's window."""
        at_s = (record.start_s or 0) + record.duration_s
        return {held for when_s, held in self.boots[boot] if abs(when_s - at_s) < 5}


@dataclass(frozen=True)
class MeterSettings(NodeSettings):
    """With what provisioning writes of the meter."""

    meter: dict[str, object] = field(
        default_factory=lambda: {"kind": "pulse_led", "impulses_per_kwh": IMPULSES_PER_KWH}
    )


class BlinkingStage(Stage):
    """A stage whose energy kit has a light sensor in place of the P1 port."""

    def _start_time_and_chips(self) -> None:
        super()._start_time_and_chips()
        self.light = WatchedLight(self)
        self._chips.fit(ENERGY.node, Board(pulses=self.light))

    def _node_settings(self, node: str) -> NodeSettings:
        given = super()._node_settings(node)
        return MeterSettings(**{one.name: asdict(given)[one.name] for one in fields(given)})


@pytest.fixture(scope="module")
def blinking(make_scene: MakeScene) -> Iterator[Played]:
    with BlinkingStage(make_scene((ENERGY,), world=BusyHouse())) as stage:
        share(stage, THING, "energy_import")
        open_gateway(stage)
        power_on(stage)
        wait_until(stage, lambda: stage.record.observations, 200, "a first value in the city")
        for _ in range(2):
            wait_for_the_city(stage, 2)
            reach_mid_window(stage)
            stage.kill_node(ENERGY.node)
            stage.wait(stage.scene.window_s)  # the light blinks, and nobody counts it
            power_on(stage, ENERGY.node)
        wait_for_the_city(stage, 3)
        yield end(stage)


def test_nothing_is_lost_doubled_or_leaked_over_two_power_cuts(blinking: Played) -> None:
    assert blinking.report.clean


def test_what_is_told_is_what_the_light_has_shown(blinking: Played) -> None:
    stage = blinking.stage
    assert isinstance(stage, BlinkingStage)
    light, boots = stage.light, boots_of(blinking)
    assert len(boots) == len(light.boots) == 3
    least_wh = most_wh = 0  # what a boot may begin with: at most all that was seen before it
    for boot, records in enumerate(boots):
        # A pulse is a Wh here: what is told is one of the very counts that were read then.
        began_wh = set.intersection(*(
            {_told(record) - seen for seen in light.seen_about(boot, record)} for record in records
        ))  # fmt: skip
        fitting = [start for start in began_wh if least_wh <= start <= most_wh]
        assert fitting, (boot, began_wh, least_wh, most_wh)
        least_wh = _told(records[-1])
        most_wh = max(fitting) + max(seen for _, seen in light.boots[boot])
    assert least_wh > 500


def test_it_never_goes_down(blinking: Played) -> None:
    told = [kept.values["energy_import"] for kept in measured(blinking)]
    known = [value for value in told if value is not None]
    assert known == sorted(known)
    assert len(known) == len(told)


def measured(played: Played) -> list[Kept]:
    """The log's records but those of health, in order of arrival."""
    kept = kept_of(played.evidence, THING)
    return [one for one in kept if "energy_import" in one.values]


def boots_of(played: Played) -> list[list[Kept]]:
    """The records of each time the node ran, told apart by when its power was cut."""
    return [
        [one for one in measured(played) if _within(one, presence)]
        for presence in played.stage.homes[ENERGY.node].presences
    ]


def _told(record: Kept) -> int:
    energy_wh = record.values["energy_import"]
    assert energy_wh is not None
    return energy_wh


def _within(one: Kept, presence: Presence) -> bool:
    at_s = one.start_s or 0
    return presence.from_s <= at_s < (presence.until_s or at_s + 1)
