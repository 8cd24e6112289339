# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Brings a signed release into the spare tree, a part at a time, then asks for its trial.

Loaded with the first offer. Knows no network: the link hands over what came, and sends what
`step` wants. What is on flash and has the right hash is never asked for again.
"""

import asyncio
import sys
from binascii import hexlify

from cryptolib import aes
from micropython import const

from barri_node.errors import NodeError
from barri_node.update import staging
from barri_node.update.slots import CABLE
from barri_wire import messages_update as wire
from barri_wire.cmac import cmac
from barri_wire.errors import FrameError

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from barri_node.ports import Say
    from barri_node.update.slots import Slots

_ECB = const(1)
_OFFER = const(0x48)  # version and kind: the first byte of an offer
_PART_EVERY_MS = const(200)  # records go first
_ANSWER_MS = const(15000)
_MOST_UNANSWERED = const(8)
_MOST_FETCHES = const(3)  # of one file, if its hash is wrong every time
_MOST_FAILED_TRIALS = const(3)
_SPARED_BYTES = const(65536)  # of flash, for what else the node has to write
_MAIN = "main.py"


class UpdateError(NodeError):
    """This update is given up; the text says why, for the console."""


class Fetcher:
    """slots: what runs, and where. key: 16 bytes, the node's seal key.

    `ready`: the trial is noted, and the node is to be restarted.
    """

    def __init__(self, slots: "Slots", key: bytes, say: "Say") -> None:
        self._slots = slots
        self._encrypt = aes(key, _ECB).encrypt
        self._say = say
        self._offered: "wire.Offer | None" = None  # to be begun with by `step`
        self._offer: "wire.Offer | None" = None
        self._wanted_ms: "int | None" = None  # since when a part is awaited
        self._not_before_ms = 0
        self._unanswered = 0
        self._number = 0  # of the file in hand; its path, size and SHA-256 are
        self._path, self._size, self._digest = staging.MANIFEST, 0, ""
        self._next_line = 0  # where in the MANIFEST the line after its own begins
        self._file: "BinaryIO | None" = None
        self._fetching = False  # it is open for parts, and this many bytes of it are there
        self._offset = 0
        self._fetches = 0
        self._ended = 0  # the serial that this boot asks for no more
        self.ready = False

    # --- what comes down: at any moment, also while `step` pauses ---

    def take(self, body: bytes, now_ms: int) -> None:
        """Take an offer or a part. Raises FrameError for what is neither, or not for us."""
        if body[:1] == bytes((_OFFER,)):
            self._take_offer(wire.decode_offer(body))
        else:
            self._take_part(wire.decode_part(body), now_ms)

    def _take_offer(self, offer: wire.Offer) -> None:
        slots = self._slots
        if self._offer is None:
            slots.read()  # a trial may have ended well meanwhile
        if offer.architecture != architecture() or offer.serial <= slots.serial:
            return
        if self.ready or slots.trial != CABLE or offer.serial == self._ended:
            return  # one thing at a time; and where boot.py is missing no trial ever begins
        if offer.serial == slots.failed and slots.times >= _MOST_FAILED_TRIALS:
            return
        if not _same(cmac(self._encrypt, wire.SIGNED_PREFIX + offer.sha256), offer.tag):
            raise FrameError("update with a wrong tag")
        self._offered = offer

    def _take_part(self, part: wire.Part, now_ms: int) -> None:
        """Write the part that was asked for; any other one is late, and passed over."""
        offer = self._offer
        if offer is None or self._wanted_ms is None or part.serial != offer.serial:
            return
        if (part.file, part.offset) != (self._number, self._offset):
            return
        if part.offset + len(part.content) > self._size:
            raise FrameError("part beyond the end of its file")
        try:
            self._write(part.content)
        except OSError as error:
            self._give_up(repr(error))
            return
        self._wanted_ms, self._unanswered = None, 0
        self._not_before_ms = now_ms + _PART_EVERY_MS

    def _write(self, content: bytes) -> None:
        file = self._file
        if file is None:
            file = open(self._folder() + self._path, "wb")  # noqa: SIM115  # for all parts
            self._file = file
        file.write(content)
        self._offset += len(content)
        if self._offset == self._size:
            self._close()
            self._fetching = False  # it counts once it was read back

    # --- what goes up ---

    def due_ms(self, now_ms: int) -> "int | None":
        """When `step` has something to do, or None."""
        if self._offered is not None:
            return now_ms
        if self._offer is None:
            return None
        return self._not_before_ms if self._wanted_ms is None else self._wanted_ms + _ANSWER_MS

    async def step(self, now_ms: int) -> "wire.Want | None":
        """Do what is due; gives what has to be asked for, one part at a time."""
        due_ms = self.due_ms(now_ms)
        if due_ms is None or now_ms < due_ms:
            return None
        try:
            await self._go_on(now_ms)
        except (UpdateError, FrameError, OSError, MemoryError) as error:
            self._give_up(repr(error))
        offer = self._offer
        if offer is None:
            return None
        self._wanted_ms = now_ms
        return wire.Want(offer.serial, offer.architecture, self._number, self._offset)

    async def _go_on(self, now_ms: int) -> None:
        offer, self._offered = self._offered, None
        if offer is not None:
            self._begin(offer, now_ms)
        elif self._wanted_ms is not None:
            self._count_silence()
        if not self._fetching:
            await self._find_missing()

    def _count_silence(self) -> None:
        """What was asked for did not come, be it for a line or for memory that fails each time."""
        self._unanswered += 1
        if self._unanswered > _MOST_UNANSWERED:
            self._ended = self._present().serial
            raise UpdateError("no part comes any more")

    def _begin(self, offer: wire.Offer, now_ms: int) -> None:
        """Begin a release with its MANIFEST; the one in hand goes on where it was."""
        awaited, self._wanted_ms, self._not_before_ms = self._wanted_ms, None, now_ms
        if offer == self._offer:
            if awaited is not None:
                self._count_silence()
            return
        self._unanswered = 0
        self._say("update: release {} is offered".format(offer.serial))
        self._close()
        self._offer = offer
        self._take_in_hand(0, staging.MANIFEST, offer.size, hexlify(offer.sha256).decode())

    def _take_in_hand(self, number: int, path: str, size: int, digest: str) -> None:
        self._number, self._path, self._size, self._digest = number, path, size, digest
        self._offset = self._fetches = 0
        self._fetching = False

    async def _find_missing(self) -> None:
        """Go on to the first file that flash does not hold as it should be; after the last one
        note the trial.
        """
        while self._offer is not None:
            check = staging.Check(self._folder() + self._path, self._size, self._digest)
            await _work(check.run())
            if not check.good:
                await self._prepare()
                if self._size:
                    self._fetching = True
                    return
            elif not await self._next():
                self._finish()

    async def _prepare(self) -> None:
        """Make way for the file in hand, which is missing or damaged."""
        self._fetches += 1
        if self._fetches > _MOST_FETCHES:
            raise UpdateError(self._path + " does not have the hash it should")
        folder = self._folder()
        if self._number == 0:  # another release lies there, or none
            await _work(staging.erase(folder))
        staging.make_folders(folder + self._path)
        self._offset = 0
        if not self._size:
            self._write(b"")

    async def _next(self) -> bool:
        """Take the next line of the MANIFEST in hand; False after the last one."""
        if self._number == 0:
            self._next_line = self._check_head()
            await self._make_room()
        line = self._line_at(self._next_line)
        if not line:
            return False
        if self._number >= wire.FILES_MAX:
            raise UpdateError("too many files")
        digest, size, path = wire.parse_line(line)
        self._next_line += len(line)
        self._take_in_hand(self._number + 1, path, size, digest)
        return True

    def _check_head(self) -> int:
        """Check the first line of the MANIFEST against the offer; gives its length."""
        line = self._line_at(0)
        _, serial, name = wire.parse_head(line)
        if serial != self._present().serial or wire.ARCHITECTURES.get(name) != architecture():
            raise UpdateError("the MANIFEST is another release's")
        return len(line)

    async def _make_room(self) -> None:
        if await self._lacking_bytes() > 0 and self._slots.run != CABLE:
            self._say("update: what came by cable makes room")
            await _work(staging.erase_cable_tree(self._slots.path(CABLE)))
        if await self._lacking_bytes() > 0:
            raise UpdateError("not enough room on flash: update by cable")

    async def _lacking_bytes(self) -> int:
        """By how much the missing files exceed what flash has free; whole blocks are counted."""
        folder, place = self._folder(), self._next_line
        free, block = staging.free_bytes(folder)
        lacking = _SPARED_BYTES - free
        line = self._line_at(place)
        while line:
            _, size, path = wire.parse_line(line)
            if staging.size_of(folder + path) != size:
                lacking += (size + block - 1) // block * block
            place += len(line)
            line = self._line_at(place)
            await asyncio.sleep_ms(0)
        return lacking

    def _finish(self) -> None:
        if self._path != _MAIN:
            raise UpdateError("main.py is not its last file")
        self._slots.note_trial(self._present().serial)
        self._say("update: release {} is here, and will be tried".format(self._present().serial))
        self._offer = None
        self.ready = True

    # --- small things ---

    def _present(self) -> wire.Offer:
        if self._offer is None:
            raise UpdateError("no release in hand")
        return self._offer

    def _folder(self) -> str:
        return self._slots.path(self._slots.spare)

    def _line_at(self, place: int) -> bytes:
        with open(self._folder() + staging.MANIFEST, "rb") as file:
            file.seek(place)
            line: bytes = file.readline(wire.LINE_MAX_BYTES + 1)
            return line

    def _close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def _give_up(self, why: str) -> None:
        self._say("update: given up: " + why)
        self._offer = None
        try:
            self._close()
        except OSError:
            pass  # what it held is not counted on


def architecture() -> int:
    """The number of this board's architecture, as MicroPython counts them."""
    return (getattr(sys.implementation, "_mpy", 0) >> 10) & 0x0F


def _same(one: bytes, other: bytes) -> bool:
    """Compare without telling by the time it takes where they differ."""
    difference = len(one) ^ len(other)
    for expected, octet in zip(one, other):  # noqa: B905  # the lengths are compared above
        difference |= expected ^ octet
    return not difference


async def _work(job: "Iterator[None]") -> None:
    """Exhaust a job with pauses for the other tasks."""
    for _ in job:
        await asyncio.sleep_ms(0)
