# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Requests per hour, counted in one-minute buckets that each live 59 minutes.

Imports nothing of ours. Times are seconds, from the caller.
"""

from dataclasses import dataclass

from .model import Timing


@dataclass(frozen=True)
class QuotaState:
    """What the rate limit headers say. `reset_min` is in minutes, and 0 unless exceeded."""

    allowed: bool
    limit: int
    remaining: int
    reset_min: int


class Quota:
    """One sliding window. A refused request is not counted."""

    def __init__(self, timing: Timing) -> None:
        self._timing = timing
        self._buckets: list[tuple[int, float, int]] = []  # (label, created, count)

    def take(self, limit: int, now: float) -> QuotaState:
        """Ask for one request out of `limit` per hour."""
        keep_s = self._timing.quota_keep_s
        self._buckets = [bucket for bucket in self._buckets if now < bucket[1] + keep_s]
        allowed = self._total() + 1 <= limit
        if allowed:
            self._count(now)
        reset_min = 0 if allowed else self._reset(now)
        return QuotaState(allowed, limit, limit - self._total(), reset_min)

    def _count(self, now: float) -> None:
        label = int(now // self._timing.quota_bucket_s)
        if self._buckets and self._buckets[-1][0] == label:
            _, created, count = self._buckets.pop()
            self._buckets.append((label, created, count + 1))
        else:
            self._buckets.append((label, now, 1))

    def _total(self) -> int:
        return sum(count for _, _, count in self._buckets)

    def _reset(self, now: float) -> int:
        """Whole minutes until the oldest bucket's hour ends, cut off."""
        oldest = self._buckets[0][1] if self._buckets else now
        return int((oldest + self._timing.quota_window_s - now) // self._timing.quota_bucket_s)
