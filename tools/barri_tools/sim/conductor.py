# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The simulated time that nodes, chip models and gateway share.

Time runs along a straight line, `speed` simulated seconds a real second, but never past a moment
that a node still has to act on: a node that computes holds it, a node that sleeps names the moment
it wants to wake. So no node ever falls behind the chips it reads, however slow the machine.
"""

import mmap
import struct
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

_FILE_FORMAT = struct.Struct("<q")
NEVER_US = 1 << 62
# A machine that cannot keep up must not be asked for ever to catch up what it lost.
_MOST_BEHIND_S = 2.0


class Awake(NamedTuple):
    """From when to when a node's program ran between two deep sleeps, in simulated time."""

    name: str
    from_us: int
    until_us: int


class Conductor:
    """Simulated microseconds since its start, and the UTC that they stand for.

    start_utc_s: the Unix time at simulated zero. speed: 1.0 is real time.
    `monotonic_s` and `wait` are injected for tests.
    """

    def __init__(
        self,
        start_utc_s: int,
        speed: float = 1.0,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        if speed < 1.0:
            raise ValueError("simulated time cannot run slower than real time")
        self.start_utc_s = start_utc_s
        self.speed = speed
        self._monotonic_s = monotonic_s
        self._changed = threading.Condition()
        self._now_us = 0
        self._line_real_s = monotonic_s()
        self._line_us = 0
        self._wakes: dict[str, int | None] = {}  # None: busy, holds the clock
        self._wakers: dict[str, Callable[[int, int], None]] = {}
        self._sleeps: dict[str, int] = {}
        self._joined_us: dict[str, int] = {}
        self._asleep: set[str] = set()  # deeply, and nobody is there who computes for them
        self.awake: list[Awake] = []
        self._stopped = False
        self._published: mmap.mmap | None = None

    def now_us(self) -> int:
        """Simulated time since the start."""
        with self._changed:
            self._advance()
            return self._now_us

    def utc_s(self) -> float:
        """The UTC that the simulation stands at."""
        return self.start_utc_s + self.now_us() / 1e6

    def join(self, name: str, wake: Callable[[int, int], None]) -> int:
        """Let a node take part, busy at first. `wake(sleep, now_us)` ends that sleep."""
        with self._changed:
            self._advance()
            self._wakes[name] = None
            self._wakers[name] = wake
            self._joined_us[name] = self._now_us
            self._asleep.discard(name)
            return self._now_us

    def joined_us(self, name: str) -> int | None:
        """When a node has joined last, in simulated time; None before that."""
        with self._changed:
            return self._joined_us.get(name)

    def sleep_deeply(self, name: str, wake_us: int) -> None:
        """The node's process ends; from `wake_us` on time stands still until it joins again."""
        with self._changed:
            self._advance()
            self.awake.append(Awake(name, self._joined_us[name], self._now_us))
            self._asleep.add(name)
            self._wakers[name] = lambda sleep, now_us: None
            self._wakes[name], self._sleeps[name] = wake_us, 0
            self._changed.notify_all()

    def has_woken(self, name: str) -> bool:
        """Say whether a deep sleep is over: it is time to start the node again."""
        with self._changed:
            return name in self._asleep and self._wakes[name] is None

    def all_asleep(self) -> bool:
        """Say whether there are nodes, and all of them sleep deeply."""
        with self._changed:
            names = {name for name, wake_us in self._wakes.items() if wake_us is not None}
            return bool(names) and names == self._wakes.keys() and names <= self._asleep

    def leave(self, name: str) -> None:
        """A node that is gone holds nothing; the time that it held back is not caught up."""
        with self._changed:
            self._advance()
            self._line_real_s, self._line_us = self._monotonic_s(), self._now_us
            self._wakes.pop(name, None)
            self._wakers.pop(name, None)
            self._asleep.discard(name)
            self._changed.notify_all()

    def idle(self, name: str, sleep: int, wake_us: int) -> None:
        """The node has nothing to do before `wake_us`; it numbers its sleeps."""
        with self._changed:
            if name in self._wakes:
                self._wakes[name] = wake_us
                self._sleeps[name] = sleep
            self._changed.notify_all()

    def busy(self, name: str) -> int:
        """The node has been woken by something else; time stands still for it again."""
        with self._changed:
            self._advance()
            if name in self._wakes:
                self._wakes[name] = None
            return self._now_us

    def publish(self, path: Path) -> None:
        """Keep the simulated UTC (microseconds, 8 bytes little endian) in a file for others."""
        path.write_bytes(_FILE_FORMAT.pack(self._utc_us()))
        with path.open("r+b") as file:
            self._published = mmap.mmap(file.fileno(), _FILE_FORMAT.size)

    def run(self) -> None:
        """Move time and wake nodes until stopped. Runs in a thread of its own."""
        while True:
            with self._changed:
                if self._stopped:
                    return
                self._advance()
                due = self._take_due()
                now_us = self._now_us
                if not due:
                    self._changed.wait(self._real_wait_s())
            for wake, sleep in due:
                wake(sleep, now_us)

    def set_speed(self, speed: float) -> None:
        """Run faster or slower from now on; nodes do not notice."""
        with self._changed:
            self._advance()
            self._line_real_s, self._line_us = self._monotonic_s(), self._now_us
            self.speed = speed

    def stop(self) -> None:
        """End `run`."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def _utc_us(self) -> int:
        return self.start_utc_s * 1_000_000 + self._now_us

    def _advance(self) -> None:
        """Move along the line, not past the first moment that a node has to act on."""
        line_us = self._line_position_us()
        limit_us = min((w if w is not None else 0 for w in self._wakes.values()), default=NEVER_US)
        self._now_us = max(self._now_us, min(line_us, limit_us))
        behind_us = line_us - self._now_us
        if behind_us > _MOST_BEHIND_S * 1e6 * self.speed:
            self._line_real_s, self._line_us = self._monotonic_s(), self._now_us
        if self._published is not None:
            self._published[:] = _FILE_FORMAT.pack(self._utc_us())

    def _line_position_us(self) -> int:
        elapsed_s = self._monotonic_s() - self._line_real_s
        return self._line_us + int(elapsed_s * self.speed * 1e6)

    def _take_due(self) -> list[tuple[Callable[[int, int], None], int]]:
        due = []
        for name, wake_us in self._wakes.items():
            if wake_us is not None and wake_us <= self._now_us:
                self._wakes[name] = None
                due.append((self._wakers[name], self._sleeps[name]))
        return due

    def _real_wait_s(self) -> float:
        """How long nothing can happen: to the next wake, or 5 ms so that the file stays fresh."""
        if any(wake_us is None for wake_us in self._wakes.values()):
            return 0.005
        next_us = min((w for w in self._wakes.values() if w is not None), default=NEVER_US)
        ahead_s = (next_us - self._line_position_us()) / (1e6 * self.speed)
        return min(0.005, max(0.0, ahead_s))
