# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Hypothesis strategies for what travels: schemas, records, messages."""

from hypothesis import strategies as st

from barri_wire import SEQUENCE_LIMIT, STORE_ID_LIMIT
from barri_wire import messages as m
from barri_wire import messages_desired as d
from barri_wire.quantities import every_quantity
from barri_wire.record import Record
from barri_wire.schema import KITS, Schema

channel = st.tuples(st.sampled_from([q.id for q in every_quantity()]), st.integers(0, 15))
schemas = st.one_of(
    st.sampled_from([KITS[name] for name in KITS]),
    st.lists(channel, min_size=1, max_size=32, unique=True).map(lambda c: Schema(tuple(c))),
)
store_ids = st.integers(0, STORE_ID_LIMIT - 1)
small = st.integers(-20, 20)
any_value = st.one_of(st.none(), small, st.integers(-(1 << 31), (1 << 31) - 1))


@st.composite
def record_lists(draw: st.DrawFn, schema: Schema, max_size: int = 40) -> list[Record]:
    """Consecutive records of one boot: mostly calm values and times, at times any at all."""
    count = draw(st.integers(1, max_size))
    first = draw(st.integers(0, SEQUENCE_LIMIT - count))
    boot = draw(st.one_of(st.none(), st.integers(0, 255)))
    start_s = draw(st.integers(0, (1 << 24) - 1 if boot is not None else (1 << 32) - 1))
    durations = st.one_of(st.sampled_from((10, 60)), st.integers(1, 86400))
    values = tuple(draw(any_value) for _ in schema.channels)
    records = []
    for i in range(count):
        duration_s = draw(durations) if draw(st.integers(0, 9)) == 0 else 60
        records.append(Record(first + i, start_s, duration_s, values, boot))
        if draw(st.integers(0, 9)) == 0:
            start_s = draw(st.integers(0, (1 << 32) - 1))
        else:
            start_s = min(start_s + duration_s, (1 << 32) - 1)
        values = tuple(_next(draw, value) for value in values)
    return records


def _next(draw: st.DrawFn, value: int | None) -> int | None:
    if value is None or draw(st.integers(0, 19)) == 0:
        return draw(any_value)
    return max(-(1 << 31), min((1 << 31) - 1, value + draw(small)))


seconds = st.integers(0, (1 << 32) - 1)
held = st.tuples(store_ids, st.integers(0, SEQUENCE_LIMIT), st.integers(0, SEQUENCE_LIMIT)).map(
    lambda s: (s[0], min(s[1:]), max(s[1:]))
)
printable = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=32)
hellos = st.builds(
    m.Hello,
    seconds,
    seconds,
    st.lists(held, max_size=16),
    st.lists(st.tuples(seconds, seconds, seconds), max_size=16),
    st.booleans(),
    printable,
)
ranges = st.integers(0, SEQUENCE_LIMIT - 1).flatmap(
    lambda first: st.tuples(st.just(first), st.integers(1, SEQUENCE_LIMIT - first))
)
voids = st.builds(
    m.Void,
    store_ids,
    st.lists(st.tuples(ranges, st.integers(1, 255)).map(lambda r: (*r[0], r[1])), max_size=128),
)
times = st.builds(m.Time, seconds, seconds, st.integers(0, 999))
requests = st.builds(m.SchemaRequest, st.integers(0, 65535))
refusals = st.builds(m.Refusal, st.integers(1, 255), store_ids)


@st.composite
def acks(draw: st.DrawFn) -> m.Ack:
    """Any acknowledgement, also with more missing ranges than fit."""
    missing, end = [], 0
    for _ in range(draw(st.integers(0, 60))):
        first = end + draw(st.integers(0, 30000))
        count = draw(st.integers(1, 30000))
        missing.append((first, count))
        end = first + count
    return m.Ack(draw(store_ids), draw(st.integers(end, SEQUENCE_LIMIT)), missing)


desires = st.builds(
    d.Desired,
    st.integers(1, d.VERSION_LIMIT - 1),
    st.integers(0, d.WINDOW_MAX_S),
    st.lists(st.integers(1, 255), max_size=d.UNWANTED_MAX, unique=True).map(sorted),
)
reports = st.builds(d.Reported, st.integers(0, d.VERSION_LIMIT - 1), st.integers(0, 255))
