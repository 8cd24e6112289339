# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What a node on a battery consumes: seconds awake as a simulated node takes them, currents as the
energy model states them.

The simulation has no time of its own for loading the program and for joining a Wi-Fi network: for
these the model's estimates are added.
"""

from pathlib import Path
from statistics import mean

from barri_tools.bench.report import Report
from barri_tools.demo.stage import Scene, Stage
from barri_tools.demo.street import STREET
from barri_tools.energy_model import BOARDS, BOOT_S, JOIN_S, Cycle, consumed
from barri_tools.sim.world import SyntheticStreet

BOARD = "xiao-esp32c3"
PARTS = ["bme280", "bh1750", "max17048"]  # the air kit without its fan
NO_FAN = ("pm1", "pm2_5", "pm10")
CYCLE = Cycle(600, 3)
_CYCLES = 7  # of a boot, and two conversations
_SPEED = 4.0


def seconds_awake(place: Path, built: Path) -> list[float]:
    """Let a node sleep and wake; how long each cycle's program ran, but for the boot's."""
    scene = Scene(
        place, (STREET[0],), SyntheticStreet(seed=2026), CYCLE.cycle_s, _SPEED, firmware=built,
        report_every=CYCLE.flush_every, unwanted=NO_FAN,
    )  # fmt: skip
    with Stage(scene) as stage:
        stage.start_gateway()
        stage.wait_for_gateway()
        stage.start_nodes()
        stage.wait((_CYCLES + 1) * CYCLE.cycle_s)
        cycles = stage.conductor.awake[1:_CYCLES]
    return [(cycle.until_us - cycle.from_us) / 1e6 for cycle in cycles]


def figures(ran_s: list[float]) -> tuple[float, dict[str, float]]:
    """Mean seconds awake in a cycle, and mAh a day by part. ran_s: as `seconds_awake`."""
    talks = len(ran_s) // CYCLE.flush_every
    talking, quiet = sorted(ran_s)[-talks:], sorted(ran_s)[:-talks]
    awake_s = mean(ran_s) + BOOT_S + JOIN_S / CYCLE.flush_every
    radio_s = (mean(talking) - mean(quiet) + JOIN_S) / CYCLE.flush_every
    return awake_s, consumed(BOARDS[BOARD], PARTS, CYCLE, awake_s, radio_s)


def add(report: Report, place: Path, built: Path) -> None:
    """Add the figures to a report."""
    awake_s, used = figures(seconds_awake(place, built))
    report.add("node.awake_s_per_cycle", awake_s, "s")
    report.add("node.battery_mah_per_day", used.pop("total"), "mAh/d")
    for part, mah in used.items():
        report.add(f"node.battery_mah_per_day.{part}", mah, "mAh/d")
    report.note(
        f"battery: {BOARD}, {', '.join(PARTS)}; a window of {CYCLE.cycle_s} s, a conversation for"
        f" {CYCLE.flush_every}; seconds from the simulation, currents from datasheets"
    )
