# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Exact sets of sequences as few ranges: what a gateway holds of a node's store.

Ranges are pairs (first, count) outside and a flat sorted list of edges inside. Imports nothing.
"""

import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator

Range = tuple[int, int]


class Ranges:  # noqa: PLW1641 - changes, so it has no hash
    """A set of whole numbers >= 0. Equal content compares equal."""

    __slots__ = ("_edges",)

    def __init__(self, ranges: Iterable[Range] = ()) -> None:
        self._edges: list[int] = []  # start, end, start, end, ... ascending, ends exclusive
        for first, count in ranges:
            self.add(first, count)

    def __iter__(self) -> Iterator[Range]:
        return _pairs(self._edges)

    def __len__(self) -> int:
        """Return the number of ranges (not of sequences)."""
        return len(self._edges) // 2

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ranges) and self._edges == other._edges

    def __repr__(self) -> str:
        return f"Ranges({list(self)})"

    @property
    def end(self) -> int:
        """One above the highest member; 0 when empty."""
        return self._edges[-1] if self._edges else 0

    def total(self) -> int:
        """Return the number of sequences in the set."""
        return sum(count for _, count in self)

    def copy(self) -> "Ranges":
        """Return an independent copy."""
        twin = Ranges()
        twin._edges = self._edges[:]
        return twin

    def add(self, first: int, count: int) -> None:
        """Include first .. first+count-1. Raises ValueError for an impossible range."""
        if first < 0 or count < 1:
            raise ValueError("a range has a first >= 0 and a count >= 1")
        left = bisect_left(self._edges, first)
        right = bisect_right(self._edges, first + count)
        start = [first] if left % 2 == 0 else []
        end = [first + count] if right % 2 == 0 else []
        self._edges[left:right] = start + end

    def __contains__(self, sequence: int) -> bool:
        return bisect_right(self._edges, sequence) % 2 == 1

    def missing_in(self, first: int, count: int) -> list[Range]:
        """Return the parts of first .. first+count-1 that are not in the set, ascending."""
        left = bisect_right(self._edges, first)
        right = bisect_left(self._edges, first + count)
        edges = self._edges[left:right]
        if left % 2 == 0:
            edges.insert(0, first)
        if right % 2 == 0:
            edges.append(first + count)
        return list(_pairs(edges))

    def union(self, other: "Ranges") -> "Ranges":
        """Return the set of what is in either."""
        if not other._edges:
            return self
        larger, smaller = (self, other) if len(self) >= len(other) else (other, self)
        both = larger.copy()
        for first, count in smaller:
            both.add(first, count)
        return both

    def pack(self) -> bytes:
        """Return a compact form: the distance from edge to edge as LEB128."""
        body = bytearray()
        previous = 0
        for edge in self._edges:
            _put_varint(body, edge - previous)
            previous = edge
        return bytes(body)


def unpack(body: bytes) -> Ranges:
    """Return the Ranges that `pack` made. Raises ValueError for other bytes."""
    edges: list[int] = []
    edge = value = shift = 0
    for octet in body:
        value |= (octet & 0x7F) << shift
        shift += 7
        if octet < 0x80:
            edge += value
            edges.append(edge)
            value = shift = 0
    if shift or len(edges) % 2 or any(a >= b for a, b in itertools.pairwise(edges)):
        raise ValueError("not packed ranges")
    ranges = Ranges()
    ranges._edges = edges
    return ranges


def pack_fresh(first: int, count: int, fresh: list[Range]) -> bytes | None:
    """Return which records of a frame are new, a bit each (lowest first), or None for all."""
    if fresh == [(first, count)]:
        return None
    bits = 0
    for start, length in fresh:
        bits |= ((1 << length) - 1) << (start - first)
    return bits.to_bytes((count + 7) // 8, "little")


def is_fresh(fresh: bytes | None, index: int) -> bool:
    """Say whether the record at `index` (0-based) of a frame was new when the frame came."""
    if fresh is None:
        return True
    return index // 8 < len(fresh) and bool(fresh[index // 8] >> (index % 8) & 1)


def fresh_ranges(first: int, count: int, fresh: bytes | None) -> list[Range]:
    """Return the new records of a frame as ranges: what `pack_fresh` was given."""
    if fresh is None:
        return [(first, count)]
    return list(Ranges((first + i, 1) for i in range(count) if is_fresh(fresh, i)))


def _pairs(edges: list[int]) -> Iterator[Range]:
    for i in range(0, len(edges), 2):
        yield edges[i], edges[i + 1] - edges[i]


def _put_varint(body: bytearray, value: int) -> None:
    while value > 0x7F:
        body.append(value & 0x7F | 0x80)
        value >>= 7
    body.append(value)
