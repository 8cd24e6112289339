# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Coarse places: the centre of a cell of about 1 km, the finest place that is ever given away.

Cells are 0.009 degrees of latitude high (1,001 m) and as wide, so everybody in a cell gives the
same place. Imports nothing of ours.
"""

from math import cos, floor, radians

CELL_DEG = 0.009
POLAR_DEG = 89.0  # beyond, cells have no width worth the name


def cell_centre(latitude: float, longitude: float) -> tuple[float, float] | None:
    """The centre (latitude, longitude in degrees, 5 decimals) of the place's cell."""
    if abs(latitude) > POLAR_DEG:
        return None
    row = _centre(latitude, CELL_DEG)
    column = _centre(longitude, CELL_DEG / cos(radians(row)))
    return round(row, 5), round(max(-180.0, min(180.0, column)), 5)


def _centre(degrees: float, step_deg: float) -> float:
    return (floor(degrees / step_deg) + 0.5) * step_deg
