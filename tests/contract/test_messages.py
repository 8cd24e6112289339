# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What messages, schemas and topics promise: exact round trips and no trust in any byte."""

import binascii
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wire_strategies import (
    acks,
    desires,
    hellos,
    refusals,
    reports,
    requests,
    schemas,
    times,
    voids,
)

from barri_wire import messages as m
from barri_wire import messages_desired as d
from barri_wire.errors import FrameError
from barri_wire.schema import EXTRAS, KITS, Schema, encode_schema, known_schema
from barri_wire.schema_decoder import decode_schema
from barri_wire.topic_parser import parse_topic
from barri_wire.topics import KINDS_DOWN, KINDS_UP, is_node_id, topic

PAIRS = {
    "hello": (m.encode_hello, m.decode_hello, hellos),
    "void": (m.encode_void, m.decode_void, voids),
    "time": (m.encode_time, m.decode_time, times),
    "schema_request": (m.encode_schema_request, m.decode_schema_request, requests),
    "refusal": (m.encode_refusal, m.decode_refusal, refusals),
    "desired": (d.encode_desired, d.decode_desired, desires),
    "reported": (d.encode_reported, d.decode_reported, reports),
}
DECODERS = [decode for _, decode, _ in PAIRS.values()] + [m.decode_ack, decode_schema]
node_ids = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=4, max_size=16)


@pytest.mark.parametrize("kind", PAIRS)
@given(st.data())
def test_messages_come_back_and_no_other_length_does(kind: str, data: st.DataObject) -> None:
    encode, decode, strategy = PAIRS[kind]
    message = data.draw(strategy)
    body = encode(message)
    assert decode(body) == message
    for other in (body[:-1], body + b"\x00"):
        with pytest.raises(FrameError):
            decode(other)


@given(st.data(), st.binary(max_size=120))
def test_any_bytes_give_a_message_or_a_frame_error(data: st.DataObject, noise: bytes) -> None:
    kind = data.draw(st.integers(0x40, 0x4B))
    for decode in DECODERS:
        for body in (noise, bytes([kind]) + noise):
            with contextlib.suppress(FrameError):
                assert decode(body) is not None


@given(acks())
def test_an_ack_fits_51_bytes_and_never_claims_what_was_not_said(ack: m.Ack) -> None:
    body = m.encode_ack(ack)
    seen = m.decode_ack(body)
    assert len(body) <= 51
    assert seen.store_id == ack.store_id
    assert seen.mark == ack.mark
    assert seen.covered <= ack.covered
    assert seen.missing == [gap for gap in ack.missing if gap[0] < seen.covered]
    if len(seen.missing) < len(ack.missing):
        assert seen.covered == ack.missing[len(seen.missing)][0]
    else:
        assert seen.covered == ack.covered


def test_the_mark_of_an_ack_is_its_first_missing_sequence() -> None:
    assert m.Ack(1, 50).mark == 50
    assert m.Ack(1, 50, [(7, 2), (20, 1)]).mark == 7


def test_nonsense_is_not_encoded() -> None:
    nonsense = [
        lambda: m.encode_ack(m.Ack(1, 50, [(7, 2), (8, 1)])),
        lambda: m.encode_ack(m.Ack(1, 5, [(7, 2)])),
        lambda: m.encode_ack(m.Ack(1 << 18, 5)),
        lambda: m.encode_void(m.Void(1, [(0, 0, 1)])),
        lambda: m.encode_void(m.Void(1, [(0, 1, 0)])),
        lambda: m.encode_void(m.Void(1, [(0, 1, 1)] * 129)),
        lambda: m.encode_hello(m.Hello(1, 1, [(1, 5, 4)], [], True, "x")),
        lambda: m.encode_hello(m.Hello(1, 1, [], [], True, "line\nbreak")),
        lambda: m.encode_hello(m.Hello(1, -1, [], [], True, "x")),
        lambda: m.encode_time(m.Time(1, 1, 1000)),
        lambda: d.encode_desired(d.Desired(0, 60, [])),
        lambda: d.encode_desired(d.Desired(1 << 24, 60, [])),
        lambda: d.encode_desired(d.Desired(1, 3601, [])),
        lambda: d.encode_desired(d.Desired(1, 60, [0])),
        lambda: d.encode_desired(d.Desired(1, 60, [256])),
        lambda: d.encode_desired(d.Desired(1, 60, [16, 16])),
        lambda: d.encode_desired(d.Desired(1, 60, [17, 16])),
        lambda: d.encode_desired(d.Desired(1, 60, list(range(1, 66)))),
        lambda: d.encode_reported(d.Reported(1, 256)),
    ]
    for encode in nonsense:
        with pytest.raises(FrameError):
            encode()


@given(schemas)
def test_schemas_come_back_with_their_id(schema: Schema) -> None:
    body = encode_schema(schema)
    assert decode_schema(body) == schema
    assert schema.id == binascii.crc32(body) & 0xFFFF
    assert len(body) <= 51


def test_kits_are_known_by_different_ids() -> None:
    assert len({KITS[name].id for name in KITS}) == len(list(KITS))
    for table in (KITS, EXTRAS):  # the ids that stand beside the channels are what these give
        assert all(known_schema(table[name].id) == table[name] for name in table)
    assert known_schema(Schema(((1, 7),)).id) is None


def test_impossible_schemas_are_refused() -> None:
    for channels in ((), ((1, 0), (1, 0)), ((250, 0),), ((1, 16),), ((1, 0),) * 33):
        with pytest.raises(FrameError):
            Schema(channels)


@given(
    node_ids, st.sampled_from([("up", k) for k in KINDS_UP] + [("down", k) for k in KINDS_DOWN])
)
def test_topics_come_back(node: str, way: tuple[str, str]) -> None:
    assert parse_topic(topic(node, *way)) == (node, *way)


@given(st.one_of(st.text(max_size=60), st.lists(st.text(max_size=5)).map("/".join)))
def test_other_texts_are_no_topics(text: str) -> None:
    parsed = parse_topic(text)
    assert parsed is None or topic(*parsed) == text


def test_a_topic_needs_its_own_partition_and_a_plain_node_id() -> None:
    good = topic("abcd", "up", "frame")
    assert good == f"barri/1/{binascii.crc32(b'abcd') % 64}/abcd/up/frame"
    for bad in (good.replace("/abcd/", "/abce/"), good + "/", good + "\n", "/" + good, ""):
        assert parse_topic(bad) is None
    for node in ("abc", "a" * 17, "ABCD", "ab/d", "ab+d", "àbcd", "abc\n"):
        assert not is_node_id(node)
        with pytest.raises(ValueError, match="node id"):
            topic(node, "up", "frame")
    with pytest.raises(ValueError, match="direction"):
        topic("abcd", "down", "frame")
