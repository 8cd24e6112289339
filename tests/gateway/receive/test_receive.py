# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The receiver stores each record once, and acknowledges exactly what is stored or void."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from receive_support import NODE, NOW_S, STORE, Gateway, alarms, frame, hello, record, void

from barri.adapters.stores.log import FrameLog, anchors_of, schema_of, void_ranges
from barri.domain.holding import Key
from barri.ports import Log, LogState, LogWriter
from barri.services.inbox import Entry
from barri.services.receive import Receiver
from barri_wire import EPOCH_2000_UNIX_S
from barri_wire.messages import (
    REFUSED_DUPLICATE_IDENTITY,
    VOID_DAMAGED,
    VOID_OVERWRITTEN,
    VOID_RELEASED,
    Ack,
    Refusal,
    SchemaRequest,
    Time,
    decode_refusal,
    decode_schema_request,
    decode_time,
)
from barri_wire.schema import Schema, encode_schema

T = TypeVar("T")
OWN_SCHEMA = Schema(((1, 3), (2, 3)))  # no built-in kit


# Storing and acknowledging


def test_a_frame_is_stored_settled_and_acknowledged(gateway: Gateway) -> None:
    gateway.frame(frame(0, 10))
    assert gateway.records() == [record(i) for i in range(10)]
    assert gateway.settled == 1
    assert gateway.source.last_ack() == Ack(STORE, 10)


class HeldLog:
    """A log whose commits wait until the test lets them through."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self.go_on = asyncio.Event()

    def state(self) -> LogState:
        return self._log.state()

    async def write(self, fn: Callable[[LogWriter], T]) -> T:
        await self.go_on.wait()
        return await self._log.write(fn)


def test_nothing_is_acknowledged_or_settled_before_the_commit(gateway: Gateway) -> None:
    async def scenario() -> None:
        log = HeldLog(FrameLog(gateway.database))
        receiver = Receiver(log, gateway.inbox, [], gateway.clock)
        entry = Entry(gateway.arrival("frame", frame(0, 10)), gateway.source)
        task = asyncio.create_task(receiver.store([entry]))
        await asyncio.sleep(0.01)
        assert (gateway.settled, gateway.source.sent) == (0, [])
        log.go_on.set()
        await task

    asyncio.run(scenario())
    assert gateway.settled == 1
    assert gateway.source.last_ack() == Ack(STORE, 10)


def test_a_frame_that_comes_twice_counts_once_and_is_acknowledged_again(gateway: Gateway) -> None:
    gateway.frame(frame(0, 10))
    gateway.frame(frame(0, 10))
    assert gateway.sequences() == list(range(10))
    assert gateway.source.last_ack() == Ack(STORE, 10)
    assert gateway.receiver.counts["records_again"] == 10


def test_a_resend_cut_elsewhere_counts_only_its_new_records(gateway: Gateway) -> None:
    gateway.frame(frame(0, 10))
    gateway.frame(frame(5, 15))
    gateway.frame(frame(8, 4))
    assert gateway.sequences() == list(range(20))
    assert alarms(gateway) == []


def test_gaps_are_named_in_the_acknowledgement_and_can_be_filled(gateway: Gateway) -> None:
    gateway.feed(
        gateway.arrival("frame", frame(20, 5)),
        gateway.arrival("frame", frame(0, 5)),
        gateway.arrival("frame", frame(10, 5)),
    )
    assert gateway.source.last_ack() == Ack(STORE, 25, [(5, 5), (15, 5)])
    gateway.frame(frame(3, 20))
    assert sorted(gateway.sequences()) == list(range(25))
    assert gateway.source.last_ack() == Ack(STORE, 25)


def test_an_acknowledgement_of_many_gaps_stays_small_and_true(gateway: Gateway) -> None:
    gateway.feed(*[gateway.arrival("frame", frame(1000 * i + 500, 1)) for i in range(100)])
    body = gateway.source.take("ack")[-1]
    assert len(body) <= 51
    gateway.feed(gateway.arrival("frame", frame(0, 1)))
    ack = gateway.source.last_ack()
    held = {1000 * i + 500 for i in range(100)} | {0}
    missing = {s for first, count in ack.missing for s in range(first, first + count)}
    assert {s for s in range(ack.covered) if s not in missing} <= held
    assert ack.mark == 1


def test_frames_of_one_batch_know_of_each_other(gateway: Gateway) -> None:
    gateway.feed(*[gateway.arrival("frame", frame(first, 10)) for first in (0, 5, 0, 12)])
    assert sorted(gateway.sequences()) == list(range(22))


def test_stores_and_nodes_are_kept_apart(gateway: Gateway) -> None:
    gateway.frame(frame(0, 5))
    gateway.frame(frame(0, 5, seed=1), node="balcony2")
    gateway.frame(frame(0, 5, store_id=9, seed=2))
    assert gateway.sequences() == gateway.sequences(store_id=9) == list(range(5))
    assert gateway.sequences(node="balcony2") == list(range(5))
    assert alarms(gateway) == []


def test_a_restart_remembers_every_range(gateway: Gateway) -> None:
    gateway.frame(frame(0, 5))
    gateway.frame(frame(10, 5))
    gateway.feed(gateway.arrival("void", void((5, 3, VOID_DAMAGED))))
    path = gateway.database.path
    gateway.close()
    again = Gateway(path)
    again.frame(frame(4, 2, seed=0))
    assert sorted(again.sequences()) == [0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14]
    assert again.source.last_ack() == Ack(STORE, 15, [(8, 2)])
    again.close()


def test_the_checkpoint_and_the_frames_after_it_give_the_same_ranges(gateway: Gateway) -> None:
    for first in range(0, 1300 * 3, 3):  # gaps of one; more frames than one checkpoint
        gateway.inbox.offer(gateway.arrival("frame", frame(first, 2)), gateway.source)
        if first % 300 == 0:
            asyncio.run(gateway.receiver.store(gateway.inbox.take(1000)))
    asyncio.run(gateway.receiver.store(gateway.inbox.take(10_000)))
    checkpoint = gateway.rows("SELECT through_id FROM checkpoint")[0][0]
    assert 0 < checkpoint < 1300
    before = gateway.receiver._intake.ack(Key(NODE, STORE))
    path = gateway.database.path
    gateway.close()
    again = Gateway(path)
    assert again.receiver._intake.ack(Key(NODE, STORE)) == before
    again.frame(frame(0, 8))
    assert again.receiver.counts["records_new"] == 2
    again.close()


# Void


def test_void_ranges_are_settled_and_kept_with_their_reason(gateway: Gateway) -> None:
    gateway.frame(frame(10, 5))
    gateway.feed(gateway.arrival("void", void((0, 7, VOID_OVERWRITTEN), (7, 3, VOID_DAMAGED))))
    assert gateway.source.last_ack() == Ack(STORE, 15)
    assert gateway.database.read(lambda c: void_ranges(c, Key(NODE, STORE))) == [
        (0, 7, VOID_OVERWRITTEN),
        (7, 3, VOID_DAMAGED),
    ]


def test_void_never_covers_what_is_stored_and_counts_once(gateway: Gateway) -> None:
    gateway.frame(frame(5, 5))
    for _ in range(2):
        gateway.feed(gateway.arrival("void", void((0, 12, VOID_RELEASED))))
    assert gateway.database.read(lambda c: void_ranges(c, Key(NODE, STORE))) == [
        (0, 5, VOID_RELEASED),
        (10, 2, VOID_RELEASED),
    ]
    assert gateway.receiver.counts["records_void"] == 7


def test_a_record_that_comes_although_it_was_void_is_stored(gateway: Gateway) -> None:
    gateway.feed(gateway.arrival("void", void((0, 10, VOID_DAMAGED))))
    gateway.frame(frame(3, 2))
    assert gateway.sequences() == [3, 4]


# Unknown schemas


def test_a_frame_of_an_unknown_schema_is_stored_acknowledged_and_asked_about(
    gateway: Gateway,
) -> None:
    gateway.frame(frame(0, 4, schema=OWN_SCHEMA))
    assert gateway.source.last_ack() == Ack(STORE, 4)
    requests = [decode_schema_request(body) for body in gateway.source.take("schema")]
    assert requests == [SchemaRequest(OWN_SCHEMA.id)]


def test_the_question_is_not_repeated_at_once_but_later(gateway: Gateway) -> None:
    for first in range(0, 40, 4):
        gateway.frame(frame(first, 4, schema=OWN_SCHEMA))
    assert len(gateway.source.take("schema")) == 1
    gateway.clock.time_s += 61
    gateway.frame(frame(40, 4, schema=OWN_SCHEMA))
    assert len(gateway.source.take("schema")) == 1


def test_an_announced_schema_is_known_from_then_on_for_that_node_only(gateway: Gateway) -> None:
    gateway.feed(gateway.arrival("schema", encode_schema(OWN_SCHEMA)))
    gateway.frame(frame(0, 4, schema=OWN_SCHEMA))
    assert gateway.source.take("schema") == []
    assert gateway.database.read(lambda c: schema_of(c, NODE, OWN_SCHEMA.id)) == OWN_SCHEMA
    assert gateway.database.read(lambda c: schema_of(c, "other1", OWN_SCHEMA.id)) is None


def test_a_resend_of_an_unknown_schema_is_not_mistaken_for_another_board(gateway: Gateway) -> None:
    gateway.frame(frame(0, 4, schema=OWN_SCHEMA))
    gateway.frame(frame(0, 4, schema=OWN_SCHEMA))
    gateway.frame(frame(2, 4, schema=OWN_SCHEMA))
    assert alarms(gateway) == []
    assert gateway.source.last_ack() == Ack(STORE, 6)


# Hello


def test_a_hello_is_answered_with_the_time_and_what_is_held(gateway: Gateway) -> None:
    gateway.frame(frame(0, 10))
    gateway.clock.time_s += 0.25
    gateway.feed(gateway.arrival("hello", hello(next_sequence=12, uptime_s=77)))
    now_ms = gateway.clock.now_ms()
    assert [decode_time(body) for body in gateway.source.take("time")] == [
        Time(77, now_ms // 1000 - EPOCH_2000_UNIX_S, 250)
    ]
    assert gateway.source.last_ack() == Ack(STORE, 10)


def test_a_hello_of_an_unknown_store_is_told_that_nothing_is_held(gateway: Gateway) -> None:
    gateway.feed(gateway.arrival("hello", hello(oldest=5000, next_sequence=6000)))
    assert gateway.source.last_ack() == Ack(STORE, 0)
    gateway.feed(gateway.arrival("void", void((0, 5000, VOID_RELEASED))))
    assert gateway.source.last_ack() == Ack(STORE, 5000)


def test_anchors_are_kept_and_never_changed(gateway: Gateway) -> None:
    gateway.feed(gateway.arrival("hello", hello(anchors=[(1, 60, 1000), (2, 5, 2000)])))
    gateway.feed(
        gateway.arrival("hello", hello(uptime_s=6, anchors=[(1, 60, 9999), (3, 1, 3000)]))
    )
    assert gateway.database.read(lambda c: anchors_of(c, NODE)) == [
        (1, 60, 1000 + EPOCH_2000_UNIX_S),
        (2, 5, 2000 + EPOCH_2000_UNIX_S),
        (3, 1, 3000 + EPOCH_2000_UNIX_S),
    ]


def test_a_node_that_went_back_raises_the_alarm_and_overwrites_nothing(gateway: Gateway) -> None:
    gateway.frame(frame(0, 10))
    gateway.feed(gateway.arrival("hello", hello(next_sequence=6)))
    assert alarms(gateway) == [(NODE, STORE, "two_boards_or_restored_flash")]
    assert [decode_refusal(b) for b in gateway.source.take("refuse")] == [
        Refusal(REFUSED_DUPLICATE_IDENTITY, STORE)
    ]
    gateway.frame(frame(6, 8, seed=1))
    assert gateway.records() == [record(i) for i in range(10)]


def test_a_hello_delivered_again_after_its_frames_is_no_alarm(gateway: Gateway) -> None:
    first = hello(next_sequence=4)
    gateway.feed(gateway.arrival("hello", first))
    gateway.frame(frame(0, 10))
    gateway.feed(gateway.arrival("hello", hello(next_sequence=10, uptime_s=9)))
    path = gateway.database.path
    gateway.close()
    again = Gateway(path)
    again.feed(again.arrival("hello", first))
    assert alarms(again) == []
    again.close()


# The gateway's own clock


def test_without_a_synchronised_clock_frames_are_stored_undated_and_no_time_is_told(
    gateway: Gateway,
) -> None:
    gateway.clock.synced = False
    gateway.feed(gateway.arrival("hello", hello()), gateway.arrival("frame", frame(0, 3)))
    assert gateway.rows("SELECT arrival_s FROM frame") == [(-1,)]
    assert gateway.source.take("time") == []
    assert gateway.source.last_ack() == Ack(STORE, 3)


def test_a_gateway_that_boots_in_the_past_dates_nothing_until_it_has_caught_up(
    gateway: Gateway,
) -> None:
    gateway.frame(frame(0, 3))
    path = gateway.database.path
    gateway.close()
    again = Gateway(path)
    again.clock.time_s = NOW_S - 3600
    again.feed(again.arrival("frame", frame(3, 3)), again.arrival("hello", hello(6)))
    assert not again.receiver.time_is_trusted()
    assert again.source.take("time") == []
    again.clock.time_s = NOW_S + 1
    again.feed(again.arrival("frame", frame(6, 3)), again.arrival("hello", hello(9, boot=2)))
    assert again.receiver.time_is_trusted()
    assert len(again.source.take("time")) == 1
    assert again.rows("SELECT arrival_s FROM frame ORDER BY id") == [
        (NOW_S,),
        (-1,),
        (NOW_S + 1,),
    ]
    assert again.sequences() == list(range(9))
    again.close()
