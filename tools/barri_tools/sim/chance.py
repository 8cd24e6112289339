# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Chance without state: the same seed, topic and time always give the same number."""

import math

_MASK = (1 << 64) - 1


def _mixed(number: int) -> int:
    """Scramble 64 bits (the finaliser of SplitMix64)."""
    number = (number + 0x9E3779B97F4A7C15) & _MASK
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & _MASK
    return number ^ (number >> 31)


def uniform(seed: int, topic: int, index: int) -> float:
    """A number in 0..1 that looks random and depends on its arguments alone."""
    return _mixed(_mixed(_mixed(seed & _MASK) ^ topic) ^ (index & _MASK)) / 2**64


def wander(seed: int, topic: int, t_s: float, scale_s: float) -> float:
    """A smooth random curve in -1..1 that turns about once in `scale_s`."""
    position = t_s / scale_s
    index = math.floor(position)
    part = position - index
    blend = part * part * (3 - 2 * part)
    before = uniform(seed, topic, index)
    after = uniform(seed, topic, index + 1)
    return 2 * (before + (after - before) * blend) - 1
