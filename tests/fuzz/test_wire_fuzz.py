# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Fuzzing of every decoder of the wire: `make fuzz` raises BARRI_FUZZ_EXAMPLES.

Short strings of bytes are mutated from good frames and messages, so that they reach deep.
"""

import os
from random import Random

from barri_wire import messages as m
from barri_wire import messages_desired as d
from barri_wire.errors import FrameError
from barri_wire.frame import Record, decode_frame, decode_header, encode_frame
from barri_wire.payload_decoder import PayloadDecoder
from barri_wire.schema import KITS, encode_schema
from barri_wire.schema_decoder import decode_schema

EXAMPLES = int(os.environ.get("BARRI_FUZZ_EXAMPLES", "300"))
DECODERS = (
    m.decode_hello,
    m.decode_void,
    m.decode_ack,
    m.decode_time,
    m.decode_schema_request,
    m.decode_refusal,
    d.decode_desired,
    d.decode_reported,
    decode_schema,
)


def good_frames(rng: Random) -> list[tuple[object, bytes]]:
    frames = []
    for schema in [KITS[name] for name in KITS]:
        for count in (1, 5, 30, 60):
            values = [rng.randint(q.low, q.high) for q in schema.quantities]
            records = []
            for i in range(count):
                values = [value + rng.randint(-3, 3) for value in values]
                row = tuple(None if rng.random() < 0.05 else value for value in values)
                records.append(Record(i, 60 * i, 60, row))
            frames.append((schema, encode_frame(schema, 5, records, 10_000)[0]))
    return frames


def good_messages() -> list[bytes]:
    return [
        m.encode_hello(m.Hello(1, 2, [(3, 4, 5)], [(6, 7, 8)], True, "0.1.0")),
        m.encode_void(m.Void(3, [(0, 5, 1), (9, 2, 4)])),
        m.encode_ack(m.Ack(3, 100, [(1, 2), (50, 3)])),
        m.encode_time(m.Time(1, 2, 3)),
        m.encode_schema_request(m.SchemaRequest(4)),
        m.encode_refusal(m.Refusal(1, 2)),
        d.encode_desired(d.Desired(7, 60, [16, 34])),
        d.encode_reported(d.Reported(7, 0)),
        encode_schema(KITS["air"]),
    ]


def mutate(rng: Random, body: bytes) -> bytes:
    changed = bytearray(body)
    for _ in range(rng.randint(1, 4)):
        place = rng.randrange(len(changed) + 1)
        action = rng.randrange(4)
        if action == 0 and place < len(changed):
            changed[place] ^= 1 << rng.randrange(8)
        elif action == 1:
            changed[place:place] = rng.randbytes(rng.randint(1, 8))
        elif action == 2:
            del changed[place : place + rng.randint(1, 8)]
        elif place < len(changed):
            changed[place] = rng.choice((0, 1, 0x7F, 0x80, 0xFE, 0xFF))
    return bytes(changed)


def test_mutated_frames_give_records_or_a_frame_error() -> None:
    rng = Random(1)
    frames, decoded, refused = good_frames(rng), 0, 0
    for _ in range(EXAMPLES):
        schema, frame = rng.choice(frames)
        damaged = mutate(rng, frame)
        try:
            header = decode_header(damaged)
            assert len(decode_frame(damaged, schema)) == header.count
            decoded += 1
        except FrameError:
            refused += 1
    print(f"fuzz.wire.frames.decoded {decoded} 1\nfuzz.wire.frames.refused {refused} 1")
    assert refused > 0


def test_mutated_payloads_never_cost_more_than_their_length_allows() -> None:
    rng = Random(2)
    frames = good_frames(rng)
    for _ in range(EXAMPLES):
        schema, frame = rng.choice(frames)
        start = 12 if frame[0] & 31 else 14
        payload, header = mutate(rng, frame[start:]), decode_header(frame)
        header.count = 1024
        try:
            decoder = PayloadDecoder(payload, schema, header)
        except FrameError:
            continue
        try:
            for _ in range(header.count):
                decoder.record()
        except FrameError:
            pass
        assert decoder.coder.steps <= 720 * (len(payload) + 3)


def test_mutated_messages_give_messages_or_a_frame_error() -> None:
    rng = Random(3)
    bodies, refused = good_messages(), 0
    for _ in range(EXAMPLES):
        damaged = mutate(rng, rng.choice(bodies))
        for decode in DECODERS:
            try:
                decode(damaged)
            except FrameError:
                refused += 1
    assert refused > 0
