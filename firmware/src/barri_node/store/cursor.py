# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Reads one segment from its beginning to its end, through a small window.

Where something cannot be read it goes on at the next state: what lies between is missing.
"""

from micropython import const

from barri_node.store import pieces
from barri_node.store.context import Context
from barri_node.store.errors import StoreError
from barri_node.store.state import decode
from barri_wire.errors import FrameError

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from barri_node.store.medium import Medium
    from barri_node.store.state import State
    from barri_wire.record import Record
    from barri_wire.schema import Schema

WINDOW_BYTES = 512
_ERASED = b"\xff" * 16


class Cursor:
    """A place in segment `number`, which has at most `end` bytes; raise `end` when it has grown.

    window: a buffer of at least 400 bytes, used by one cursor at a time. context: what is known
    at this place. state: the last one passed. valid_end: where the last valid piece ends.
    programmed_end: where the last byte ends that was seen not to be erased.
    """

    def __init__(
        self, medium: "Medium", number: int, first: int, end: int, window: bytearray
    ) -> None:
        self._medium = medium
        self.first = first
        self._window = window
        self._page = memoryview(b"")
        self._page_at = 0
        self._at = pieces.HEAD_BYTES
        self.number = number
        self.end = end
        self.context = Context(number, first)
        self.state: "State | None" = None
        self.valid_end = self.programmed_end = pieces.HEAD_BYTES
        self._lost = True  # nothing can be read before a state

    def next(self) -> "tuple[list[Record], Schema] | None":
        """Return the records of the next piece that has any, and their schema; None at the end.

        The records have consecutive sequences. Raises OSError when flash does not answer.
        """
        while self._at < self.end:
            if not self._look():
                return None
            start = self._at - self._page_at
            if self._page[start] >= pieces.STATE:
                self._pass_block(start)
            elif self._lost:
                self._step()
            else:
                try:
                    end, records, schema = self.context.decode(self._page, start)
                except StoreError:
                    self._lose_the_thread()
                    continue
                self._reach(end)
                return records, schema
        return None

    def _look(self) -> bool:
        """Have the longest piece in the window, or all that there is; False: there is nothing."""
        start = self._at - self._page_at
        left = len(self._page) - start
        longest = pieces.LONGEST_BYTES
        if left > 0 and self._page[start] < pieces.STATE:
            longest = pieces.LONGEST_RECORDS_BYTES
        if left < longest and self._page_at + len(self._page) < self.end:
            self._fill(start, max(0, left))
        return self._at < self._page_at + len(self._page)

    def _fill(self, start: int, left: int) -> None:
        """Move what is left from `start` on to the window's front, and read what follows it."""
        window = memoryview(self._window)
        window[:left] = bytes(self._page[start : start + left])
        room = min(len(window), self.end - self._at)
        at = self._at + left
        count = self._medium.read(self.number, self.first, at, window[left:room])
        self._page, self._page_at = window[: left + count], self._at
        end = pieces.programmed_end(self._page)
        if end:
            self.programmed_end = max(self.programmed_end, self._at + end)

    def _pass_block(self, start: int) -> None:
        page, number = self._page, self.number
        end = pieces.block_end(page, start, number)
        if not end:
            self._lose_the_thread()
            return
        body = pieces.body(page, start, end)
        try:
            if page[start] == pieces.STATE:
                self.state = decode(body)
                self.context.begin(self.state.sequence)
                self._lost = False
            elif page[start] == pieces.SCHEMA and not self._lost:
                self.context.define(body)
            elif self.state and page[start] == pieces.MARK:
                self.state.acknowledged = int.from_bytes(body, "big")
        except (StoreError, FrameError):
            self._lose_the_thread()
            return
        self._reach(end)

    def _reach(self, end: int) -> None:
        self._at = self._page_at + end
        self.valid_end = self._at

    def _lose_the_thread(self) -> None:
        self._lost = True
        self._step()

    def _step(self) -> None:
        """Go on to where a block may begin."""
        page, at = self._page, self._at - self._page_at + 1
        while at < len(page) and not pieces.STATE <= page[at] < pieces.STATE + 1:
            at += 16 if page[at : at + 16] == _ERASED else 1
        self._at = self._page_at + at
