# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The shape of the derived table, for the type checker; never on a board."""

from typing import TypedDict

class Weighting(TypedDict):
    high_passes: tuple[int, int, int, int]
    top: tuple[int, int, int]
    sub_block: int
    full_scale: int

A: dict[int, Weighting]
