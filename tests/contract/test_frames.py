# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What frames promise: exact round trips, honest limits, and no trust in any byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wire_strategies import record_lists, schemas, store_ids

from barri_wire.errors import FrameError
from barri_wire.frame import Record, decode_frame, decode_header, encode_frame
from barri_wire.payload_decoder import PayloadDecoder
from barri_wire.prediction import Channel
from barri_wire.quantities import every_quantity
from barri_wire.schema import KITS

AIR = KITS["air"]
CALM = (2100, 500, 10130, 0, 3, 5, 6, 100)
STEPS_PER_BYTE = 720  # the least a decision costs is 1/90 bit, see range_encoder.py


def minutes(count: int, values: tuple[int | None, ...] = CALM) -> list[Record]:
    return [Record(i, 60 * i, 60, values) for i in range(count)]


@given(st.data(), schemas, store_ids, st.integers(12, 400))
def test_what_is_taken_comes_back_and_fits(
    data: st.DataObject, schema: object, store_id: int, max_bytes: int
) -> None:
    records = data.draw(record_lists(schema))
    first, _ = encode_frame(schema, store_id, records[:1], 100_000)
    if len(first) >= max_bytes:
        with pytest.raises(FrameError, match="does not fit"):
            encode_frame(schema, store_id, records, len(first) - 1)
        return
    frame, taken = encode_frame(schema, store_id, records, max_bytes)
    header = decode_header(frame)
    assert len(frame) <= max_bytes
    assert (header.store_id, header.count, header.boot) == (store_id, taken, records[0].boot)
    assert (header.first_sequence, header.start_s) == (records[0].sequence, records[0].start_s)
    assert decode_frame(frame, schema) == records[:taken]


@given(st.data(), st.integers(60, 200))
def test_a_frame_takes_as_many_records_as_fit(data: st.DataObject, max_bytes: int) -> None:
    records = data.draw(record_lists(AIR))
    try:
        _, taken = encode_frame(AIR, 1, records, max_bytes)
    except FrameError:
        taken = 0
    if taken < len(records):
        longer, _ = encode_frame(AIR, 1, records[: taken + 1], 100_000)
        assert len(longer) >= max_bytes  # one byte of room may stay unused


@given(st.binary(max_size=200), schemas)
def test_any_bytes_give_records_or_a_frame_error(noise: bytes, schema: object) -> None:
    check_bounded(noise, schema)


@given(st.data(), st.binary(max_size=120), schemas)
def test_any_payload_behind_a_good_header_gives_records_or_a_frame_error(
    data: st.DataObject, payload: bytes, schema: object
) -> None:
    frame, _ = encode_frame(schema, 9, data.draw(record_lists(schema, max_size=1)), 1000)
    count = data.draw(st.integers(0, 31))
    check_bounded(bytes([frame[0] & 0xE0 | count]) + frame[1:12] + payload, schema)


@given(st.data(), schemas)
def test_cut_and_flipped_frames_give_records_or_a_frame_error(
    data: st.DataObject, schema: object
) -> None:
    frame, _ = encode_frame(schema, 9, data.draw(record_lists(schema)), 1000)
    check_bounded(frame[: data.draw(st.integers(0, len(frame)))], schema)
    flipped = bytearray(frame)
    flipped[data.draw(st.integers(0, len(frame) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    check_bounded(bytes(flipped), schema)


def check_bounded(frame: bytes, schema: object) -> None:
    """Decode; only FrameError may come, after a number of steps bounded by the length."""
    try:
        header = decode_header(frame)
    except FrameError:
        return
    try:
        records = decode_frame(frame, schema)
    except FrameError:
        records = None
    if records is not None:
        assert len(records) == header.count
        again, taken = encode_frame(schema, header.store_id, records, 100_000)
        assert decode_frame(again, schema) == records[:taken]
    assert count_steps(frame[12:], schema, header) <= STEPS_PER_BYTE * (len(frame) + 3)


def count_steps(payload: bytes, schema: object, header: object) -> int:
    decoder = None
    try:
        decoder = PayloadDecoder(payload, schema, header)
        for _ in range(header.count):
            decoder.record()
    except FrameError:
        pass
    return decoder.coder.steps if decoder else 0


@pytest.mark.parametrize("filler", [b"\x00", b"\x55", b"\xfe", b"\xff"])
@pytest.mark.parametrize("size", [0, 1, 10, 1000])
def test_a_thousand_announced_records_without_content_stay_cheap(filler: bytes, size: int) -> None:
    frame, _ = encode_frame(AIR, 1, minutes(1024), 100_000)
    short = frame[:14] + filler * size
    assert decode_header(short).count == 1024
    assert count_steps(short[14:], AIR, decode_header(short)) <= STEPS_PER_BYTE * (size + 3)
    with pytest.raises(FrameError):
        decode_frame(short[:20], AIR)


def test_more_than_thirty_one_records_cost_two_bytes_of_header() -> None:
    assert decode_header(encode_frame(AIR, 1, minutes(31), 10_000)[0]).count == 31
    frame, taken = encode_frame(AIR, 1, minutes(2000), 10_000)
    assert (taken, frame[0] & 31, decode_header(frame).count) == (1024, 0, 1024)


def test_truncated_and_padded_frames_are_refused() -> None:
    for count in range(1, 100):
        frame, _ = encode_frame(AIR, 1, minutes(count), 1000)
        for damaged in (frame[:11], frame + b"\x00", frame + b"\x01", frame + b"\x00\x00"):
            with pytest.raises(FrameError):
                decode_frame(damaged, AIR)


def test_a_frame_of_another_schema_or_version_is_refused() -> None:
    frame, _ = encode_frame(AIR, 1, minutes(3), 1000)
    with pytest.raises(FrameError, match="another schema"):
        decode_frame(frame, KITS["noise"])
    with pytest.raises(FrameError, match="unknown version"):
        decode_header(b"\x80" + frame[1:])


def test_a_frame_ends_where_records_stop_belonging_together() -> None:
    gap = [*minutes(3), Record(7, 900, 60, CALM)]
    boots = [Record(0, 5, 60, CALM, 4), Record(1, 5, 60, CALM, 5)]
    assert encode_frame(AIR, 1, gap, 1000)[1] == 3
    assert encode_frame(AIR, 1, boots, 1000)[1] == 1


def test_boots_keep_their_low_eight_bits() -> None:
    frame, _ = encode_frame(AIR, 1, [Record(0, 5, 60, CALM, 0x1FE)], 1000)
    assert decode_frame(frame, AIR)[0].boot == 0xFE


def test_records_the_wire_cannot_carry_are_refused_with_a_reason() -> None:
    cases = {
        "no records": [],
        "values do not match the schema": [Record(0, 0, 60, (1, 2))],
        "duration out of range": [Record(0, 0, 0, CALM)],
        "value out of range": [Record(0, 0, 60, (1 << 31, *CALM[1:]))],
        "time out of range": [Record(0, 1 << 32, 60, CALM)],
        "sequences out of range": [Record(1 << 22, 0, 60, CALM)],
        "number out of range": [Record(0, 1 << 24, 60, CALM, 3)],
    }
    for reason, records in cases.items():
        with pytest.raises(FrameError) as caught:
            encode_frame(AIR, 1, records, 1000)
        assert caught.value.reason == reason
    with pytest.raises(FrameError, match="store id out of range"):
        encode_frame(AIR, 1 << 18, minutes(1), 1000)
    with pytest.raises(FrameError, match="does not fit"):
        encode_frame(AIR, 1, minutes(1), 12)


def test_every_quantity_has_a_prior() -> None:
    for quantity in every_quantity():
        assert quantity.low <= Channel(quantity).predict(0) <= quantity.high
