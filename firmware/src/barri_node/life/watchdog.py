# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The watchdog is fed only while every task has reported within its own time.

One stuck task, the link as much as the sampler, stops the feeding; the hardware then restarts the
node. Imports no hardware: `feed` and the ticks are given.
"""

from micropython import const

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Callable

    from barri_node.life.ports import Ticks
    from barri_node.ports import Say, SleepMs

# The hardware's patience: over the longest stall known (DNS), and well within the minute after
# which a boot counts as good.
TIMEOUT_MS = const(45000)
_LONGEST_MS = const(0x0FFFFFFF)  # three days; ticks wrap at six
_CHECK_MS = const(5000)


class Watchdog:
    """feed: feeds the hardware. say(text): one line for the serial console.

    stuck: the name of a task that has not reported in its time, or None.
    """

    def __init__(self, ticks: "Ticks", feed: "Callable[[], None]", say: "Say") -> None:
        self._ticks = ticks
        self._feed = feed
        self._say = say
        self._tasks: "dict[str, list[int]]" = {}  # name: [when it last reported, its time]
        self.stuck: "str | None" = None

    def expect(self, name: str, within_ms: int) -> None:
        """From now on a task of that name must report at least every `within_ms`."""
        self._tasks[name] = [self._ticks.ticks_ms(), min(within_ms, _LONGEST_MS)]

    def alive(self, name: str) -> None:
        """A task reports. One that nobody expects is not listened to."""
        task = self._tasks.get(name)
        if task is not None:
            task[0] = self._ticks.ticks_ms()

    def check(self) -> bool:
        """Feed if every task has reported in its time; says whether so."""
        now = self._ticks.ticks_ms()
        for name, task in self._tasks.items():
            if self._ticks.ticks_diff(now, task[0]) > task[1]:
                self._blame(name)
                return False
        self.stuck = None
        self._feed()
        return True

    def _blame(self, name: str) -> None:
        if name != self.stuck:
            self.stuck = name
            self._say("watchdog: {} is stuck: no longer fed".format(name))

    async def run(self, sleep_ms: "SleepMs") -> None:
        """Check for ever. Ticks wrap after six days: a stuck task is noticed long before."""
        while True:
            self.check()
            await sleep_ms(_CHECK_MS)
