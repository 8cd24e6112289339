# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A microphone whose samples are their own numbers; a meter that only notes which it was fed."""

import asyncio
import struct


class FakeMicrophone:
    """Sample n is there (n + 1) / rate after the start; a read waits for its whole block.

    short: sizes of blocks, in turn, in place of what the buffer holds. late_ms: how much later a
    block is handed over. losses: {sample: how many
    are gone from there on}. stalls: {sample: ms} in which nothing comes, and all of it is lost.
    failures: samples at which it raises OSError, once each.
    """

    def __init__(self, world, rate_hz, short=(), late_ms=0, losses=None, stalls=None, failures=()):
        self._world = world
        self._rate_hz = rate_hz
        self._short = short
        self._late_ms = late_ms
        self._losses = losses or {}
        self._stalls = stalls or {}
        self._failures = list(failures)
        self._started_ms = None
        self._blocks = 0
        self.next = 0

    async def readinto(self, buffer):
        if self._started_ms is None:
            self._started_ms = self._world.now_ms
        await self._misbehave()
        count = len(buffer) // 4
        if self._short:
            count = self._short[self._blocks % len(self._short)]
            assert 4 * count <= len(buffer)
        self._blocks += 1
        await self._reach(self.next + count)
        for i in range(count):
            struct.pack_into("<i", buffer, 4 * i, self.next + i)
        self.next += count
        return 4 * count

    async def _misbehave(self):
        if self._failures and self.next >= self._failures[0]:
            del self._failures[0]
            raise OSError(5)
        for at in sorted(self._losses):
            if self.next >= at:
                self.next += self._losses.pop(at)
        for at in sorted(self._stalls):
            if self.next >= at:
                self.next += self._stalls.pop(at) * self._rate_hz // 1000

    async def _reach(self, sample):
        due_ms = self._started_ms + (sample * 1000 + self._rate_hz - 1) // self._rate_hz
        await self._world.until(due_ms + self._late_ms)

    def skip_to_now(self):
        """What came while nobody read is lost."""
        self.next = (self._world.now_ms - self._started_ms) * self._rate_hz // 1000


class NotingMeter:
    """windows: for each closed window the ranges of samples that it was fed."""

    def __init__(self):
        self._ranges = []
        self.windows = []

    def feed(self, buf, n_bytes):
        assert n_bytes % 4 == 0
        assert n_bytes <= len(buf)
        for at in range(0, n_bytes, 4):
            sample = struct.unpack_from("<i", buf, at)[0]
            if self._ranges and self._ranges[-1][1] == sample:
                self._ranges[-1][1] += 1
            else:
                self._ranges.append([sample, sample + 1])

    def close_window(self):
        self.windows.append(self._ranges)
        samples = sum(end - first for first, end in self._ranges)
        self._ranges = []
        return {"laeq": 500, "samples": samples}


async def after(world, moment_ms, coroutine):
    await world.until(moment_ms)
    await asyncio.sleep_ms(0)
    return await coroutine
