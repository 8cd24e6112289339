# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Bytes per value on the wire, beside Cayenne LPP, SenML-CBOR and a kit's own text message.

A value is a reading that is there: missing ones are not counted, though their marks and all times
and durations are paid for. Frames are cut one after the other; rows that do not fill the last
frame are not used. `payload` leaves out the header (12 bytes), all other figures have it.
"""

import math
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from barri_tools.bench.days import Day, recorded_day
from barri_tools.bench.report import FOLDER, Report
from barri_tools.bench.synthetic import synthetic_day
from barri_wire.frame import HEADER_BYTES, decode_frame, encode_frame
from barri_wire.record import Record
from barri_wire.schema import Schema

RECORDING = "shared/data/smart-citizen-kit-2018-12-06.csv"  # beside the repository
FRAME_SIZES = (10, 30)
SYNTHETIC = (("air", 1), ("noise", 1), ("energy", 1))
ROOM = 1 << 20
STORE_ID = 0x15555
PER_VALUE = "B/value"

Cost = Callable[[Schema, list[Record]], int]


def find_recording() -> Path | None:
    """Return the recorded day in `../shared/data`, seen from the repository; None if missing."""
    path = Path(__file__).resolve().parents[4] / RECORDING
    return path if path.is_file() else None


def run(recording: Path | None, folder: Path = FOLDER) -> Report:
    """Print and write the figures of a recording (default: the one beside the repository)."""
    report = Report("wire", folder)
    path = recording or find_recording()
    if path is None:
        report.note(f"../{RECORDING} is missing: the figures are of a synthetic air day")
    day = recorded_day(path) if path else synthetic_day("air", 1)
    measure(day, report)
    for kit, seed in SYNTHETIC:
        _measure_ours(synthetic_day(kit, seed), report, f"wire.synthetic_{kit}")
    report.write()
    return report


def measure(day: Day, report: Report) -> None:
    """Add the figures of one day, ours and those of the other formats."""
    channels = ", ".join(quantity.name for quantity in day.schema.quantities)
    report.note(f"{day.name}: {len(day.records)} records of {channels}")
    for note in day.notes:
        report.note(note)
    ours = _measure_ours(day, report, "wire")
    size = FRAME_SIZES[0]
    for name, cost in _peers(report).items():
        theirs = bytes_per_value(day, size, cost)
        report.add(f"wire.{name}.bytes_per_value", theirs, PER_VALUE)
        report.add(f"wire.ratio_to_{name}", ours[size] / theirs, "1")
    report.note(f"ratios are of frames of {size}; Cayenne LPP carries no time, the others do")


def _peers(report: Report) -> dict[str, Cost]:
    try:
        from barri_tools.bench import peers  # noqa: PLC0415 - developers' packages
    except ImportError as error:
        report.note(f"no other formats: {error.name} is missing, install barri with its dev extra")
        return {}
    return {
        "cayenne_lpp": peers.cayenne_lpp_bytes,
        "senml_cbor": peers.senml_cbor_bytes,
        "kit_message": peers.kit_message_bytes,
    }


def _measure_ours(day: Day, report: Report, prefix: str) -> dict[int, float]:
    whole = {}
    for size in FRAME_SIZES:
        if len(day.records) < size:
            report.note(f"{day.name} has too few records for frames of {size}: a shorter one")
        whole[size] = bytes_per_value(day, size, frame_bytes)
        payload = bytes_per_value(day, size, payload_bytes)
        report.add(f"{prefix}.bytes_per_value.frames_of_{size}", whole[size], PER_VALUE)
        report.add(f"{prefix}.payload_bytes_per_value.frames_of_{size}", payload, PER_VALUE)
    report.add(f"{prefix}.delta_entropy_bytes_per_value", delta_entropy(day), PER_VALUE)
    return whole


def bytes_per_value(day: Day, size: int, cost: Cost) -> float:
    """Return the bytes of all whole batches of `size` records over the readings in them."""
    usable = len(day.records) // size * size or len(day.records)
    batches = [day.records[i : i + size] for i in range(0, usable, size)]
    values = sum(value is not None for batch in batches for r in batch for value in r.values)
    return sum(cost(day.schema, batch) for batch in batches) / max(values, 1)


def delta_entropy(day: Day) -> float:
    """Return the order-0 entropy of each channel's deltas, in bytes, averaged over all values.

    A yardstick: what a code that knew the whole day's statistics before would need for values
    alone, without times, first values or missing ones.
    """
    bits, count = 0.0, 0
    for column in zip(*(record.values for record in day.records), strict=True):
        values = [value for value in column if value is not None]
        deltas = Counter(after - before for before, after in pairwise(values))
        total = deltas.total()
        bits -= sum(n * math.log2(n / total) for n in deltas.values())
        count += total
    return bits / 8 / max(count, 1)


def frame_bytes(schema: Schema, records: list[Record]) -> int:
    """Bytes of our frame, which is decoded and compared before it counts."""
    frame, taken = encode_frame(schema, STORE_ID, records, ROOM)
    if taken != len(records) or decode_frame(frame, schema) != records:
        raise AssertionError("the frame does not give its records back")
    return len(frame)


def payload_bytes(schema: Schema, records: list[Record]) -> int:
    """Bytes of our frame without its header."""
    return frame_bytes(schema, records) - HEADER_BYTES


if __name__ == "__main__":
    run(None)
