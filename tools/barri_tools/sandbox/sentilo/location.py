# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Positions as the platform takes them: "lat lon" in degrees, several parted by commas.

Imports nothing of ours. Source: observed answers of the platform.
"""

import re

# What Java's Double.parseDouble takes, hexadecimal floats left out.
_DOUBLE = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[fFdD]?", re.ASCII)


def is_empty(text: str | None) -> bool:
    """Absent, blank, or the word null in any case."""
    return text is None or not text.strip() or text.lower() == "null"


def is_valid(text: str | None) -> bool:
    """Every position has one space, a latitude in [-90, 90] and a longitude in [-180, 180]."""
    if is_empty(text):
        return True
    assert text is not None
    return all(_is_position(part) for part in _split(text, ","))


def _is_position(text: str) -> bool:
    parts = _split(text.strip(), " ")
    return len(parts) == 2 and _within(parts[0], 90.0) and _within(parts[1], 180.0)


def _within(text: str, limit: float) -> bool:
    text = text.strip()
    return bool(_DOUBLE.fullmatch(text)) and abs(float(text.rstrip("fFdD"))) <= limit


def _split(text: str, separator: str) -> list[str]:
    """Java's String.split: empty parts at the end are dropped."""
    parts = text.split(separator)
    while len(parts) > 1 and not parts[-1]:
        parts.pop()
    return [] if parts == [""] and text else parts
