# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Nothing is lost silently between a node's log and its gateway, whatever happens on the way.

A model gateway (sets of sequences) stands at the other end; hypothesis cuts, delays, doubles and
reorders what travels, reboots the node, overwrites its ring and restores the gateway from backups.
"""

from dataclasses import dataclass, field

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from barri_node.uplink.outbox import MOST_RECORDS_IN_FLIGHT, Outbox
from barri_wire.frame import decode_frame, decode_header
from barri_wire.messages import (
    VOID_DAMAGED,
    VOID_OVERWRITTEN,
    VOID_RELEASED,
    Ack,
    Void,
    decode_ack,
    encode_ack,
)
from barri_wire.record import Record
from barri_wire.schema import KITS

SCHEMA = KITS["energy"]
STORE_ID = 0x2A5A5
FRAME_BYTES = 22  # one or two records, so that frames overtake each other often


class ModelLog:
    """The ring log's promises without its flash: what `RingLog` offers to the outbox."""

    def __init__(self, capacity: int) -> None:
        self.store_id = STORE_ID
        self.capacity = capacity
        self.records: dict[int, Record] = {}
        self.oldest = 0
        self.next_sequence = 0
        self.released = 0
        self.lost: dict[int, int] = {}

    @property
    def flushed(self) -> int:
        return self.next_sequence

    def append(self) -> None:
        n = self.next_sequence
        record = Record(n, 800_000_000 + 60 * n, 60, (n, 0, n % 7, None, 2300))
        self.records[n] = record
        self.next_sequence += 1
        if self.next_sequence - self.oldest > self.capacity:
            gone = self.records.pop(self.oldest, None)
            if gone is not None and self.oldest >= self.released:
                self.lost[self.oldest] = VOID_OVERWRITTEN
            self.oldest += 1

    def damage(self, sequence: int) -> None:
        self.records.pop(sequence, None)

    def read(self, first: int, limit: int) -> list[Record]:
        first = max(first, self.oldest)
        found = first
        while found < self.next_sequence and found not in self.records:
            if found >= self.released:
                self.lost[found] = VOID_DAMAGED
            found += 1
        run = []
        while found in self.records and len(run) < limit:
            run.append(self.records[found])
            found += 1
        return run

    def release(self, mark: int) -> None:
        self.released = max(self.released, mark)

    def lost_ranges(self) -> list[tuple[int, int, int]]:
        return [(n, 1, reason) for n, reason in self.lost.items()]

    def schema_of(self, sequence: int):
        return SCHEMA


@dataclass
class ModelGateway:
    """What a gateway keeps: the sequences it has stored, and those declared void with reason."""

    stored: set[int] = field(default_factory=set)
    void: dict[int, int] = field(default_factory=dict)

    def take(self, message: bytes | Void) -> None:
        if isinstance(message, Void):
            for first, count, reason in message.ranges:
                self.void.update(dict.fromkeys(range(first, first + count), reason))
            return
        header = decode_header(message)
        records = decode_frame(message, SCHEMA)
        assert header.store_id == STORE_ID
        assert [r.values[0] for r in records] == [r.sequence for r in records]
        self.stored.update(record.sequence for record in records)

    def ack(self) -> bytes:
        settled = self.stored | self.void.keys()
        covered = max(settled, default=-1) + 1
        missing: list[tuple[int, int]] = []
        for n in range(covered):
            if n in settled:
                continue
            if missing and sum(missing[-1]) == n:
                missing[-1] = (missing[-1][0], missing[-1][1] + 1)
            else:
                missing.append((n, 1))
        return encode_ack(Ack(STORE_ID, covered, missing))

    def copy(self) -> "ModelGateway":
        return ModelGateway(set(self.stored), dict(self.void))


class Conversation(RuleBasedStateMachine):
    """Node and gateway with a network between them that may do anything but forge."""

    @initialize(capacity=st.integers(3, 40))
    def begin(self, capacity: int) -> None:
        self.log = ModelLog(capacity)
        self.gateway = ModelGateway()
        self.backup = ModelGateway()
        self.told: set[int] = set()  # what any gateway has ever stored or been told of
        self.up: list[bytes | Void] = []
        self.down: list[bytes] = []
        self.outbox = Outbox(self.log)
        self.connect()

    @rule(count=st.integers(1, 12))
    def measure(self, count: int) -> None:
        for _ in range(count):
            self.log.append()

    @rule(count=st.integers(1, 6))
    def send(self, count: int) -> None:
        for _ in range(count):
            message = self.outbox.next_void() or self.outbox.next_frame(FRAME_BYTES)
            if message is not None:
                self.up.append(message)

    @rule(where=st.integers(0, 1 << 16), again=st.booleans())
    def arrive(self, where: int, again: bool) -> None:
        if self.up:
            at = where % len(self.up)
            self.gateway.take(self.up[at])
            self.told |= self.gateway.stored | self.gateway.void.keys()
            if not again:
                del self.up[at]
            self.down.append(self.gateway.ack())

    @rule(where=st.integers(0, 1 << 16), again=st.booleans())
    def answer(self, where: int, again: bool) -> None:
        if self.down:
            at = where % len(self.down)
            self.outbox.on_ack(decode_ack(self.down[at]))
            if not again:
                del self.down[at]

    @rule()
    def lose_everything_on_the_way(self) -> None:
        self.connect()

    @rule()
    def reboot(self) -> None:
        self.outbox = Outbox(self.log)
        self.connect()

    @rule(where=st.integers(0, 1 << 16))
    def damage_flash(self, where: int) -> None:
        if self.log.records:
            self.log.damage(sorted(self.log.records)[where % len(self.log.records)])

    @rule()
    def ask_again(self) -> None:
        self.outbox.resend()

    @rule()
    def back_up_the_gateway(self) -> None:
        self.backup = self.gateway.copy()

    @rule()
    def restore_the_gateway(self) -> None:
        self.gateway = self.backup.copy()
        self.connect()

    def connect(self) -> None:
        """A new connection: what was on the way is gone, and the gateway says what it holds."""
        self.up, self.down = [], []
        self.outbox.connected()
        self.down.append(self.gateway.ack())

    @invariant()
    def nothing_that_is_held_is_declared_void(self) -> None:
        if hasattr(self, "log"):
            assert not self.gateway.void.keys() & self.log.records.keys()

    @invariant()
    def a_bound_holds_for_what_is_on_its_way(self) -> None:
        if hasattr(self, "log") and self.outbox._cursor is not None:
            base = max(self.log.released, self.log.oldest)
            on_their_way = [n for n in range(base, self.outbox._cursor) if n in self.log.records]
            assert len(on_their_way) <= MOST_RECORDS_IN_FLIGHT

    def teardown(self) -> None:
        if not hasattr(self, "log"):
            return
        self.connect()
        for _ in range(400):
            self.drain_once()
        self.check_that_every_record_has_an_end()

    def drain_once(self) -> None:
        for answer in self.down:
            self.outbox.on_ack(decode_ack(answer))
        self.down = []
        message = self.outbox.next_void() or self.outbox.next_frame(FRAME_BYTES)
        if message is None:
            self.outbox.resend()
        else:
            self.gateway.take(message)
            self.told |= self.gateway.stored | self.gateway.void.keys()
        self.down = [self.gateway.ack()]

    def check_that_every_record_has_an_end(self) -> None:
        settled = self.gateway.stored | self.gateway.void.keys()
        for n in range(max(settled, default=-1) + 1):
            if n in self.gateway.stored:
                continue
            assert n not in self.log.records, f"{n} is held by the node and was never stored"
            assert n in self.gateway.void, f"{n} has vanished without a word"
            if self.gateway.void[n] == VOID_RELEASED:
                assert n in self.told, f"{n} was called settled and never was"
            else:
                assert self.log.lost[n] == self.gateway.void[n]
        assert all(n in self.gateway.stored for n in self.log.records)


Conversation.TestCase.settings = settings(max_examples=300, stateful_step_count=40, deadline=None)
TestConversation = Conversation.TestCase


def acknowledged(outbox: Outbox, covered: int, store_id: int = STORE_ID) -> None:
    outbox.on_ack(Ack(store_id, covered))


def test_nothing_is_sent_before_the_gateway_has_said_what_it_holds() -> None:
    log = ModelLog(10)
    log.append()
    outbox = Outbox(log)
    outbox.connected()
    assert outbox.next_frame(FRAME_BYTES) is None
    acknowledged(outbox, 0)
    assert outbox.next_frame(FRAME_BYTES) is not None


def test_an_acknowledgement_for_another_store_is_refused_and_counted() -> None:
    log = ModelLog(10)
    log.append()
    outbox = Outbox(log)
    acknowledged(outbox, 1, STORE_ID ^ 1)
    assert (log.released, outbox.refused_acknowledgements) == (0, 1)


def test_an_acknowledgement_above_what_was_sent_is_refused_and_counted() -> None:
    log = ModelLog(10)
    outbox = Outbox(log)
    acknowledged(outbox, 0)
    log.append()
    acknowledged(outbox, 1)  # measured since the boot, and never sent
    assert (log.released, outbox.refused_acknowledgements) == (0, 1)


def test_what_was_acknowledged_to_an_earlier_boot_is_sent_again_before_it_is_released() -> None:
    """It may have been said to a copy of this board, about records of its own."""
    log = ModelLog(10)
    log.append()
    outbox = Outbox(log)
    acknowledged(outbox, 1)
    assert (log.released, outbox.refused_acknowledgements) == (0, 0)
    frame = outbox.next_frame(1000)
    assert frame is not None
    assert [r.sequence for r in decode_frame(frame, SCHEMA)] == [0]
    acknowledged(outbox, 1)
    assert (log.released, outbox.refused_acknowledgements) == (1, 0)


def test_a_new_gateway_gets_all_that_is_held_and_a_word_on_the_rest() -> None:
    log = ModelLog(4)
    for _ in range(10):
        log.append()
        log.release(log.next_sequence)
    outbox = Outbox(log)
    acknowledged(outbox, 0)
    frame = outbox.next_frame(1000)
    assert frame is not None
    assert [r.sequence for r in decode_frame(frame, SCHEMA)] == [6, 7, 8, 9]
    outbox.on_ack(Ack(STORE_ID, 10, [(0, 6)]))
    void = outbox.next_void()
    assert void is not None
    assert void.ranges == [(0, 6, VOID_RELEASED)]


def test_a_missing_range_is_sent_again() -> None:
    log = ModelLog(20)
    for _ in range(10):
        log.append()
    log.release(10)
    outbox = Outbox(log)
    outbox.on_ack(Ack(STORE_ID, 10, [(3, 2)]))
    frame = outbox.next_frame(100)
    assert frame is not None
    assert [r.sequence for r in decode_frame(frame, SCHEMA)] == [3, 4]
    assert outbox.next_frame(100) is None


def test_a_hole_keeps_all_above_it_from_being_released() -> None:
    log = ModelLog(20)
    for _ in range(10):
        log.append()
    outbox = Outbox(log)
    acknowledged(outbox, 0)
    while outbox.next_frame(1000):
        pass
    outbox.on_ack(Ack(STORE_ID, 10, [(3, 2)]))
    assert log.released == 3


def test_a_damaged_record_that_an_earlier_gateway_had_is_declared_to_a_new_one() -> None:
    log = ModelLog(20)
    for _ in range(5):
        log.append()
    log.release(5)
    log.damage(2)
    outbox = Outbox(log)
    outbox.on_ack(Ack(STORE_ID, 5, [(0, 5)]))
    sent = [outbox.next_frame(100), outbox.next_frame(100), outbox.next_frame(100)]
    assert [[r.sequence for r in decode_frame(f, SCHEMA)] for f in sent if f] == [[0, 1], [3, 4]]
    void = outbox.next_void()
    assert void is not None
    assert void.ranges == [(2, 1, VOID_RELEASED)]


def test_a_hole_longer_than_a_frame_is_passed_over_at_once() -> None:
    log = ModelLog(1000)
    for _ in range(700):
        log.append()
    for sequence in range(3, 600):
        log.damage(sequence)
    outbox = Outbox(log)
    acknowledged(outbox, 0)
    frames = [outbox.next_frame(100), outbox.next_frame(100)]
    assert [decode_header(frame).first_sequence for frame in frames if frame] == [0, 600]
