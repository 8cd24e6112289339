# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Make the golden files of the wire, once for a version of the format. They are frozen then.

    python tests/contract/make_golden.py <empty folder>

It refuses to overwrite: a change of these bytes is a new version of the wire format.
"""

import json
import sys
from pathlib import Path
from random import Random

from barri_wire import messages as m
from barri_wire import messages_desired as d
from barri_wire.frame import Record, decode_header, encode_frame
from barri_wire.schema import KITS, Schema, encode_schema
from barri_wire.topics import topic

LOW, HIGH = -(1 << 31), (1 << 31) - 1
START = 820454400


def walk(schema: Schema, count: int, seed: int, boot: int | None = None) -> list[Record]:
    """Records that move a little, with gaps in time and missing values."""
    rng = Random(seed)
    values = [rng.randint(quantity.low, quantity.high) for quantity in schema.quantities]
    records, start_s = [], START if boot is None else 3
    for i in range(count):
        values = [value + round(rng.gauss(0, 3)) for value in values]
        row = tuple(None if rng.random() < 0.05 else value for value in values)
        records.append(Record(1000 + i, start_s, 60, row, boot))
        start_s += 60 * rng.choice((1, 1, 1, 1, 1, 2, 5)) + rng.choice((0, 0, 0, 0, 7))
    return records


def constant(schema: Schema, rows: list[tuple[int | None, ...]]) -> list[Record]:
    """Rows as records of a minute each, one right after the other."""
    return [Record(i, START + 60 * i, 60, row) for i, row in enumerate(rows)]


def frame(name: str, schema: Schema, records: list[Record], max_bytes: int = 100_000) -> dict:
    """One case of a frame."""
    body, taken = encode_frame(schema, 0x2BEEF, records, max_bytes)
    header = decode_header(body)
    return {
        "name": name,
        "channels": schema.channels,
        "store_id": 0x2BEEF,
        "max_bytes": max_bytes,
        "records": [[r.sequence, r.start_s, r.duration_s, r.values, r.boot] for r in records],
        "taken": taken,
        "header": [header.schema_id, header.store_id, header.first_sequence, header.count],
        "hex": body.hex(),
    }


def kit_frames() -> list[dict]:
    """All kits: one record, ten, thirty, cut at 51 bytes, and with uptime."""
    cases = []
    for seed, (kit, schema) in enumerate(sorted((name, KITS[name]) for name in KITS)):
        cases += [
            frame(f"{kit}, {count} records", schema, walk(schema, count, seed + count))
            for count in (1, 10, 30)
        ]
        cases.append(frame(f"{kit}, cut at 51 bytes", schema, walk(schema, 30, seed), 51))
        cases.append(frame(f"{kit}, uptime of boot 300", schema, walk(schema, 5, seed, 300)))
    return cases


def extreme_frames() -> list[dict]:
    """Everything missing, everything extreme, times that leap, long frames, other channels."""
    air, energy = KITS["air"], KITS["energy"]
    width = len(air.channels)
    ends = [(LOW,) * width, (HIGH,) * width, (None,) * width, (0,) * width, (HIGH, LOW) * 4]
    other = Schema(((1, 0), (1, 1), (1, 15), (21, 3), (36, 2)))
    leaps = [(0, 1), (4294967295, 86400), (5, 10), (15, 10), (35, 10), (34, 3600)]
    rows = [(7, None, -9, 400, 2300)]
    return [
        frame("all missing", air, constant(air, [(None,) * width] * 3)),
        frame("ends of 32 bits", air, constant(air, ends)),
        frame(
            "counters leap",
            energy,
            constant(energy, [(LOW, HIGH, 0, 0, 0), (HIGH, LOW, 1, 1, 1)] * 3),
        ),
        frame("times leap", other, [Record(i, s, d, rows[0]) for i, (s, d) in enumerate(leaps)]),
        frame("31 records", other, walk(other, 31, 31)),
        frame("32 records", other, walk(other, 32, 32)),
        frame("400 records", other, walk(other, 400, 400)),
        frame("same value", air, constant(air, [(2100, 500, 10130, 0, 3, 5, 6, 100)] * 100)),
        frame("last sequence", other, [Record((1 << 22) - 1, 0, 86400, rows[0])]),
        frame("latest uptime", other, [Record(0, (1 << 24) - 1, 1, rows[0], 255)]),
    ]


def message_cases() -> list[dict]:
    """Every message, small and full."""
    full = {
        "stores": [(262143, 0, 4194304)] * 16,
        "anchors": [(4294967295, 4294967295, 4294967295)] * 16,
    }
    hello = {"boot": 7, "uptime_s": 12, "clock_set": False, "firmware": "0.1.0"}
    small = {"stores": [(5, 10, 20)], "anchors": [(6, 100, START)]}
    ranges = [(0, 1, m.VOID_OVERWRITTEN), (10, 5, m.VOID_DAMAGED), (20, 1, m.VOID_RELEASED)]
    ranges += [(4194303, 1, m.VOID_WITHHELD)]
    holes = [(0, 1), (3, 200), (1000, 1), (70000, 20000)]
    listed = [
        ("Hello", {**hello, **small}, m.encode_hello),
        ("Hello", {**hello, **full, "clock_set": True, "firmware": ""}, m.encode_hello),
        ("Void", {"store_id": 77, "ranges": ranges}, m.encode_void),
        ("Void", {"store_id": 0, "ranges": []}, m.encode_void),
        ("Ack", {"store_id": 262143, "covered": 4194304, "missing": holes}, m.encode_ack),
        ("Ack", {"store_id": 0, "covered": 0}, m.encode_ack),
        ("Time", {"token": 12, "s2000": START, "ms": 999}, m.encode_time),
        ("SchemaRequest", {"schema_id": 65535}, m.encode_schema_request),
        ("Refusal", {"code": m.REFUSED_FULL, "store_id": 262143}, m.encode_refusal),
    ]
    return [
        {"name": f"{kind} {i}", "kind": kind, "fields": fields,
         "hex": encode(getattr(m, kind)(**fields)).hex()}
        for i, (kind, fields, encode) in enumerate(listed)
    ]  # fmt: skip


def desired_cases() -> list[dict]:
    """What people desire of a node, and what it reports: least and most."""
    everything = list(range(1, d.UNWANTED_MAX + 1))
    most = {"version": d.VERSION_LIMIT - 1, "window_s": 3600, "unwanted": everything}
    listed = [
        ("Desired", {"version": 1, "window_s": 0, "unwanted": []}, d.encode_desired),
        ("Desired", most, d.encode_desired),
        ("Reported", {"version": 0, "result": d.REFUSED_OLDER}, d.encode_reported),
        ("Reported", {"version": most["version"], "result": d.IN_FORCE}, d.encode_reported),
    ]
    return [
        {"name": f"{kind} {i}", "kind": kind, "fields": fields,
         "hex": encode(getattr(d, kind)(**fields)).hex()}
        for i, (kind, fields, encode) in enumerate(listed)
    ]  # fmt: skip


def schema_cases() -> list[dict]:
    """All kits and the largest schema."""
    schemas = {name: KITS[name] for name in KITS}
    schemas["largest"] = Schema(tuple((q, n) for n in range(16) for q in (1, 36)))
    schemas["odd"] = Schema(((16, 0), (16, 1), (16, 2)))
    return [
        {"name": name, "channels": s.channels, "id": s.id, "hex": encode_schema(s).hex()}
        for name, s in sorted(schemas.items())
    ]


def topic_cases() -> list[dict]:
    """A topic in each direction."""
    parts = [("abcd", "up", "frame"), ("a1b2c3d4e5f60718", "down", "ack"), ("zz99", "up", "hello")]
    return [{"name": p[0], "parts": p, "topic": topic(*p)} for p in parts]


def main(folder: Path) -> None:
    """Write all golden files; refuse where one is there."""
    golden = {
        "frames_kits": ("frames", kit_frames()),
        "frames_extremes": ("frames", extreme_frames()),
        "messages": ("messages", message_cases()),
        "messages_desired": ("messages", desired_cases()),
        "schemas": ("schemas", schema_cases()),
        "topics": ("topics", topic_cases()),
    }
    for name, (what, cases) in golden.items():
        with (folder / f"{name}.json").open("x", encoding="utf-8") as file:
            lines = ",\n  ".join(json.dumps(case) for case in cases)
            file.write(f'{{"what": "{what}", "cases": [\n  {lines}\n]}}\n')


if __name__ == "__main__":
    main(Path(sys.argv[1]))
