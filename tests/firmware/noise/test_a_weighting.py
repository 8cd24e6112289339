# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The A weighting as the node really computes it, against IEC 61672-1:2013."""

import numpy as np
import pytest
from noise_bench import Node, tone

from barri_node.noise.coefficients import A
from barri_tools.noise_design import analytic_a_db

# IEC 61672-1:2013 Table 3: nominal Hz, design goal, class 1 limits above and below, dB.
TABLE_3 = (
    (10, -70.4, 3.0, None), (12.5, -63.4, 2.5, None), (16, -56.7, 2.0, -4.0),
    (20, -50.5, 2.0, -2.0), (25, -44.7, 2.0, -1.5), (31.5, -39.4, 1.5, -1.5),
    (40, -34.6, 1.0, -1.0), (50, -30.2, 1.0, -1.0), (63, -26.2, 1.0, -1.0),
    (80, -22.5, 1.0, -1.0), (100, -19.1, 1.0, -1.0), (125, -16.1, 1.0, -1.0),
    (160, -13.4, 1.0, -1.0), (200, -10.9, 1.0, -1.0), (250, -8.6, 1.0, -1.0),
    (315, -6.6, 1.0, -1.0), (400, -4.8, 1.0, -1.0), (500, -3.2, 1.0, -1.0),
    (630, -1.9, 1.0, -1.0), (800, -0.8, 1.0, -1.0), (1000, 0.0, 0.7, -0.7),
    (1250, 0.6, 1.0, -1.0), (1600, 1.0, 1.0, -1.0), (2000, 1.2, 1.0, -1.0),
    (2500, 1.3, 1.0, -1.0), (3150, 1.2, 1.0, -1.0), (4000, 1.0, 1.0, -1.0),
    (5000, 0.5, 1.5, -1.5), (6300, -0.1, 1.5, -2.0), (8000, -1.1, 1.5, -2.5),
    (10000, -2.5, 2.0, -3.0), (12500, -4.3, 2.0, -5.0), (16000, -6.6, 2.5, -16.0),
    (20000, -9.3, 3.0, None),
)  # fmt: skip
FIRST_BAND = -20
LOUD_DB = 114


def exact_hz(index: int) -> float:
    """Give the exact frequency behind a row of the table: 1000 * 10**(n/10) Hz."""
    return 1000 * 10 ** ((index + FIRST_BAND) / 10)


def weighted_db(node: Node, frequency_hz: float, rate_hz: int = 48000) -> tuple[float, float]:
    """Give (what the node makes of a tone in dB, the tone's exact frequency in Hz).

    The frequency moves to the nearest that has whole periods in a second or so of sub-blocks.
    """
    sub_block = A[rate_hz]["sub_block"]
    measured = sub_block * (rate_hz // sub_block)
    skipped = sub_block * (rate_hz // 3 // sub_block)
    exact_hz = round(frequency_hz * measured / rate_hz) * rate_hz / measured
    signal = tone(exact_hz, LOUD_DB, (skipped + measured) / rate_hz, rate_hz)
    energy = node.energy(signal, skipped / rate_hz, rate_hz)
    return 10 * float(np.log10(energy)), exact_hz


def test_every_band_of_table_3_lies_within_class_1_limits(node: Node) -> None:
    at_1_khz, _ = weighted_db(node, 1000)
    for index, (nominal_hz, goal_db, above_db, below_db) in enumerate(TABLE_3):
        measured_db, measured_hz = weighted_db(node, exact_hz(index))
        moved_db = float(np.diff(analytic_a_db(np.array([exact_hz(index), measured_hz])))[0])
        deviation_db = measured_db - moved_db - at_1_khz - goal_db
        assert deviation_db <= above_db, nominal_hz
        assert below_db is None or deviation_db >= below_db, nominal_hz


@pytest.mark.parametrize(("rate_hz", "top_hz"), [(48000, 16000), (24000, 10000)])
def test_the_curve_is_that_of_annex_e_within_0_06_db(
    node: Node, rate_hz: int, top_hz: float
) -> None:
    at_1_khz, _ = weighted_db(node, 1000, rate_hz)
    worst_db = 0.0
    for frequency_hz in np.geomspace(20, top_hz, 40):
        measured_db, measured_hz = weighted_db(node, frequency_hz, rate_hz)
        expected_db = float(analytic_a_db(np.array([measured_hz]))[0])
        error_db = measured_db - at_1_khz - expected_db
        worst_db = max(worst_db, abs(error_db))
    print(f"noise.a_weighting_error.{rate_hz} {worst_db:.3f} dB")
    assert worst_db <= 0.06


def test_the_analytic_curve_itself_is_table_3_to_its_rounding() -> None:
    frequency_hz = np.array([exact_hz(i) for i in range(len(TABLE_3))])
    goals_db = np.array([row[1] for row in TABLE_3])
    assert np.abs(analytic_a_db(frequency_hz) - goals_db).max() <= 0.051


def test_dc_and_its_steps_leave_nothing_behind(node: Node) -> None:
    quiet = tone(1000, 60, 3)
    shifted = quiet + np.where(np.arange(len(quiet)) < 24000, 3e6, -3e6)
    assert node.levels(shifted, 1.0, settle_ms=1000)[1]["laeq"] == 600
