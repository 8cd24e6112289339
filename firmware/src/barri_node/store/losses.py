# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Ranges of sequences that this node will never be able to send. Imports nothing of ours."""

RANGES_LIMIT = 16


class Losses:
    """Lost ranges `(store_id, first, count, reason)` in order of finding, and their total.

    At most 16 are kept: more are joined into one that covers the smallest gap between two, so a
    range may then cover records that the gateway has (it keeps what it has) but never hides one.
    total: records lost in the life of this log; it only grows.
    """

    def __init__(
        self, ranges: "list[tuple[int, int, int, int]] | tuple[()]" = (), total: int = 0
    ) -> None:
        self.ranges: "list[tuple[int, int, int, int]]" = list(ranges)
        self.total = total

    def add(self, store_id: int, first: int, end: int, reason: int) -> bool:
        """Note that first..end-1 are lost; say whether any of it is news."""
        news = False
        for start, stop in self._without(store_id, first, end):
            self.total += stop - start
            self._insert(store_id, start, stop, reason)
            news = True
        return news

    def remove(self, store_id: int, first: int, end: int) -> None:
        """Forget what lies in first..end-1: the gateway knows of it."""
        kept = []
        for entry in self.ranges:
            kept.extend(_outside(entry, store_id, first, end))
        self.ranges = kept
        self._keep_short()

    def _without(self, store_id: int, first: int, end: int) -> "list[tuple[int, int]]":
        """Return the parts of first..end-1 that no range covers yet."""
        parts = [(first, end)] if first < end else []
        for store, start, count, _ in self.ranges:
            if store == store_id:
                parts = [p for part in parts for p in _cut(part, start, start + count)]
        return parts

    def _insert(self, store_id: int, first: int, end: int, reason: int) -> None:
        for i, (store, start, count, why) in enumerate(self.ranges):
            if (store, start + count, why) == (store_id, first, reason):
                self.ranges[i] = (store, start, end - start, why)
                return
        self.ranges.append((store_id, first, end - first, reason))
        self._keep_short()

    def _keep_short(self) -> None:
        while len(self.ranges) > RANGES_LIMIT:
            self._join_nearest()

    def _join_nearest(self) -> None:
        """Join the two neighbours of one store with the smallest gap; drop the oldest if none."""
        self.ranges.sort()
        best = None
        for i in range(len(self.ranges) - 1):
            store, first, count, _ = self.ranges[i]
            gap = self.ranges[i + 1][1] - first - count
            if store == self.ranges[i + 1][0] and (best is None or gap < best[0]):
                best = (gap, i)
        if best is None:
            del self.ranges[0]
            return
        store, first, _, reason = self.ranges[best[1]]
        last = self.ranges.pop(best[1] + 1)
        self.ranges[best[1]] = (store, first, last[1] + last[2] - first, reason)


def _cut(part: "tuple[int, int]", start: int, stop: int) -> "list[tuple[int, int]]":
    """Return what remains of a part without start..stop-1."""
    first, end = part
    pieces = ((first, min(end, start)), (max(first, stop), end))
    return [piece for piece in pieces if piece[0] < piece[1]]


def _outside(
    entry: "tuple[int, int, int, int]", store_id: int, first: int, end: int
) -> "list[tuple[int, int, int, int]]":
    store, start, count, reason = entry
    if store != store_id:
        return [entry]
    pieces = _cut((start, start + count), first, end)
    return [(store, piece[0], piece[1] - piece[0], reason) for piece in pieces]
