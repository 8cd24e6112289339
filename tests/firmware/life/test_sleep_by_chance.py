# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A battery node over any sequence of cycles, crashes and cut flushes: what was kept is kept once.

The node may be stopped at every write to the memory that outlives sleep, and at every write to
flash. Only a power cut may lose what still waited in that memory, and nothing else.
"""

from dataclasses import dataclass, field

from fake_memory import FakeMemory
from hypothesis import given
from hypothesis import strategies as st
from memory_medium import MemoryMedium

from barri_node.life.retained import Retained
from barri_node.life.sleep import Sleep
from barri_node.store.errors import StoreError
from barri_node.store.ringlog import RingLog
from barri_wire.schema import KITS

SCHEMA = KITS["air"]
CHANNELS = len(SCHEMA.channels)


class StoppedError(Exception):
    """The node has been stopped in the middle of something."""


class Stoppable:
    """Counts down to a stop; -1 never stops."""

    def __init__(self) -> None:
        self.steps = -1

    def step(self) -> None:
        if self.steps == 0:
            self.steps = -1
            raise StoppedError
        self.steps -= self.steps > 0


class Memory(FakeMemory):
    def __init__(self, stop: Stoppable) -> None:
        super().__init__()
        self._stop = stop

    def memory(self, data: bytes | None = None) -> bytes | None:
        if data is not None:
            self._stop.step()
        result: bytes | None = super().memory(data)
        return result


class Medium(MemoryMedium):
    def __init__(self, stop: Stoppable) -> None:
        super().__init__()
        self._stop = stop

    def write(self, number: int, first: int, offset: int, data: bytearray) -> None:
        self._stop.step()
        super().write(number, first, offset, data)
        self._stop.step()


@dataclass
class Cycle:
    """stop_after: so many writes; -1: not at all. cut: it ends with a power cut."""

    flush: bool
    stop_after: int
    cut: bool


@dataclass
class Node:
    stop: Stoppable = field(default_factory=Stoppable)
    measured: list[int] = field(default_factory=list)
    safe: set[int] = field(default_factory=set)  # in memory or in flash, as far as it was told

    def __post_init__(self) -> None:
        self.memory = Memory(self.stop)
        self.medium = Medium(self.stop)
        self.cause = "power-on"
        self.rtc_ms = 0

    def log(self) -> RingLog:
        return RingLog(self.medium, 64 * 4096, SCHEMA, bytes)

    def live(self, cycle: Cycle, number: int) -> None:
        self.stop.steps = cycle.stop_after
        try:
            self._cycle(cycle, number)
            self.cause = "deep sleep"
        except (StoppedError, StoreError):
            self.cause = "hard reset"
        self.stop.steps = -1
        if cycle.cut:
            self.cause = "power-on"
            self.memory.content = b""
            self.safe = set(self.kept())

    def _cycle(self, cycle: Cycle, number: int) -> None:
        sleep = Sleep(Retained(self.memory), CHANNELS, lambda: self.rtc_ms)
        awake = sleep.wake(self.cause)
        boot = sleep.boot if awake else 1
        uptime_ms = sleep.uptime_ms if awake else 0
        self.measured.append(number)
        assert sleep.pocket.put(number, 600, (number,) * CHANNELS, True)
        sleep.keep(boot, uptime_ms, None, 0)
        self.safe.add(number)
        if cycle.flush or not sleep.pocket.has_room():
            sleep.flush(self.log())
        self.rtc_ms += 600000
        sleep.keep(boot, uptime_ms + 600000, None, 0)

    def kept(self) -> list[int]:
        log = self.log()
        found: list[int] = []
        first = 0
        while records := log.read(first, 64):
            found += [record.start_s for record in records]
            first = records[-1].sequence + 1
        return found


CYCLES = st.lists(
    st.builds(
        Cycle, st.booleans(), st.integers(-1, 6), st.sampled_from([False, False, False, True])
    ),
    max_size=25,
)


@given(CYCLES)
def test_nothing_kept_is_lost_or_doubled(cycles: list[Cycle]) -> None:
    node = Node()
    for number, cycle in enumerate(cycles):
        node.live(cycle, number)
    node.live(Cycle(True, -1, False), len(cycles))
    kept = node.kept()
    assert len(set(kept)) == len(kept), f"twice: {kept}"
    assert node.safe <= set(kept), f"lost: {node.safe - set(kept)}"
    assert kept == sorted(kept)
    assert set(kept) <= set(node.measured)
