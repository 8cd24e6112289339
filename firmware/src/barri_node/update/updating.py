# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What the link knows of updates: what to take, what to ask for, and when to restart.

Loaded with the first offer.
"""

from binascii import unhexlify

from micropython import const

from barri_node.update.fetching import Fetcher
from barri_node.update.slots import Slots
from barri_wire.messages_update import encode_want

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Callable

    from barri_node.clock import Clock
    from barri_node.ports import Hal, Say
    from barri_node.settings import Secret
    from barri_node.store.ringlog import RingLog

_LONGEST_WINDOW_MS = const(3600000)
_HEADROOM_BYTES = const(8192)  # in one piece: what frames and parts take as they come and go


class Updating:
    """restart(): ends this boot. A release that is ready waits for the next record to be kept, so
    that hardly anything of the open window is lost; at most an hour. Raises MemoryError where
    too little would be left.
    """

    def __init__(
        self,
        hal: "Hal",
        key: "Secret",
        clock: "Clock",
        log: "RingLog",
        restart: "Callable[[], None]",
        say: "Say",
    ) -> None:
        bytearray(_HEADROOM_BYTES)  # better no update than a line that breaks down with each part
        self._clock = clock
        self._log = log
        self._restart = restart
        self._fetcher = Fetcher(Slots(hal.flash_root()), unhexlify(key.reveal()), say)
        self._ready: "tuple[int, int] | None" = None  # records kept by then, and until when

    def take(self, body: bytes) -> None:
        """Take what came down as `update`. Raises FrameError."""
        self._fetcher.take(body, self._clock.uptime_ms())

    def due_ms(self) -> "int | None":
        """When `next_want` has something to do, or None."""
        if self._ready is not None:
            return self._ready[1]
        return self._fetcher.due_ms(self._clock.uptime_ms())

    async def next_want(self) -> "bytes | None":
        """What to publish as `want` now, or None. Restarts the node where that is due."""
        now_ms = self._clock.uptime_ms()
        want = await self._fetcher.step(now_ms)
        if self._fetcher.ready:
            if self._ready is None:
                self._ready = self._log.flushed, now_ms + _LONGEST_WINDOW_MS
            if self._log.flushed != self._ready[0] or now_ms >= self._ready[1]:
                self._restart()
        return None if want is None else encode_want(want)
