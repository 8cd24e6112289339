# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""MicroPython's asyncio in virtual time: when all tasks sleep, time is at once where they wake.

A fake hal with nothing but a clock. What would hang is an error: a statement in which nothing can
happen any more, or whose time runs out, and a task that ends with an error nobody asked for.
"""

import asyncio
import asyncio.core
import time

# asyncio's C code stamps ready tasks with real ticks, and these must lie behind the virtual ones.
_LEAD_MS = 30 * 86400 * 1000


class World:
    """The hal of a statement. longest_ms: virtual time after which a statement has failed."""

    def __init__(self, longest_ms=2 * 86400 * 1000):
        self.now_ms = 0
        self.said = []
        self.longest_ms = longest_ms
        self.errors = []
        self._base_ms = time.ticks_ms() + _LEAD_MS
        loop = asyncio.new_event_loop()
        loop.set_exception_handler(lambda loop, context: self.errors.append(context["exception"]))
        asyncio.core.ticks = self.ticks_ms
        asyncio.core._io_queue.wait_io_event = self._wait

    def ticks_ms(self):
        return self._base_ms + self.now_ms

    def ticks_diff(self, later, earlier):
        return later - earlier

    def _wait(self, dt_ms):
        if dt_ms < 0:
            raise RuntimeError(f"nothing can happen any more at {self.now_ms} ms")
        self.now_ms += dt_ms
        if self.now_ms > self.longest_ms:
            raise RuntimeError(f"not over after {self.now_ms} ms")

    def say(self, text):
        self.said.append((self.now_ms, text))

    def run(self, coroutine, *beside):
        """Run a coroutine to its end, with tasks beside it that never end; gives its result."""
        result = []

        async def main():
            tasks = [asyncio.create_task(task) for task in beside]
            result.append(await coroutine)
            for task in tasks:
                assert not task.done(), "a task beside has ended"
            assert not self.errors, self.errors

        asyncio.run(main())
        assert result, f"the statement never came to its end: {self.errors}"
        return result[0]

    async def until(self, moment_ms):
        await asyncio.sleep_ms(max(0, moment_ms - self.now_ms))
