# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Any order of sends, losses, acknowledgements, reboots, kills and restores: nothing is lost.

A model node keeps its ring as the design says (4.1); the network drops, repeats and reorders;
the gateway is the real receiver over a real file. The model knows what was measured.
"""

import shutil
import tempfile
from pathlib import Path
from random import Random

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from receive_support import NODE, Gateway, frame

from barri_wire.messages import (
    VOID_OVERWRITTEN,
    VOID_RELEASED,
    Hello,
    Void,
    decode_ack,
    encode_hello,
    encode_void,
)

RING = 60  # records that the model node's flash holds


class ModelNode:
    """A ring log in flash, and what is released in memory only. No MQTT, no clock."""

    def __init__(self) -> None:
        self.boot = 0
        self.format(1)
        self.measured: dict[int, set[int]] = {}

    def format(self, store_id: int) -> None:
        self.store_id = store_id
        self.oldest = self.next = self.released = self.sent_end = 0
        self.settled: set[int] = set()
        self.void: list[tuple[int, int, int]] = []

    def measure(self, count: int) -> None:
        self.measured.setdefault(self.store_id, set()).update(range(self.next, self.next + count))
        self.next += count
        if self.next - self.oldest > RING:
            first = max(self.oldest, self.released)
            self.oldest = self.next - RING
            if self.oldest > first:
                self.void.append((first, self.oldest - first, VOID_OVERWRITTEN))

    def reboot(self) -> None:
        self.boot += 1
        self.released = self.oldest  # persisted lazily: forgotten at worst
        self.settled = set()

    def hello(self) -> bytes:
        stores = [(self.store_id, self.oldest, self.next)]
        return encode_hello(Hello(self.boot, len(self.void), stores, [], True, "model"))

    def unsettled(self) -> list[int]:
        return [s for s in range(self.oldest, self.next) if s not in self.settled]

    def voids(self, mark: int) -> bytes | None:
        """Declare what the gateway lacks and the node holds no more."""
        ranges = list(self.void)
        if mark < self.oldest:
            ranges.append((mark, self.oldest - mark, VOID_RELEASED))
        return encode_void(Void(self.store_id, ranges)) if ranges else None

    def on_ack(self, body: bytes) -> int | None:
        ack = decode_ack(body)
        if ack.store_id != self.store_id:
            return None
        missing = {s for first, count in ack.missing for s in range(first, first + count)}
        self.settled = {s for s in range(ack.covered) if s not in missing}
        self.released = max(self.released, min(ack.mark, self.next))
        return ack.mark


class ReceiverMachine(RuleBasedStateMachine):
    """The network between one model node and the real receiver."""

    @initialize()
    def begin(self) -> None:
        self.directory = Path(tempfile.mkdtemp())
        self.path = self.directory / "gateway.db"
        self.gateway = Gateway(self.path)
        self.node = ModelNode()
        self.upward: list[tuple[str, bytes]] = []
        self.downward: list[bytes] = []
        self.stores = 1

    def teardown(self) -> None:
        if hasattr(self, "gateway"):
            self.drain()
            self.gateway.close()
            shutil.rmtree(self.directory)

    @rule(count=st.integers(1, 25), cut=st.integers(1, 12), back=st.integers(0, 20))
    def measure_and_send(self, count: int, cut: int, back: int) -> None:
        """Measure some, and send them with some older ones again, cut anywhere."""
        node = self.node
        node.measure(count)
        first = max(node.oldest, node.next - count - back)
        for start in range(first, node.next, cut):
            body = frame(start, min(cut, node.next - start), node.store_id)
            self.upward.append(("frame", body))

    @rule(count=st.integers(1, 70))
    def measure_while_offline(self, count: int) -> None:
        self.node.measure(count)

    @rule()
    def connect(self) -> None:
        self.upward.append(("hello", self.node.hello()))

    @precondition(lambda self: self.upward)
    @rule(pick=st.integers(0, 50), again=st.booleans())
    def deliver_one(self, pick: int, again: bool) -> None:
        """Deliver any message that is under way; perhaps it comes once more later."""
        i = pick % len(self.upward)
        message = self.upward[i] if again else self.upward.pop(i)
        self.deliver([message])

    @precondition(lambda self: self.upward)
    @rule(order=st.randoms(use_true_random=False), again=st.booleans())
    def deliver_all_in_any_order(self, order: Random, again: bool) -> None:
        messages = self.upward[:]
        order.shuffle(messages)
        if not again:
            self.upward.clear()
        self.deliver(messages)

    @precondition(lambda self: self.upward)
    @rule(lost=st.integers(1, 4))
    def deliver_with_losses(self, lost: int) -> None:
        messages = [message for i, message in enumerate(self.upward) if i % 5 >= lost]
        self.upward.clear()
        self.deliver(messages)

    def deliver(self, messages: list[tuple[str, bytes]]) -> None:
        self.gateway.feed(*[self.gateway.arrival(kind, body) for kind, body in messages])
        self.downward += self.gateway.source.take("ack")

    @precondition(lambda self: self.downward)
    @rule(pick=st.integers(0, 50))
    def acknowledge(self, pick: int) -> None:
        """Deliver any acknowledgement, also an old one."""
        mark = self.node.on_ack(self.downward[-1 - pick % len(self.downward)])
        body = self.node.voids(mark) if mark is not None else None
        if body:
            self.upward.append(("void", body))

    @rule(which=st.sampled_from(["connection", "node", "flash", "gateway", "backup", "restore"]))
    def accident(self, which: str) -> None:
        getattr(self, f"accident_of_{which}")()

    def accident_of_connection(self) -> None:
        self.upward.clear()
        self.downward.clear()

    def accident_of_node(self) -> None:
        self.node.reboot()

    def accident_of_flash(self) -> None:
        """The owner erased the board: what was not stored is gone, and known to be gone."""
        self.node.measured[self.node.store_id] = set()
        self.stores += 1
        self.node.format(self.stores)

    def accident_of_gateway(self) -> None:
        self.gateway.close()
        self.gateway = Gateway(self.path)

    def accident_of_backup(self) -> None:
        """No accident yet: a copy is made while the gateway is stopped."""
        self.gateway.close()
        shutil.copy(self.path, self.directory / "backup.db")
        self.gateway = Gateway(self.path)

    def accident_of_restore(self) -> None:
        """The card died: the gateway comes back as it was once, or new."""
        self.gateway.close()
        for file in self.directory.glob("gateway.db*"):
            file.unlink()
        if (self.directory / "backup.db").exists():
            shutil.copy(self.directory / "backup.db", self.path)
        self.gateway = Gateway(self.path)
        self.downward.clear()

    @invariant()
    def nothing_is_acknowledged_that_is_neither_stored_nor_void(self) -> None:
        if not hasattr(self, "gateway") or not self.downward:
            return
        ack = decode_ack(self.downward[-1])
        missing = {s for first, count in ack.missing for s in range(first, first + count)}
        claimed = {s for s in range(ack.covered) if s not in missing}
        assert claimed <= self.stored(ack.store_id) | self.void(ack.store_id)

    @invariant()
    def nothing_counts_twice(self) -> None:
        if hasattr(self, "gateway"):
            for store_id in range(1, self.stores + 1):
                sequences = self.gateway.sequences(store_id=store_id)
                assert len(sequences) == len(set(sequences))

    def stored(self, store_id: int) -> set[int]:
        return set(self.gateway.sequences(store_id=store_id))

    def void(self, store_id: int) -> set[int]:
        rows = self.gateway.rows(
            f"SELECT first, count FROM void WHERE node = '{NODE}' AND store_id = {store_id}"
        )
        return {s for first, count in rows for s in range(first, first + count)}  # type: ignore

    def drain(self) -> None:
        """A reliable network for a while: then all that was measured is stored or void."""
        node = self.node
        for _ in range(6):
            self.gateway.feed(self.gateway.arrival("hello", node.hello()))
            mark = node.on_ack(self.gateway.source.take("ack")[-1])
            body = node.voids(mark or 0)
            if body:
                self.gateway.feed(self.gateway.arrival("void", body))
                node.on_ack(self.gateway.source.take("ack")[-1])
            for first in node.unsettled()[::5]:
                body = frame(first, min(7, node.next - first), node.store_id)
                self.gateway.feed(self.gateway.arrival("frame", body))
            self.gateway.source.take("ack")
        stored, void = self.stored(node.store_id), self.void(node.store_id)
        lost = node.measured.get(node.store_id, set()) - stored - void
        assert not lost
        assert not [s for s in node.unsettled() if s not in stored]
        overwritten = {s for first, count, _ in node.void for s in range(first, first + count)}
        assert void - overwritten <= set(range(node.oldest))
        assert not self.gateway.rows("SELECT kind FROM alarm WHERE kind LIKE '%identity'")


ReceiverMachine.TestCase.settings = settings(max_examples=50, stateful_step_count=40)
test_any_order_of_events = ReceiverMachine.TestCase
