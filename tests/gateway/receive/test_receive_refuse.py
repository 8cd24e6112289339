# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What the receiver does not take: other content for a stored key, garbage, too much."""

import pytest
from receive_support import AIR, NODE, STORE, Gateway, alarms, frame, record

from barri.adapters.stores.log import schema_of
from barri.services import intake
from barri_wire.frame import encode_frame
from barri_wire.messages import (
    REFUSED_DUPLICATE_IDENTITY,
    REFUSED_FRAME,
    REFUSED_FULL,
    Ack,
    Refusal,
    decode_refusal,
)
from barri_wire.record import Record
from barri_wire.schema import KITS, Schema

# Same key, other content


def test_other_content_for_a_stored_key_raises_the_alarm_and_overwrites_nothing(
    gateway: Gateway,
) -> None:
    gateway.frame(frame(0, 10))
    gateway.frame(frame(5, 10, seed=1))
    assert gateway.records() == [record(i) for i in range(10)]
    assert alarms(gateway) == [(NODE, STORE, "two_boards_one_identity")]
    assert gateway.rows("SELECT reason, body FROM quarantine") == [
        ("same sequence, other content", frame(5, 10, seed=1))
    ]
    refusals = [decode_refusal(body) for body in gateway.source.take("refuse")]
    assert refusals == [Refusal(REFUSED_DUPLICATE_IDENTITY, STORE)]
    assert gateway.source.last_ack() == Ack(STORE, 10)
    assert gateway.settled == 2


def test_two_boards_that_keep_sending_lose_nothing_and_fill_no_disk(gateway: Gateway) -> None:
    gateway.frame(frame(0, 10))
    for _ in range(50):
        gateway.frame(frame(0, 10, seed=1))
    assert gateway.rows("SELECT times FROM quarantine") == [(50,)]


def test_other_content_that_nobody_has_room_for_is_not_acknowledged(gateway: Gateway) -> None:
    """Set aside it is kept, and its board may forget it; where not even that, it must not."""
    gateway.frame(frame(0, 10))
    gateway.source.take("ack")
    garbage = [gateway.arrival("frame", b"\0garbage %d" % i) for i in range(1000)]
    gateway.feed(*garbage)
    gateway.frame(frame(0, 10, seed=1))
    assert gateway.source.take("ack") == []
    assert (NODE, STORE, "two_boards_one_identity") in alarms(gateway)
    assert (NODE, 0, "too_many_rejects") in alarms(gateway)


def test_the_same_record_dated_later_is_no_other_content(gateway: Gateway) -> None:
    values = record(0).values
    early = [Record(i, 100 + 10 * i, 10, values, boot=3) for i in range(5)]
    later = [Record(i, 800_000_000 + 10 * i, 10, values) for i in range(8)]
    gateway.frame(encode_frame(AIR, STORE, early, 4000)[0])
    gateway.frame(encode_frame(AIR, STORE, later, 4000)[0])
    assert gateway.sequences() == list(range(8))
    assert alarms(gateway) == []


def test_another_schema_for_the_same_sequence_is_other_content(gateway: Gateway) -> None:
    gateway.frame(frame(0, 3))
    gateway.frame(frame(0, 4, schema=KITS["energy"]))
    assert alarms(gateway) == [(NODE, STORE, "two_boards_one_identity")]


def test_a_conflict_is_found_after_a_restart_too(gateway: Gateway) -> None:
    gateway.frame(frame(0, 10))
    path = gateway.database.path
    gateway.close()
    again = Gateway(path)
    again.frame(frame(0, 10))
    assert alarms(again) == []
    again.frame(frame(3, 3, seed=1))
    assert alarms(again) == [(NODE, STORE, "two_boards_one_identity")]
    again.close()


# What cannot be used


@pytest.mark.parametrize(
    ("kind", "body", "reason"),
    [
        ("frame", b"", "too short"),
        ("frame", frame(0, 3)[:7], "too short"),
        ("frame", b"\x80" + frame(0, 3)[1:], "unknown version"),
        ("frame", b"\x40" + frame(0, 3)[1:12] + b"\xff\xff", "count out of range"),
        ("frame", b"\x43" + bytes(4) + b"\x3f\xff\xff" + bytes(4), "sequences out of range"),
        ("frame", b"x" * 20_000, "longer than any message"),
        ("hello", b"garbage", "not this kind of message"),
        ("void", b"\x42", "too short"),
        ("schema", b"\x40\xee\x00", "unknown quantity"),
        ("mystery", b"?", "unknown kind of message"),
    ],
)
def test_what_cannot_be_read_goes_to_quarantine_and_not_round_and_round(
    gateway: Gateway, kind: str, body: bytes, reason: str
) -> None:
    gateway.feed(gateway.arrival(kind, body), gateway.arrival("frame", frame(0, 3)))
    assert gateway.settled == 2
    assert gateway.rows("SELECT node, kind, reason, body FROM quarantine") == [
        (NODE, kind, reason, body[:4096])
    ]
    assert gateway.sequences() == [0, 1, 2]
    assert [decode_refusal(b) for b in gateway.source.take("refuse")] == [
        Refusal(REFUSED_FRAME, 0)
    ]


def test_a_schema_id_that_stands_for_another_schema_is_refused_loudly(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    clash = Schema(((1, 5),))
    clash.id = AIR.id  # as if its hash happened to be that of a built-in kit
    monkeypatch.setattr(intake, "decode_schema", lambda body: clash)
    gateway.feed(gateway.arrival("schema", b"anything"))
    assert alarms(gateway) == [(NODE, 0, "schema_id_taken")]
    assert gateway.database.read(lambda c: schema_of(c, NODE, AIR.id)) == AIR


def test_quarantine_is_bounded_per_node(gateway: Gateway) -> None:
    garbage = [gateway.arrival("frame", b"\0garbage %d" % i) for i in range(1100)]
    gateway.feed(*garbage)
    gateway.feed(gateway.arrival("frame", b"\0garbage", node="balcony2"))
    counts = gateway.rows("SELECT node, count(*) FROM quarantine GROUP BY node")
    assert counts == [(NODE, 1000), ("balcony2", 1)]
    assert ("balcony1", 0, "too_many_rejects") in alarms(gateway)
    assert gateway.settled == 1101


def test_a_node_cannot_have_stores_without_end(gateway: Gateway) -> None:
    frames = [frame(0, 1, store_id=store) for store in range(300)]
    gateway.feed(*[gateway.arrival("frame", body) for body in frames])
    assert len(gateway.rows("SELECT DISTINCT store_id FROM frame")) == 256
    refusals = [decode_refusal(body) for body in gateway.source.take("refuse")]
    assert {refusal.code for refusal in refusals} == {REFUSED_FULL}
    assert len(refusals) == 44
    gateway.frame(frame(1, 1, store_id=7))
    assert gateway.sequences(store_id=7) == [0, 1]


def test_a_defect_in_judging_one_arrival_does_not_stop_the_others(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = intake.decode_header

    def defective(body: bytes):  # type: ignore[no-untyped-def]
        if body == frame(3, 3):
            raise ZeroDivisionError("planted")
        return original(body)

    monkeypatch.setattr(intake, "decode_header", defective)
    gateway.feed(*[gateway.arrival("frame", frame(first, 3)) for first in (0, 3, 6)])
    assert gateway.sequences() == [0, 1, 2, 6, 7, 8]
    assert gateway.rows("SELECT reason FROM quarantine") == [("defect: ZeroDivisionError",)]
    assert gateway.settled == 3


def test_a_node_that_makes_up_stores_without_end_is_one_alarm_not_one_for_each(
    gateway: Gateway,
) -> None:
    for store in range(1, intake.STORES_PER_NODE + 40):
        gateway.frame(encode_frame(AIR, store, [record(0)], 4000)[0])
    assert alarms(gateway) == [(NODE, 0, "too_many_stores")]
    assert gateway.rows("SELECT times FROM alarm") == [(39,)]
    assert gateway.rows("SELECT count(*) FROM frame") == [(intake.STORES_PER_NODE,)]
