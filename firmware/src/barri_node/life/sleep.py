# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What a node on a battery knows when it wakes: boot, time, and the records not yet in flash.

A wake is not a boot: uptime goes on, by a clock that runs in deep sleep. Records wait in memory
that outlives sleep and resets but not the power, and reach the ring log once each. No hardware.
"""

import struct

from micropython import const

from barri_node.life.pocket import Pocket
from barri_node.life.retained import BUFFER_BYTES

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Callable

    from barri_node.life.retained import Retained
    from barri_node.store.ringlog import RingLog

    Key = tuple[int, int, int | None]

_FORMAT = const(2)
_HAS_UTC = const(1)
_MARKED = const(2)
_UNTIL_IN_UTC = const(4)
# format, flags, channels, count; boot, certainty, store, first; uptime, sleep's clock, UTC offset;
# and as `Notes` has them
_HEAD = "<BBBBIIIIqqqqIIIIIIHHBB"
_HEAD_BYTES = const(82)
# The clock of deep sleep is an RC oscillator of 150 kHz, measured anew at each start but free of
# any crystal: 5 % is taken as the most it is wrong by.
DRIFT = const(20)
_MOST_WITHIN = 0xFFFFFFFF
_SHORTEST_MS = const(1000)  # a sleep shorter than this saves nothing


class Notes:
    """What one cycle tells the next.

    due_ms: uptime at which the running window ends. until_s: where the last record ended, in s2000
    when until_in_utc, else in uptime. warm_up_ms: what the readings took. cause: of this boot.
    cycles: since the last conversation with the gateway. failed: conversations in a row without an
    answer. failures, faults, declared: such conversations, sensors' faults and records declared
    void, all since the power came. store_id, released: what the gateway was known to have.
    """

    def __init__(self) -> None:
        self.due_ms = 0
        self.until_s = 0
        self.until_in_utc = False
        self.failures = self.faults = self.declared = 0
        self.store_id = self.released = 0
        self.cycles = self.warm_up_ms = 0
        self.failed = self.cause = 0

    def numbers(self) -> "tuple[int, ...]":
        """As the head ends, but for `until_in_utc`."""
        return (
            self.due_ms, self.until_s, self.failures, self.faults, self.declared, self.store_id,
            self.released, self.cycles, self.warm_up_ms, self.failed, self.cause,
        )  # fmt: skip

    def take(self, numbers: "tuple[int, ...]", until_in_utc: bool) -> None:
        """What `numbers` gave."""
        (
            self.due_ms, self.until_s, self.failures, self.faults, self.declared, self.store_id,
            self.released, self.cycles, self.warm_up_ms, self.failed, self.cause,
        ) = numbers  # fmt: skip
        self.until_in_utc = until_in_utc


class Sleep:
    """retained: the memory. channels: values of a record. rtc_ms(): the clock that runs on.

    boot, uptime_ms, utc_offset_ms, within_ms: as they are now, after `wake` said True; `within_ms`
    is how far UTC may be off. pocket: the records that wait. notes: kept with them.
    """

    def __init__(self, retained: "Retained", channels: int, rtc_ms: "Callable[[], int]") -> None:
        self._retained = retained
        self._channels = channels
        self._rtc_ms = rtc_ms
        self._marked: "tuple[int, int] | None" = None  # store id, first sequence that may be ours
        self.pocket = Pocket(channels, BUFFER_BYTES - _HEAD_BYTES)
        self.notes = Notes()
        self.boot = 0
        self.uptime_ms = 0
        self.utc_offset_ms: "int | None" = None
        self.within_ms = 0

    def wake(self, cause: str) -> bool:
        """Take up what was kept; says whether this is a wake, and so the boot goes on.

        After any other reset False: it is a boot, but records that waited still wait.
        """
        held = self._retained.buffer()
        return held is not None and self._load(held) and cause == "deep sleep"

    def _load(self, held: bytes) -> bool:
        if len(held) < _HEAD_BYTES or held[0] != _FORMAT or held[2] != self._channels:
            return False
        if not self.pocket.load(held[_HEAD_BYTES:], held[3]):
            return False
        head = struct.unpack_from(_HEAD, held)
        flags, boot, within_ms, store, first, uptime_ms, rtc_ms, offset_ms = head[1:2] + head[4:11]
        self.notes.take(head[11:], bool(flags & _UNTIL_IN_UTC))
        slept_ms = max(0, self._rtc_ms() - rtc_ms)
        self.boot = boot
        self.uptime_ms = uptime_ms + slept_ms
        self.within_ms = min(within_ms + slept_ms // DRIFT, _MOST_WITHIN)
        self.utc_offset_ms = offset_ms if flags & _HAS_UTC else None
        self._marked = (store, first) if flags & _MARKED else None
        return True

    def keep(self, boot: int, uptime_ms: int, utc_offset_ms: "int | None", within_ms: int) -> None:
        """Write all that must outlive a sleep or a reset that may come now."""
        self.boot, self.uptime_ms, self.within_ms = boot, uptime_ms, min(within_ms, _MOST_WITHIN)
        self.utc_offset_ms = utc_offset_ms
        self._write()

    def _write(self) -> None:
        offset_ms = self.utc_offset_ms
        flags = (0 if offset_ms is None else _HAS_UTC) | (_MARKED if self._marked else 0)
        flags |= _UNTIL_IN_UTC if self.notes.until_in_utc else 0
        store, first = self._marked or (0, 0)
        numbers = (
            _FORMAT, flags, self._channels, self.pocket.count, self.boot, self.within_ms,
            store, first, self.uptime_ms, self._rtc_ms(), offset_ms or 0,
        )  # fmt: skip
        head = struct.pack(_HEAD, *(numbers + self.notes.numbers()))
        self._retained.set_buffer(head + self.pocket.content)

    def flush(self, log: "RingLog") -> int:
        """Move the records that wait into the log; gives how many. Raises what the log raises.

        Whatever ends it half-way, done again it keeps no record twice: it is noted beforehand
        from which sequence on the log may hold some of them.
        """
        if not self.pocket.count:
            return 0
        if self._marked is None or self._marked[0] != log.store_id:
            self._marked = (log.store_id, log.next_sequence)
            self._write()
        held = self._held(log, self._marked[1])
        moved = 0
        for start_s, duration_s, values, boot in self.pocket.records(self.boot):
            if (start_s, duration_s, boot) not in held:
                log.append(start_s, duration_s, values, boot)
                moved += 1
        log.flush()
        self.pocket.clear()
        self._marked = None
        self._write()
        return moved

    def _held(self, log: "RingLog", first: int) -> "set[Key]":
        """Which of them the log has already: windows of a boot never begin together."""
        held: "set[Key]" = set()
        while first < log.flushed:
            found = log.read(first, self.pocket.count)
            if not found:
                break
            for record in found:
                held.add((record.start_s, record.duration_s, record.boot))
            first = found[-1].sequence + 1
        return held


def sleep_ms_until(now_ms: int, period_ms: int, lead_ms: int) -> int:
    """How long to sleep so as to wake `lead_ms` before the next multiple of `period_ms`.

    now_ms: UTC, or uptime without it. The one after the next when that is too near.
    """
    left_ms = period_ms - now_ms % period_ms - lead_ms
    while left_ms < _SHORTEST_MS:
        left_ms += period_ms
    return left_ms
