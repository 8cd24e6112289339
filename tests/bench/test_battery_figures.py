# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What a battery node consumes, against the same node on mains."""

from pathlib import Path

import pytest

from barri_tools import firmware
from barri_tools.bench import battery
from barri_tools.energy_model import BOARDS, BOOT_S, JOIN_S, always_on_mah_per_day


def test_a_node_that_sleeps_consumes_under_a_tenth_of_one_that_does_not(
    tmp_path: Path, micropython: str
) -> None:
    ran_s = battery.seconds_awake(tmp_path / "stage", firmware.prepared(tmp_path / "built"))
    awake_s, used = battery.figures(ran_s)
    always_on = always_on_mah_per_day(BOARDS[battery.BOARD], battery.PARTS)
    assert used["total"] < always_on / 10
    assert awake_s < battery.CYCLE.cycle_s / 60


def test_figures_by_hand() -> None:
    """Four quiet cycles of half a second and two of two and a half, which talk for 2 s."""
    awake_s, used = battery.figures([0.5, 0.5, 2.5, 0.5, 0.5, 2.5])
    assert awake_s == pytest.approx(7 / 6 + BOOT_S + JOIN_S / 3)
    assert used["radio"] == pytest.approx(144 * 105 * (2 + JOIN_S) / 3 / 3600)
