# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Corrections of raw values, each by its name and version. Pure; imports only errors of ours.

Who applies one writes down its name and version beside the value, so that history can be computed
again.
"""

from barri.domain.corrections import alphasense, epa, humidity
from barri.domain.corrections.correction import Correction, CorrectionError, Input

__all__ = ["CORRECTIONS", "Correction", "CorrectionError", "Input", "correction"]

CORRECTIONS: dict[tuple[str, str], Correction] = {
    (each.name, each.version): each
    for each in (*epa.CORRECTIONS, *humidity.CORRECTIONS, *alphasense.CORRECTIONS)
}


def correction(name: str, version: str) -> Correction:
    """Find a correction. Raises CorrectionError with what there is."""
    if (name, version) not in CORRECTIONS:
        versions = sorted(known for known_name, known in CORRECTIONS if known_name == name)
        there_is = ", ".join(versions) if versions else "no correction of that name"
        raise CorrectionError(f"correction {name} {version} is not known; there is: {there_is}")
    return CORRECTIONS[name, version]
