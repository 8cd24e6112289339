# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A source that offers nodes a release of the firmware and answers what they want of it.

Stands behind the check of seals: only to a node that has a key is anything offered, and only from
such a one anything taken. The release is a folder that `barri_tools.release` made, looked at anew
with each hello. Nodes ask for one part at a time, and only the newest question is answered.
"""

import asyncio
import hashlib
import logging
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

from barri.errors import StoreError
from barri.ports import Arrival, Clock, Inbox, Source
from barri_wire.errors import FrameError
from barri_wire.messages import decode_hello
from barri_wire.messages_update import (
    ANY_RELEASE,
    ARCHITECTURES,
    MANIFEST_MAX_BYTES,
    SIGNED_PREFIX,
    Offer,
    Part,
    Want,
    decode_want,
    encode_offer,
    encode_part,
    parse_head,
    parse_line,
)

WAITING_LIMIT = 256  # nodes that wait for an answer; the others ask again
SENT_BYTES = 256  # in a part: nodes have little memory in one piece
EVERY_S = 0.02  # between two answers, so that nodes' records are heard in between
MANIFEST = "MANIFEST"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Release:
    """One architecture's folder: what its MANIFEST says. paths: file 0 is the MANIFEST."""

    folder: Path
    version: str
    serial: int
    architecture: int
    manifest: bytes
    paths: tuple[str, ...]

    def part(self, want: Want) -> bytes:
        """Return some bytes of a file. Raises FrameError for what it does not have."""
        if want.file >= len(self.paths):
            raise FrameError("no such file in the release")
        if want.file == 0:
            content = self.manifest[want.offset : want.offset + SENT_BYTES]
        else:
            with (self.folder / self.paths[want.file]).open("rb") as file:
                file.seek(want.offset)
                content = file.read(SENT_BYTES)
        if not content:
            raise FrameError("no such part in the release")
        return content


def read_release(folder: Path) -> Release:
    """Read an architecture's folder. Raises OSError, or FrameError for a MANIFEST unlike ours."""
    manifest = (folder / MANIFEST).read_bytes()
    if len(manifest) > MANIFEST_MAX_BYTES:
        raise FrameError("MANIFEST too long")
    lines = manifest.splitlines(keepends=True) or [b""]
    version, serial, architecture = parse_head(lines[0])
    if architecture != folder.name:
        raise FrameError("MANIFEST of another architecture")
    paths = (MANIFEST, *(parse_line(line)[2] for line in lines[1:]))
    return Release(folder, version, serial, ARCHITECTURES[architecture], manifest, paths)


class UpdatesSource:
    """source: where nodes are heard and answered. key_of(node): 16 bytes, or None for none.

    directory: holds a folder for each architecture; it may be empty, and change at any time.
    """

    def __init__(
        self,
        source: Source,
        key_of: Callable[[str], bytes | None],
        directory: Path,
        clock: Clock,
    ) -> None:
        self._source = source
        self._key_of = key_of
        self._directory = directory
        self._clock = clock
        self._releases: dict[int, Release] = {}
        self._waiting: OrderedDict[str, Want | None] = OrderedDict()  # None: to be offered to
        self._news = asyncio.Event()
        self.counts: Counter[str] = Counter()

    async def run(self, inbox: Inbox) -> None:
        """Receive and answer until cancelled."""
        answering = asyncio.create_task(self._answer_for_ever())
        try:
            await self._source.run(_Door(inbox, self))
        finally:
            answering.cancel()

    async def send(self, node: str, kind: str, payload: bytes) -> None:
        """Send down, as the source does."""
        await self._source.send(node, kind, payload)

    # --- what comes up ---

    def offer(self, arrival: Arrival, inbox: Inbox) -> bool:
        """Keep a want for ourselves; pass on all else, and look at the hellos."""
        if arrival.kind != "want":
            taken = inbox.offer(arrival)
            if taken and arrival.kind == "hello":
                self._on_hello(arrival)
            return taken
        arrival.settled()
        try:
            self._on_want(arrival.node, decode_want(arrival.payload))
        except FrameError as error:
            self.counts["unreadable"] += 1
            logger.warning("%s: %s (want)", arrival.node, error.reason)
        return True

    def _on_hello(self, arrival: Arrival) -> None:
        try:
            version = decode_hello(arrival.payload).firmware
        except FrameError:
            return  # the receiver puts it aside
        self._look()
        if any(release.version != version for release in self._releases.values()):
            self._wait(arrival.node, None)

    def _on_want(self, node: str, want: Want) -> None:
        if want.serial != ANY_RELEASE:
            self._wait(node, want)
            return
        logger.warning("%s is in safe mode and asks for a release", node)
        self._look()
        if self._releases:
            self._wait(node, None)

    def _wait(self, node: str, want: Want | None) -> None:
        if node not in self._waiting and len(self._waiting) >= WAITING_LIMIT:
            self.counts["too_many"] += 1
            return
        self._waiting[node] = want
        self._news.set()

    def _look(self) -> None:
        """Take what lies in the directory now; what cannot be used is said, and not offered."""
        found: dict[int, Release] = {}
        for name, number in ARCHITECTURES.items():
            folder = self._directory / name
            if not (folder / MANIFEST).exists():
                continue
            try:
                found[number] = read_release(folder)
            except (OSError, FrameError) as error:
                logger.warning("no release in %s: %s", folder, error)
        self._releases = found

    # --- what goes down ---

    async def _answer_for_ever(self) -> None:
        while True:
            await self._news.wait()
            while self._waiting:
                await self._answer(*self._waiting.popitem(last=False))
                await self._clock.sleep(EVERY_S)
            self._news.clear()

    async def _answer(self, node: str, want: Want | None) -> None:
        try:
            key = self._key_of(node)
            if key is None:
                self.counts["without_key"] += 1
            elif want is None:
                await self._send_offers(node, key)
            else:
                await self._send_part(node, want)
        except (StoreError, FrameError, OSError) as error:
            self.counts["unanswered"] += 1
            logger.warning("%s gets no part of the update: %s", node, error)

    async def _send_offers(self, node: str, key: bytes) -> None:
        """Offer every architecture's; a node knows its own."""
        for release in self._releases.values():
            digest = hashlib.sha256(release.manifest).digest()
            size = len(release.manifest)
            tag = _tag(key, digest)
            offer = Offer(release.serial, release.architecture, size, digest, tag)
            self.counts["offers"] += 1
            await self._source.send(node, "update", encode_offer(offer))

    async def _send_part(self, node: str, want: Want) -> None:
        release = self._wanted(want) or self._wanted(want, anew=True)
        if release is None:
            raise FrameError("wants another release than there is")
        content = await asyncio.to_thread(release.part, want)
        self.counts["parts"] += 1
        part = Part(want.serial, want.file, want.offset, content)
        await self._source.send(node, "update", encode_part(part))

    def _wanted(self, want: Want, anew: bool = False) -> Release | None:
        if anew:  # this process is younger than the node's connection, or than the release
            self._look()
        release = self._releases.get(want.architecture)
        return release if release is not None and release.serial == want.serial else None


class _Door:
    """The inbox behind the updates."""

    def __init__(self, inbox: Inbox, updates: UpdatesSource) -> None:
        self._inbox = inbox
        self._updates = updates

    def offer(self, arrival: Arrival) -> bool:
        return self._updates.offer(arrival, self._inbox)


def _tag(key: bytes, digest: bytes) -> bytes:
    tag = CMAC(AES(key))
    tag.update(SIGNED_PREFIX + digest)
    return tag.finalize()
