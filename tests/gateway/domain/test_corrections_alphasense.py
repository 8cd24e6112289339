# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Alphasense's four algorithms: AAN 803-04, its table against itself, and cells with known gas."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barri.domain.corrections import CORRECTIONS
from barri.domain.corrections.alphasense import FACTORS, RECOMMENDED, VERSION, factor

TEMPERATURES = st.floats(-30, 50)
# A sheet's constants, of the size that NO2-A43F and OX-A431 cells on their boards have.
SHEET = {
    "no2_working_electronic_zero": 279.0,
    "no2_auxiliary_electronic_zero": 294.0,
    "no2_working_zero": -7.0,
    "no2_auxiliary_zero": -2.0,
    "no2_sensitivity": 0.308,
    "o3_working_electronic_zero": 393.0,
    "o3_auxiliary_electronic_zero": 392.0,
    "o3_working_zero": -11.0,
    "o3_auxiliary_zero": -3.0,
    "o3_sensitivity": 0.335,
    "o3_sensitivity_to_no2": 0.291,
}


def ppb(cell: str, algorithm: int, **values: float) -> float | None:
    return CORRECTIONS[f"alphasense_{cell}_{algorithm}", VERSION]({**SHEET, **values})


def test_one_by_hand_for_each_algorithm() -> None:
    """At 20 degC, 20 and 4 mV above the electronic zeros; factors 1.8, 1.0, 1.0 and 0."""
    seen = {"temperature": 20.0, "no2_working": 299.0, "no2_auxiliary": 298.0}
    by_hand = {
        1: 20 - 1.8 * 4,
        2: 20 - 1.0 * (-7 / -2) * 4,
        3: 20 - (-7 + 2) - 1.0 * 4,
        4: 20 + 7 - 0,
    }
    for algorithm, millivolts in by_hand.items():
        assert ppb("no2_a43f", algorithm, **seen) == pytest.approx(millivolts / 0.308)


def test_ozone_by_hand_with_algorithm_3() -> None:
    """At 25 degC between 1.0 and 1.7; of 40 ppb of NO2 the OX cell sees 11.64 mV."""
    seen = {"temperature": 25.0, "o3_working": 420.0, "o3_auxiliary": 396.0, "no2": 40.0}
    millivolts = (420 - 393 - 40 * 0.291) - (-11 + 3) - 1.35 * (396 - 392)
    assert ppb("ox_a431", 3, **seen) == pytest.approx(millivolts / 0.335)


@given(st.floats(0, 500), st.floats(0, 500), st.sampled_from(sorted(FACTORS)))
def test_a_cell_in_known_gas_gives_it_back_with_every_algorithm(
    no2: float, o3: float, cell: str
) -> None:
    """At 20 degC, where algorithms 2 to 4 hold by definition: zero air gives the sheet's zeros."""
    gas = "o3" if cell.startswith("ox") else "no2"
    signal = no2 * SHEET["no2_sensitivity"]
    if gas == "o3":
        signal = o3 * SHEET["o3_sensitivity"] + no2 * SHEET["o3_sensitivity_to_no2"]
    working = SHEET[f"{gas}_working_electronic_zero"] + SHEET[f"{gas}_working_zero"] + signal
    auxiliary = SHEET[f"{gas}_auxiliary_electronic_zero"] + SHEET[f"{gas}_auxiliary_zero"]
    seen = {"temperature": 20.0, f"{gas}_working": working, f"{gas}_auxiliary": auxiliary}
    for algorithm in (2, 3, 4):
        at_zero = -FACTORS[cell][3][5] / SHEET[f"{gas}_sensitivity"] if algorithm == 4 else 0.0
        found = ppb(cell, algorithm, **seen, no2=no2)
        # Algorithm 3 takes off the zeros' difference and then the auxiliary's own once.
        assert found == pytest.approx((o3 if gas == "o3" else no2) + at_zero, abs=1e-6)


def test_without_taking_off_no2_ozone_would_be_far_too_high() -> None:
    seen = {"temperature": 20.0, "o3_working": 420.0, "o3_auxiliary": 389.0}
    freed, not_freed = (ppb("ox_a431", 3, **seen, no2=no2) for no2 in (40.0, 0.0))
    assert freed is not None
    assert not_freed is not None
    assert not_freed - freed == pytest.approx(40 * 0.291 / 0.335)


@pytest.mark.parametrize("cell", sorted(FACTORS))
def test_table_3_agrees_with_itself(cell: str) -> None:
    """kT is nT in parts of what it is at 20 degC, printed with one decimal; k'T is 1 there."""
    n, k, k1, _ = FACTORS[cell]
    for of_1, of_2 in zip(n, k, strict=True):
        assert of_2 == pytest.approx(of_1 / n[5], abs=0.0501)
    assert k[5] == k1[5] == 1.0


@given(TEMPERATURES, st.sampled_from(sorted(FACTORS)), st.sampled_from([1, 2, 3, 4]))
def test_between_the_tables_points_it_is_a_straight_line(
    temperature: float, cell: str, algorithm: int
) -> None:
    """The oracle is numpy's interpolation."""
    expected = np.interp(temperature, range(-30, 51, 10), FACTORS[cell][algorithm - 1])
    assert factor(cell, algorithm, temperature) == pytest.approx(expected, abs=1e-9)


def test_an_auxiliary_zero_of_nothing_has_no_ratio() -> None:
    seen = {"temperature": 20.0, "no2_working": 299.0, "no2_auxiliary": 298.0}
    assert ppb("no2_a43f", 2, **seen, no2_auxiliary_zero=0.0) is None
    assert ppb("no2_a43f", 1, **seen, no2_auxiliary_zero=0.0) is not None


def test_zero_air_may_read_below_zero() -> None:
    """Noise around zero; cut off, it would make means too high."""
    below = ppb("no2_a43f", 1, temperature=20.0, no2_working=278.0, no2_auxiliary=294.0)
    assert below is not None
    assert below < 0


def test_each_cell_has_a_recommended_algorithm() -> None:
    for cell, algorithm in RECOMMENDED.items():
        assert (f"alphasense_{cell}_{algorithm}", VERSION) in CORRECTIONS
    assert set(RECOMMENDED) == set(FACTORS)
