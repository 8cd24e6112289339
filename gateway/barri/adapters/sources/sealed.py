# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A source whose nodes seal what they send: see `barri_wire/seal.py`.

From a node that has a key only sealed messages are taken, each once; what comes otherwise under
its name goes to quarantine as `unsealed`. Sessions are remembered while this process lives: what
is replayed after that was stored before, and the log counts it once.
"""

import logging
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

from barri.errors import StoreError
from barri.ports import Arrival, Inbox, Source
from barri_wire.errors import FrameError
from barri_wire.seal import COUNTER_LIMIT, is_sealed, seal, unseal
from barri_wire.topics import topic

SESSIONS_REMEMBERED = 16  # of one node
UNSEALED = "unsealed"

logger = logging.getLogger(__name__)


@dataclass
class Session:
    """Counters of one connection: the highest received, and how many were sent."""

    received: int = -1
    sent: int = 0


class SealedSource:
    """source: where messages come from and go to. key_of(node): 16 bytes, None: does not seal."""

    def __init__(self, source: Source, key_of: Callable[[str], bytes | None]) -> None:
        self._source = source
        self._key_of = key_of
        self._sessions: dict[str, OrderedDict[bytes, Session]] = {}
        self.counts: Counter[str] = Counter()

    async def run(self, inbox: Inbox) -> None:
        """Receive until cancelled."""
        await self._source.run(_Door(inbox, self))

    async def send(self, node: str, kind: str, payload: bytes) -> None:
        """Send down, sealed for the node's newest session; lost when it has none."""
        key = self._key_of(node)
        if key is not None:
            sessions = self._sessions.get(node)
            if not sessions:
                return
            name, session = next(reversed(sessions.items()))
            if session.sent >= COUNTER_LIMIT:
                return
            payload = seal(_mac(key), topic(node, "down", kind), name, session.sent, payload)
            session.sent += 1
        await self._source.send(node, kind, payload)

    def offer(self, arrival: Arrival, inbox: Inbox) -> bool:
        """Put what a node said into the inbox; False when that is full."""
        try:
            key = self._key_of(arrival.node)
        except StoreError:
            return False  # nobody knows now whether it must be sealed; nodes send again
        if key is None and not is_sealed(arrival.payload):
            return inbox.offer(arrival)
        try:
            if key is None:
                raise FrameError("sealed, but no key is known")
            name = topic(arrival.node, "up", arrival.kind)
            session, counter, body = unseal(_mac(key), name, arrival.payload)
        except FrameError as error:
            self.counts[UNSEALED] += 1
            logger.warning("%s: %s (%s)", arrival.node, error.reason, arrival.kind)
            return inbox.offer(replace(arrival, kind=UNSEALED))
        if counter <= self._session(arrival.node, session).received:
            self.counts["again"] += 1
            arrival.settled()  # delivered twice, or replayed
            return True
        if not inbox.offer(replace(arrival, payload=body)):
            return False
        self._note(arrival.node, session, counter)
        return True

    def _session(self, node: str, name: bytes) -> Session:
        return self._sessions.get(node, OrderedDict()).get(name, Session())

    def _note(self, node: str, name: bytes, counter: int) -> None:
        """Remember a counter. The newest session with news is the one that is answered."""
        sessions = self._sessions.setdefault(node, OrderedDict())
        sessions.setdefault(name, Session()).received = counter
        sessions.move_to_end(name)
        if len(sessions) > SESSIONS_REMEMBERED:
            sessions.popitem(last=False)


class _Door:
    """The inbox behind the check."""

    def __init__(self, inbox: Inbox, sealed: SealedSource) -> None:
        self._inbox = inbox
        self._sealed = sealed

    def offer(self, arrival: Arrival) -> bool:
        return self._sealed.offer(arrival, self._inbox)


def _mac(key: bytes) -> Callable[[bytes], bytes]:
    def mac(message: bytes) -> bytes:
        tag = CMAC(AES(key))
        tag.update(message)
        return tag.finalize()

    return mac
