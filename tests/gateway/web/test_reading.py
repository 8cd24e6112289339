# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What the page is told of gateway.db is what stands there, in bounded amounts."""

from pathlib import Path

import apsw
import pytest

from barri.adapters.stores import delivery, derived, log, log_notes
from barri.adapters.stores.database import open_reader, open_writer
from barri.domain.household import Thing
from barri.domain.observation import Datastream
from barri.errors import StoreError
from barri.rows import Notice
from barri.services.preview import coarser_windows, preview
from barri.services.reading import (
    KEEPING,
    LAST_ALARMS,
    LAST_NOTICES,
    MEASURING,
    NOT_MEASURING,
    Alarm,
    Latest,
    Readings,
    status,
)

WARMTH = Datastream("balcony", "temperature", 0)
NOISE = Datastream("street", "laeq", 0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "gateway.db"


@pytest.fixture
def gateway(path: Path) -> apsw.Connection:
    connection = open_writer(path)
    log.create(connection)
    derived.create(connection)
    delivery.create(connection)
    return connection


@pytest.fixture
def readings(path: Path) -> Readings:
    return Readings(lambda: open_reader(path))


def put(
    gateway: apsw.Connection,
    datastream: Datastream,
    window_s: int,
    *points: tuple[int, int | None],
) -> None:
    for start_s, value in points:
        row = (*datastream, window_s, start_s, window_s, value)
        gateway.execute("INSERT INTO rollup VALUES(?, ?, ?, ?, ?, ?, ?, x'')", row)


def test_an_empty_gateway_has_nothing_to_show(gateway: object, readings: Readings) -> None:
    overview = readings.overview()
    assert overview.latest == {}
    assert overview.heard == {}
    assert overview.streams == []
    assert set(overview.counted.values()) <= {0}


def test_a_gateway_that_never_ran_is_a_clear_error(readings: Readings, path: Path) -> None:
    with pytest.raises(StoreError):
        readings.overview()
    open_writer(path).close()
    with pytest.raises(StoreError, match="is it running"):
        readings.overview()


def test_the_latest_value_is_the_newest_of_the_finest_level(
    gateway: apsw.Connection, readings: Readings
) -> None:
    put(gateway, WARMTH, 10, (1000, 2100), (1010, 2110))
    put(gateway, WARMTH, 60, (960, 2105))
    put(gateway, NOISE, 60, (900, 555), (960, None))
    latest = readings.overview().latest
    assert latest[WARMTH] == Latest(10, 1010, 2110, valued_s=1020, longest_s=60)
    assert latest[NOISE] == Latest(60, 960, None, valued_s=960, longest_s=60)


def test_the_odd_length_of_a_first_window_does_not_become_the_level(
    gateway: apsw.Connection, readings: Readings
) -> None:
    put(gateway, WARMTH, 7, (993, 2000))
    put(gateway, WARMTH, 10, (1000, 2100), (1010, 2110))
    put(gateway, WARMTH, 60, (960, 2105))
    assert readings.overview().latest[WARMTH].window_s == 10
    assert readings.series(WARMTH, 0, 2000, 100).window_s == 10


def test_a_series_takes_the_finest_level_that_fits(
    gateway: apsw.Connection, readings: Readings
) -> None:
    put(gateway, WARMTH, 10, *((start, start) for start in range(0, 600, 10)))
    put(gateway, WARMTH, 60, *((start, start) for start in range(0, 600, 60)))
    assert len(readings.series(WARMTH, 0, 600, 60).points) == 60
    minutes = readings.series(WARMTH, 60, 300, 20)
    assert minutes.window_s == 60
    assert minutes.points == [(60, 60), (120, 120), (180, 180), (240, 240)]


def test_a_series_is_bounded_even_when_no_level_fits(
    gateway: apsw.Connection, readings: Readings
) -> None:
    put(gateway, WARMTH, 10, *((start, start) for start in range(0, 600, 10)))
    points = readings.series(WARMTH, 0, 600, 5).points
    assert [start for start, _ in points] == [550, 560, 570, 580, 590]


def test_a_datastream_that_does_not_exist_has_no_series(
    gateway: object, readings: Readings
) -> None:
    assert readings.series(WARMTH, 0, 600, 5).points == []


def test_nodes_were_last_heard_at_their_newest_sure_arrival(
    gateway: apsw.Connection, readings: Readings
) -> None:
    for node, arrival_s in (("aaaa", 100), ("bbbb", 50), ("aaaa", 90), ("bbbb", -1), ("cccc", -1)):
        gateway.execute(
            "INSERT INTO frame VALUES(NULL, ?, 1, 0, 1, NULL, ?, 0, x'')", (node, arrival_s)
        )
    overview = readings.overview()
    assert overview.heard == {"aaaa": 100, "bbbb": 50}
    assert overview.last_heard(["aaaa", "bbbb"]) == 100
    assert overview.last_heard(["zzzz"]) is None


def open_stream(gateway: apsw.Connection, era: str, **more: object) -> None:
    columns = {
        "sink": "city", "era": era, "thing": "balcony", "quantity": "temperature", "number": 0,
        "window_s": 10, "rule": "mean", "opened_s": 5, "pseudonym": "p", **more,
    }  # fmt: skip
    marks = ", ".join("?" * len(columns))
    gateway.execute(
        f"INSERT INTO stream({', '.join(columns)}) VALUES({marks})", (*columns.values(),)
    )


def test_the_city_holds_what_it_has_confirmed(
    gateway: apsw.Connection, readings: Readings
) -> None:
    open_stream(gateway, "e1", settled=6, forwarded=5)
    for position in range(1, 9):
        gateway.execute(
            "INSERT INTO decided VALUES(1, ?, ?, ?, ?)",
            (position, position * 10, position * 10 + 10, f"21.{position}"),
        )
    gateway.execute("INSERT INTO exception VALUES(1, 5, 'unresolved', 'timeout', 9, 9)")
    stream = readings.overview().stream("e1")
    assert (stream.datastream, stream.recipient) == (WARMTH, "city")
    assert (stream.arrived, stream.waiting) == (5, 2)
    last = [(value.value_text, value.arrived) for value in stream.last]
    assert last == [
        ("21.8", False),
        ("21.7", False),
        ("21.6", True),
        ("21.5", False),
        ("21.4", True),
    ]
    assert readings.overview().stream("other") is None


def test_ended_streams_tell_whether_their_values_were_erased(
    gateway: apsw.Connection, readings: Readings
) -> None:
    open_stream(gateway, "e1", closed_s=50, forwarded=3, erase=2)
    open_stream(gateway, "e2", closed_s=60, forwarded=0, erase=1)
    open_stream(gateway, "e3", closed_s=70, forwarded=4, erase=1)
    open_stream(gateway, "e4", forwarded=9)
    ended = readings.overview().ended(WARMTH, "city")
    assert [(stream.era, stream.erased) for stream in ended] == [("e1", True), ("e3", False)]
    assert readings.overview().ended(WARMTH, "school") == []


def test_what_a_human_should_know_of_is_counted(
    gateway: apsw.Connection, readings: Readings
) -> None:
    for count, reason in ((5, 1), (2, 2), (100, 3), (1000, 4)):  # only 1 and 2 are losses
        gateway.execute("INSERT INTO void VALUES(NULL, 'aaaa', 1, 0, ?, ?, 0)", (count, reason))
    gateway.execute("INSERT INTO undated VALUES(1, 'anchor', 'aaaa', 1, 1, 30, 0, 9)")
    overview = readings.overview()
    assert overview.counted == {
        "lost": 7,
        "undated": 30,
        "quarantine": 0,
        "alarm": 0,
        "exception": 0,
    }


def test_notices_are_read_with_their_code_and_values_newest_first(
    gateway: apsw.Connection, readings: Readings
) -> None:
    rows = delivery.DeliveryRows(gateway)
    rows.notice("city", "stopped", Notice("rights", {"said": "403 no"}), 77)
    rows.notice("city", "busy", Notice("busy", {"until_s": 99}), 88)
    told = readings.overview().notices
    assert [(one.about, one.at_s) for one in told] == [("busy", 88), ("stopped", 77)]
    assert [one.notice for one in told] == [
        Notice("busy", {"until_s": 99}),
        Notice("rights", {"said": "403 no"}),
    ]


def test_sentences_of_older_files_are_read_as_they_are(
    gateway: apsw.Connection, readings: Readings
) -> None:
    gateway.execute("INSERT INTO notice VALUES('city', 'stopped', 'the token is refused', 77)")
    (told,) = readings.overview().notices
    assert told == ("city", "stopped", "the token is refused", 77, None)


def test_there_are_never_more_notices_and_alarms_than_a_page_can_show(
    gateway: apsw.Connection, readings: Readings
) -> None:
    for number in range(50):
        row = ("city", f"parked:{number}", "text", number)
        gateway.execute("INSERT INTO notice VALUES(?, ?, ?, ?)", row)
        log_notes.raise_alarm(gateway, f"node{number}", 0, "unreadable_frames", number)
    overview = readings.overview()
    assert [told.at_s for told in overview.notices] == list(range(49, 49 - LAST_NOTICES, -1))
    assert [alarm.last_s for alarm in overview.alarms] == list(range(49, 49 - LAST_ALARMS, -1))
    assert overview.counted["alarm"] == 50


def test_an_alarm_is_told_once_per_board_and_kind(
    gateway: apsw.Connection, readings: Readings
) -> None:
    for store_id, moment_s in ((7, 100), (7, 130), (9, 90), (9, -1)):
        log_notes.raise_alarm(gateway, "aaaa", store_id, "too_many_stores", moment_s)
    log_notes.raise_alarm(gateway, "aaaa", 0, "too_many_rejects", -1)
    overview = readings.overview()
    assert overview.counted["alarm"] == 1  # boards, not rows
    assert overview.alarms == [
        ("aaaa", "too_many_stores", 90, 130, 4),
        ("aaaa", "too_many_rejects", None, None, 1),
    ]


def test_an_alarm_is_recent_for_a_week_and_always_when_its_time_is_not_sure() -> None:
    week_s = 7 * 86_400
    assert Alarm("aaaa", "too_many_gaps", 5, 100, 2).is_recent(99 + week_s)
    assert not Alarm("aaaa", "too_many_gaps", 5, 100, 2).is_recent(100 + week_s)
    assert Alarm("aaaa", "too_many_gaps", None, None, 2).is_recent(10 * week_s)


def test_reading_never_writes(gateway: apsw.Connection, path: Path) -> None:
    def write(connection: apsw.Connection) -> None:
        connection.execute("DELETE FROM rollup")

    connection = open_reader(path)
    with pytest.raises(apsw.ReadOnlyError):
        write(connection)


@pytest.mark.parametrize(
    ("latest", "heard_s", "word"),
    [
        ([], None, NOT_MEASURING),
        ([], 1000, NOT_MEASURING),
        ([Latest(10, 980, 21, 990)], 992, MEASURING),
        ([Latest(10, 930, 21, 940)], 940, MEASURING),
        ([Latest(10, 900, 21, 910)], 999, KEEPING),
        ([Latest(10, 900, 21, 910)], 910, NOT_MEASURING),
        ([Latest(10, 980, None, None)], 992, NOT_MEASURING),
        ([Latest(10, 980, None, None), Latest(10, 980, 3, 990)], 992, MEASURING),
        ([Latest(300, 0, 3, 300)], 300, MEASURING),
    ],
)
def test_a_things_state_in_three_words(
    latest: list[Latest], heard_s: int | None, word: str
) -> None:
    assert status(latest, heard_s, now_s=1000) == word


def test_a_preview_is_what_the_gate_would_let_out() -> None:
    thing = Thing("balcony", "Balcó de la Maria", "air", False, 41.40338, 2.15691)
    shown = preview(thing, WARMTH, 0, "ab" * 8, Latest(60, 6000, 2134, 6060))
    assert (shown.observation.value_text, shown.observation.end_s) == ("21.34", 6060)
    assert (shown.datastream.unit, shown.datastream.window_s) == ("Cel", 60)
    assert shown.thing.pseudonym == "ab" * 8
    assert shown.thing.place not in (None, (41.40338, 2.15691))
    assert "Maria" not in repr(shown)
    assert "balcony" not in repr(shown)


def test_a_coarser_preview_shows_the_longer_window() -> None:
    thing = Thing("balcony", "Balcó", "air")
    shown = preview(thing, WARMTH, 3600, "ab" * 8, Latest(60, 7260, 2134, 7320))
    assert shown.datastream.window_s == 3600
    assert (shown.observation.start_s, shown.observation.end_s) == (7200, 10_800)
    assert shown.thing.place is None


def test_only_windows_that_whole_measured_ones_fill_are_offered() -> None:
    assert coarser_windows(WARMTH, 10, (10, 15, 30, 60)) == (30, 60)
    assert coarser_windows(WARMTH, 60, (60, 900, 3600)) == (900, 3600)


def test_percentiles_cannot_be_coarser_without_histograms() -> None:
    assert coarser_windows(Datastream("street", "la90", 0), 10, (60,)) == ()
    assert coarser_windows(Datastream("street", "la90", 0), 60, (900, 3600), 60) == ()


def test_percentiles_of_whole_hours_are_offered_where_histograms_come() -> None:
    found = coarser_windows(Datastream("street", "la90", 0), 60, (900, 3600, 86_400), 86_400)
    assert found == (3600, 86_400)
