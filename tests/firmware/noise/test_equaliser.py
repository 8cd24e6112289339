# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Microphones by their datasheets' curves: the equaliser puts the chain inside the limits."""

import numpy as np
import pytest

from barri_node.noise.coefficients import AT_24000, AT_48000
from barri_node.noise.meter import Meter
from barri_tools.noise import chain, measure
from barri_tools.noise.curves import TABLE_3, analytic_a_db
from barri_tools.noise.design import RATES_HZ, design, render
from barri_tools.noise.microphones import MICROPHONES
from barri_tools.noise.node import Node

EQUALISED = ("inmp441", "ics43434", "sph0645")


@pytest.mark.parametrize(("rate_hz", "limits_class"), [(48000, 1), (24000, 2)])
@pytest.mark.parametrize("name", EQUALISED)
def test_the_chain_keeps_the_limits(
    micropython: list[str], name: str, rate_hz: int, limits_class: int
) -> None:
    for deviation in measure.chain_deviations(Node(micropython, name, rate_hz), limits_class):
        assert deviation.within, deviation


@pytest.mark.parametrize("name", EQUALISED)
def test_without_its_equaliser_a_microphone_does_not(micropython: list[str], name: str) -> None:
    """The check can fail: the same sounds through the flat chain miss class 1 below 63 Hz."""
    microphone = MICROPHONES[name]
    bands = [band for band in TABLE_3 if 20 <= band.nominal_hz <= 50]
    heard_db = microphone.at(np.array([band.exact_hz for band in bands]))
    tones = [(b.exact_hz, 100 + h) for b, h in zip(bands, heard_db, strict=True)]
    hz, db = measure.responses(Node(micropython), [(1000.0, 100.0), *tones])
    errors = db[1:, 0] - db[0, 0] - analytic_a_db(hz[1:])
    assert all(error < band.class_1[1] for error, band in zip(errors, bands, strict=True))


@pytest.mark.parametrize("name", MICROPHONES)
def test_the_node_computes_what_the_formulas_say(micropython: list[str], name: str) -> None:
    """Twenty frequencies: measured on MicroPython, and from the coefficients in floats."""
    tones = [(hz, 100.0) for hz in (1000.0, *np.geomspace(25, 18000, 20))]
    hz, db = measure.responses(Node(micropython, name), tones)
    row = design(name, 48000)
    for weighting, formula in enumerate((chain.a_db, chain.c_db)):
        measured = db[:, weighting] - db[0, weighting]
        assert measured == pytest.approx(formula(row, hz, 48000), abs=0.05)


def test_the_coefficients_are_those_of_the_tool(node: Node) -> None:
    path = node.modules / "barri_node" / "noise" / "coefficients.py"
    assert path.read_text(encoding="utf-8") == render()


def test_there_is_a_row_for_every_microphone_at_every_rate() -> None:
    assert set(AT_48000) == set(AT_24000) == set(MICROPHONES)
    assert RATES_HZ == (48000, 24000)
    for rows in (AT_48000, AT_24000):
        for row in rows.values():
            assert len(row) == 14
            assert all(abs(number) < 1 << 15 for number in row[:11]), "16 bits each"


def test_a_curve_is_read_between_its_points_and_goes_on_at_its_ends() -> None:
    inmp441 = MICROPHONES["inmp441"]
    exact = np.array([band.exact_hz for band in TABLE_3])
    at_points = inmp441.at(exact)
    assert at_points[3] == -12
    assert at_points[20] == 0
    assert inmp441.at(np.array([np.sqrt(exact[3] * exact[4])]))[0] == pytest.approx(-11)
    assert inmp441.at(np.array([5.0, 23000.0])) == pytest.approx([-12, -5])
    assert inmp441.band() == (exact[3], exact[-2])


def test_an_unknown_microphone_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="flat, ics43434, inmp441, sph0645"):
        Meter(48000, "karaoke")
