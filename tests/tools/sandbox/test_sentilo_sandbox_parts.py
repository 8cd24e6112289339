# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The sandbox's parts against independent sources, and against arbitrary input."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sandbox_city import TOKEN, City

from barri_tools.sandbox.sentilo import Request
from barri_tools.sandbox.sentilo.java_set import hash_code, hash_set_order
from barri_tools.sandbox.sentilo.java_time import format_utc, parse_ms
from barri_tools.sandbox.sentilo.location import is_valid

GREGORIAN = st.datetimes(datetime(1582, 10, 15), datetime(9999, 12, 30)).map(  # noqa: DTZ001
    lambda at: at.replace(microsecond=0, tzinfo=UTC)
)
OFFSETS = st.integers(-13 * 60, 14 * 60)


@given(GREGORIAN)
def test_times_agree_with_pythons_calendar(at: datetime) -> None:
    text = at.strftime("%d/%m/") + f"{at.year:04d}" + at.strftime("T%H:%M:%S")
    time_ms = parse_ms(text)
    assert time_ms == round((at - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(milliseconds=1))
    assert format_utc(time_ms) == text


@given(GREGORIAN.filter(lambda at: 1600 < at.year < 9000), OFFSETS)
def test_offsets_agree_with_pythons_calendar(at: datetime, minutes: int) -> None:
    local = at.astimezone(timezone(timedelta(minutes=minutes)))
    assert parse_ms(local.strftime("%d/%m/%YT%H:%M:%S%z")) == int(at.timestamp()) * 1000


@pytest.mark.parametrize(
    ("text", "time_ms"),
    [
        # The reference notes' table, run there with Java; years 12 and 1 in the Julian calendar.
        ("17/09/2012T12:34:45", 1347885285000),
        ("17/09/2012T12:34:45 +0000", 1347885285000),
        ("17/09/2012T12:34:45GMT+02:00", 1347878085000),
        ("17/09/2012T12:34:45UTC", 1347885285000),
        ("17/07/2012T12:34:45CET", 1342524885000),
        ("17/07/2012T12:34:45CEST", 1342521285000),
        ("17/9/2012T2:4:5", 1347847445000),
        ("17/09/12T12:34:45", -61766191515000),
        ("01/01/0001T00:00:00", -62135769600000),
        ("17/09/2012T12:34:45+0000junk", 1347885285000),
        ("10/10/1582T00:00:00", None),
        ("17/09/2012T12:34:45Z", None),
        ("17/09/2012T12:34:45Europe/Madrid", None),
        ("17/09/2012T12:34:45+00", None),
    ],
)
def test_the_table_of_timestamps(text: str, time_ms: int | None) -> None:
    assert parse_ms(text) == time_ms


def test_hash_codes_are_javas() -> None:
    # Well-known values: the colliding pair of every textbook, and the empty string.
    assert [hash_code(text) for text in ("", "Aa", "BB", "hello")] == [0, 2112, 2112, 99162322]


def test_a_hash_set_has_each_text_once_and_null_first() -> None:
    assert hash_set_order(["b", None, "a", "b"]) == [None, "a", "b"]


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("41.38 2.15", True),
        ("41 2,42 3", True),
        ("null", True),
        ("", True),
        ("41.38,2.15", False),
        ("41.38  2.15", False),
        ("91 0", False),
        ("0 181", False),
        ("41.38", False),
        ("a b", False),
    ],
)
def test_positions(text: str, valid: bool) -> None:
    assert is_valid(text) is valid


TARGETS = st.one_of(
    st.text(max_size=40),
    st.builds("/data/barri/{}".format, st.text(max_size=20)),
    st.builds(
        "/{}/barri{}".format,
        st.sampled_from(["data", "catalog", "order"]),
        st.sampled_from(["", "/S", "/S/5", "?limit=9", "?method=delete"]),
    ),
)
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8))
WORDS = st.sampled_from(
    [
        "observations",
        "sensors",
        "components",
        "sensor",
        "component",
        "value",
        "timestamp",
        "location",
        "time",
        "type",
        "publicAccess",
        "additionalInfo",
        "technicalDetails",
        "state",
    ]
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=3)
    ),
    max_leaves=12,
)
BODIES = st.one_of(st.binary(max_size=60), TREES.map(lambda tree: json.dumps(tree).encode()))


@settings(max_examples=150)
@given(
    st.sampled_from(["GET", "PUT", "POST", "DELETE", "PATCH"]),
    TARGETS,
    BODIES,
    st.sampled_from(["", "application/json", "x; charset=utf-16", "x; charset=nonsense"]),
)
def test_any_request_gets_an_answer_and_a_refused_one_stores_nothing_else(
    method: str, target: str, body: bytes, sent_type: str
) -> None:
    city = City().know("S")
    headers = {"IDENTITY_KEY": TOKEN, "Content-Type": sent_type}
    answer = city.sandbox.handle(Request(method, target, headers, body), city.now)
    assert answer.status in (200, 400, 403, 404, 405, 500, 501)
    assert answer.header("Content-Length") == str(len(answer.body))
    if answer.status in (400, 403, 405, 500):
        assert city.record.observations == []
        assert city.record.catalogue == []


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=30))
def test_what_can_be_read_is_what_was_recorded_less_what_was_deleted(
    steps: list[tuple[int, bool]],
) -> None:
    city = City().know("S")
    for second, delete in steps:
        if delete:
            city.ask("DELETE", "/data/barri/S")
        else:
            city.publish("S", {"value": "v", "timestamp": f"17/09/2012T12:34:{second:02d}"})
    left = [row.time_ms for row in city.record.observations]
    for row in city.record.deleted:
        left.remove(row.time_ms)
    assert [row["time"] for row in city.read("S")] == sorted(left, reverse=True)
