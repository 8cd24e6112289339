# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Proves that no value in the kernel leaves 32 bits, for any input.

The most that a linear filter gives is its largest input times the sum of its absolute impulse
response (its L1 norm), and there is an input that comes as near to it as one likes.
"""

import numpy as np

from barri_tools.noise import chain
from barri_tools.noise.chain import Row
from barri_tools.noise.curves import Floats

WORD_LIMIT = 1 << 31
BIAS = 0x3FFFFFFF  # what is kept plus this must not be below minus this
# Each of the six sections rounds by at most two steps, and what follows makes that at most 16
# times larger (the whole chain's L1 norm is below 16): far below what 20 bits of signal do.
ROUNDING = 6 * 2 * 16


def impulse_responses(row: Row, sample_rate_hz: int) -> dict[str, Floats]:
    """Give what a single sample of 1 causes at every place in the kernel, for a second.

    Without rounding. "lows": what a high pass takes away; "t1", "t2": the top's sums, times 512.
    """
    x = np.zeros(sample_rate_hz)
    x[0] = 1.0
    found: dict[str, Floats] = {}
    for i, moved in enumerate(row.moved, start=1):
        x, found[f"lows {i}"] = _high_passed(x, moved)
        found[f"high pass {i}"] = x
        if i == 2:  # the equaliser and the top stand between the second and the third
            x = x - row.share / 2**chain.SHARE_BITS * found["lows 2"]
            found["equalised"] = x
            x, found["t1"], found["t2"] = _topped(x, row)
            found["C"] = x
    return found


def _high_passed(signal: Floats, moved: float) -> tuple[Floats, Floats]:
    out, lows, low = np.empty_like(signal), np.empty_like(signal), 0.0
    for i, x in enumerate(signal):
        lows[i] = low
        out[i] = x - low
        low += moved * out[i]
    return out, lows


def _topped(signal: Floats, row: Row) -> tuple[Floats, Floats, Floats]:
    """Output, and the two sums as the kernel keeps them (times 512)."""
    out, sums_1, sums_2 = (np.empty_like(signal) for _ in range(3))
    t1 = t2 = 0.0
    for i, x in enumerate(signal):
        y = out[i] = (row.b0 * x + t1) / 2**chain.TOP_BITS
        t1 = row.b1 * x + row.a1 * y + t2
        t2 = row.b2 * x + row.a2 * y
        sums_1[i], sums_2[i] = t1, t2
    return out, sums_1, sums_2


def bounds(row: Row, sample_rate_hz: int) -> dict[str, float]:
    """Give the most that signals in the kernel can reach, rounding included, in its steps."""
    found = impulse_responses(row, sample_rate_hz)
    rounding = dict.fromkeys(found, ROUNDING) | dict.fromkeys(("t1", "t2"), ROUNDING << 9)
    return {
        place: float(np.abs(response).sum()) * chain.FULL_SCALE + rounding[place]
        for place, response in found.items()
    }


def ranges(row: Row, sample_rate_hz: int) -> list[tuple[str, float, int]]:
    """Give (what, the most it reaches for any input, its limit) for every value in the kernel."""
    most = bounds(row, sample_rate_hz)
    inputs = [chain.FULL_SCALE, most["high pass 1"], most["C"], most["high pass 3"]]
    found = []
    for i in range(4):
        found += _high_pass_ranges(i, row[i], inputs[i], most)
    found.append(("share of lows", abs(row.share) * most["lows 2"], WORD_LIMIT))
    found += _top_ranges(row, most)
    for name in ("C", "high pass 4"):
        found += _energy_ranges(name, row.sub_block, most[name])
    return found


def _high_pass_ranges(
    i: int, multiplier: int, x: float, most: dict[str, float]
) -> list[tuple[str, float, int]]:
    residue = 1 << chain.RESIDUE_BITS[i]
    integrator = most[f"lows {i + 1}"] * 2 ** chain.INTEGRATOR_BITS[i]
    step = multiplier * (most[f"high pass {i + 1}"] / residue + 2)
    return [
        (f"high pass {i + 1}: x", x + most[f"lows {i + 1}"], WORD_LIMIT),
        (f"high pass {i + 1}: residue", most[f"high pass {i + 1}"] + residue, WORD_LIMIT),
        (f"high pass {i + 1}: step", step, WORD_LIMIT),
        (f"high pass {i + 1}: integrator", integrator + step, BIAS),
    ]


def _top_ranges(row: Row, most: dict[str, float]) -> list[tuple[str, float, int]]:
    x, y = most["equalised"], most["C"]
    return [
        ("top: sum of y", y * 2**chain.TOP_BITS + 256, WORD_LIMIT),
        ("top: x's part of y", row.b0 * x, WORD_LIMIT),
        ("top: t1 of x", abs(row.b1) * x + most["t2"], WORD_LIMIT),
        ("top: t1", most["t1"] + 256, BIAS),
        ("top: t2 of x", abs(row.b2) * x, WORD_LIMIT),
        ("top: part of y", max(abs(row.a1), abs(row.a2)) * y, WORD_LIMIT),
        ("top: t2", most["t2"], BIAS),
    ]


def _energy_ranges(name: str, sub_block: int, most: float) -> list[tuple[str, float, int]]:
    square = (most / 2**chain.LOUD_BITS + 1) ** 2 + 8
    coarse = sub_block * (square / 2 ** (chain.COARSE_BITS - 2 * chain.LOUD_BITS) + 1)
    quiet = sub_block * float(chain.QUIET_LIMIT**2)
    # The F level keeps 128 times the energy; its upper word counts 2**25.
    level = 128 * (coarse * 2**chain.COARSE_BITS + quiet) / 2**25
    return [
        (f"{name}: quiet energy", quiet, WORD_LIMIT),
        (f"{name}: loud square", square, WORD_LIMIT),
        (f"{name}: loud energy", coarse, WORD_LIMIT),
        (f"{name}: upper word of the level", level, WORD_LIMIT),
    ]
