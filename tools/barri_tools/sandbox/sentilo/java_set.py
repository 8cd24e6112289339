# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The order in which a Java HashSet of short texts gives them back.

The platform names rejected sensors in this order. Imports nothing.
Source: the OpenJDK 17 documentation of String.hashCode, observed order of HashSet.
"""

from collections.abc import Iterable


def hash_code(text: str) -> int:
    """String.hashCode as an unsigned 32-bit number, over UTF-16 units."""
    units = text.encode("utf-16-be", "surrogatepass")
    result = 0
    for index in range(0, len(units), 2):
        result = (31 * result + int.from_bytes(units[index : index + 2], "big")) & 0xFFFFFFFF
    return result


def hash_set_order(texts: Iterable[str | None]) -> list[str | None]:
    """Distinct texts, in the order of the set's table (None is in slot 0)."""
    distinct = list(dict.fromkeys(texts))
    size = 16
    while len(distinct) > size * 3 // 4:
        size *= 2
    return sorted(distinct, key=lambda text: _slot(text, size))


def _slot(text: str | None, size: int) -> int:
    if text is None:
        return 0
    code = hash_code(text)
    return (code ^ code >> 16) & (size - 1)
