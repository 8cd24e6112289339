# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""From the electrodes of Alphasense's cells to NO2 and O3: the four algorithms of AAN 803.

Each cell has its own constants, on the sheet that comes with it and its sensor board. The result
is the manufacturer's first step; cells drift, and without co-location nobody should trust it to
tens of ppb. Results below zero are noise around zero and stay, or means would be too high.
"""

from functools import partial

from barri.domain.corrections.correction import Correction, Input

VERSION = "803-04"
_SOURCE = (
    "Alphasense Application Note AAN 803-04, Correcting for background currents in four electrode "
    "toxic gas sensors, algorithm {} and table 3"
)
_LOWEST_C, _HIGHEST_C, _STEP_C = -30, 50, 10

# Table 3: by cell, for algorithms 1 (nT), 2 (kT), 3 (k'T) and 4 (k''T, in mV), at -30, -20 ... 50
# degC.
FACTORS: dict[str, tuple[tuple[float, ...], ...]] = {
    "no2_a43f": (
        (0.8, 0.8, 1.0, 1.2, 1.6, 1.8, 1.9, 2.5, 3.6),
        (0.4, 0.4, 0.6, 0.7, 0.9, 1.0, 1.1, 1.4, 2.0),
        (0.2, 0.2, 0.2, 0.2, 0.7, 1.0, 1.3, 2.1, 3.5),
        (-4, -4, -4, -4, -2, 0, 10, 35, 132),
    ),
    "no2_b43f": (
        (1.3, 1.3, 1.3, 1.3, 1.0, 0.6, 0.4, 0.2, -1.5),
        (2.2, 2.2, 2.2, 2.2, 1.7, 1.0, 0.7, 0.3, -2.5),
        (1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.4, -0.1, -4.0),
        (7, 7, 7, 7, 4, 0, 0.5, 5, 67),
    ),
    "ox_a431": (
        (1.0, 1.2, 1.2, 1.6, 1.7, 2.0, 2.1, 3.4, 4.6),
        (0.5, 0.6, 0.6, 0.8, 0.9, 1.0, 1.1, 1.7, 2.3),
        (0.1, 0.1, 0.2, 0.3, 0.7, 1.0, 1.7, 3.0, 4.0),
        (-5, -5, -4, -3, 0.5, 0, 9, 42, 134),
    ),
    "ox_b431": (
        (0.9, 0.9, 1.0, 1.3, 1.5, 1.7, 2.0, 2.5, 3.7),
        (0.5, 0.5, 0.6, 0.8, 0.9, 1.0, 1.2, 1.5, 2.2),
        (0.5, 0.5, 0.5, 0.6, 0.6, 1.0, 2.8, 5.0, 5.3),
        (1, 1, 1, 1, 1, 1, 8.5, 23, 103),
    ),
}
# Table 2: which algorithm the manufacturer recommends first.
RECOMMENDED = {"no2_a43f": 1, "no2_b43f": 1, "ox_a431": 3, "ox_b431": 1}


def factor(cell: str, algorithm: int, temperature_c: float) -> float:
    """The factor of table 3, between its points in proportion. temperature_c: -30..50."""
    row = FACTORS[cell][algorithm - 1]
    place = (temperature_c - _LOWEST_C) / _STEP_C
    at = min(int(place), len(row) - 2)
    return row[at] + (row[at + 1] - row[at]) * (place - at)


def compensated(
    algorithm: int, k: float, working: float, auxiliary: float, zero: float, auxiliary_zero: float
) -> float | None:
    """One of the four algorithms, in mV. The electrodes without their electronic zeros.

    zero, auxiliary_zero: the sensor's own. Algorithm 2 has no answer where the auxiliary one is
    below 1 mV: sheets are in whole mV, and the ratio of the two would be anything.
    """
    if algorithm == 1:
        return working - k * auxiliary
    if algorithm == 2:
        return None if abs(auxiliary_zero) < 1 else working - k * zero / auxiliary_zero * auxiliary
    if algorithm == 3:
        return working - (zero - auxiliary_zero) - k * auxiliary
    return working - zero - k


def concentration(
    cell: str,
    algorithm: int,
    temperature: float,
    working: float,
    auxiliary: float,
    working_electronic_zero: float,
    auxiliary_electronic_zero: float,
    working_zero: float,
    auxiliary_zero: float,
    sensitivity: float,
    no2: float = 0.0,
    sensitivity_to_no2: float = 0.0,
) -> float | None:
    """The gas in ppb. Electrodes and zeros in mV, sensitivities in mV/ppb, temperature in degC.

    no2: what an OX cell has to be freed of, in ppb, by the NO2 cell beside it.
    """
    signal = compensated(
        algorithm,
        factor(cell, algorithm, temperature),
        working - working_electronic_zero - no2 * sensitivity_to_no2,
        auxiliary - auxiliary_electronic_zero,
        working_zero,
        auxiliary_zero,
    )
    return None if signal is None else signal / sensitivity


def _inputs(gas: str) -> tuple[Input, ...]:
    """What `concentration` takes, in its order; all but the first three stand on the sheet."""
    inputs = (
        Input("temperature", "Cel", _LOWEST_C, _HIGHEST_C),
        Input(f"{gas}_working", "mV", -1000, 6500),
        Input(f"{gas}_auxiliary", "mV", -1000, 6500),
        Input(f"{gas}_working_electronic_zero", "mV", -1000, 6500),
        Input(f"{gas}_auxiliary_electronic_zero", "mV", -1000, 6500),
        Input(f"{gas}_working_zero", "mV", -1000, 1000),
        Input(f"{gas}_auxiliary_zero", "mV", -1000, 1000),
        Input(f"{gas}_sensitivity", "mV/[ppb]", 0.05, 2),
    )
    if gas == "no2":
        return inputs
    of_no2 = (
        Input("no2", "[ppb]", -100, 20000),
        Input("o3_sensitivity_to_no2", "mV/[ppb]", 0.05, 2),
    )
    return inputs + of_no2


def _correction(cell: str, algorithm: int) -> Correction:
    gas = "o3" if cell.startswith("ox") else "no2"
    return Correction(
        f"alphasense_{cell}_{algorithm}",
        VERSION,
        gas,
        "[ppb]",
        _inputs(gas),
        _SOURCE.format(algorithm),
        partial(concentration, cell, algorithm),
    )


CORRECTIONS = tuple(_correction(cell, algorithm) for cell in FACTORS for algorithm in (1, 2, 3, 4))
