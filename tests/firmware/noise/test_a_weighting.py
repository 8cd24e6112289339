# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A and C weighting as the node really computes them, without equaliser, against Annex E."""

import numpy as np
import pytest

from barri_tools.noise import measure
from barri_tools.noise.curves import TABLE_3, analytic_a_db, analytic_c_db
from barri_tools.noise.node import Node
from barri_tools.noise.signals import tone


def test_every_band_of_table_3_lies_within_class_1_limits(node: Node) -> None:
    deviations = measure.chain_deviations(node, 1)
    assert len(deviations) == 2 * len(TABLE_3)
    for deviation in deviations:
        assert deviation.within, deviation


@pytest.mark.parametrize(("rate_hz", "top_hz"), [(48000, 16000), (24000, 10000)])
def test_the_curves_are_those_of_annex_e_within_0_03_db(
    micropython: list[str], rate_hz: int, top_hz: float
) -> None:
    errors = measure.weighting_errors_db(Node(micropython, "flat", rate_hz), top_hz)
    assert errors.shape == (41, 2)
    assert np.abs(errors).max() <= 0.03


@pytest.mark.parametrize("level_db", [50, 74, 80, 86, 100, 118])
def test_the_curve_is_the_same_at_every_level(node: Node, level_db: float) -> None:
    """Quiet and loud squares are two roads: a tone on either, or on both, reads the same."""
    _, db = measure.responses(node, [(1000.0, 114.0), (1000.0, level_db), (4000.0, level_db)])
    wanted_db = level_db - 114 + analytic_a_db(np.array([1000.0, 4000.0]))
    assert db[1:, 0] - db[0, 0] == pytest.approx(wanted_db, abs=0.05)


def test_the_analytic_curves_are_table_3_to_its_rounding() -> None:
    frequency_hz = np.array([band.exact_hz for band in TABLE_3])
    for curve, goals in ((analytic_a_db, "a_db"), (analytic_c_db, "c_db")):
        goals_db = np.array([getattr(band, goals) for band in TABLE_3])
        assert np.abs(curve(frequency_hz) - goals_db).max() <= 0.051


def test_dc_and_its_steps_leave_nothing_behind(node: Node) -> None:
    quiet = tone(1000, 60, 3)
    shifted = quiet + np.where(np.arange(len(quiet)) < 24000, 3e6, -3e6)
    levels = node.levels(shifted, 1.0, settle_ms=1000)[1]
    assert levels["laeq"] == 600
    assert levels["lceq"] == 600
