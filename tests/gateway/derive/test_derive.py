# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What derive makes of the log: roll-ups, dates, held frames, decided windows."""

import random

from derive_rig import (
    NODE,
    NOON_S,
    STORE,
    UNKNOWN_TIME_S,
    FakeClock,
    Rig,
    record,
    uptime,
)

from barri.adapters.stores.frame_row import FrameRow, insert_many
from barri.domain.household import Board
from barri_wire import EPOCH_2000_UNIX_S
from barri_wire.frame import encode_frame
from barri_wire.schema import KITS, Schema, encode_schema

DUSK_S = NOON_S + 5 * 3600


def minute_of_records(start_s=NOON_S, first=0, **values):
    return [record(first + i, start_s + 10 * i, **values) for i in range(6)]


def test_records_become_windows_minutes_and_hours(rig):
    rig.clock.s = NOON_S + 60
    rig.frame([record(i, NOON_S + 10 * i, temperature=2000 + i) for i in range(6)])
    rig.step()
    assert rig.rollups("temperature", 10)[NOON_S + 30] == (10, 2003)
    assert rig.rollups("temperature", 60) == {NOON_S: (60, 2003)}  # 2002.5, half up
    assert rig.rollups("temperature", 3600) == {NOON_S: (60, 2003)}


def test_ten_seconds_at_70_db_in_a_minute_at_50_are_62_4(rig):
    rig.clock.s = NOON_S + 60
    levels = [700, 500, 500, 500, 500, 500]
    rig.frame(
        [record(i, NOON_S + 10 * i, kit="noise", laeq=v) for i, v in enumerate(levels)], "noise"
    )
    rig.step()
    assert rig.rollups("laeq", 60) == {NOON_S: (60, 624)}


def test_percentiles_are_kept_as_measured_and_never_merged(rig):
    rig.clock.s = NOON_S + 60
    rig.frame([record(i, NOON_S + 10 * i, kit="noise", la90=400) for i in range(6)], "noise")
    rig.step()
    assert len(rig.rollups("la90", 10)) == 6
    assert rig.rollups("la90", 60) == {}


def test_only_new_records_of_a_resent_frame_count(rig):
    rig.clock.s = NOON_S + 60
    rig.frame(minute_of_records(temperature=2000)[:4])
    rig.frame(minute_of_records(temperature=2000), fresh=[(4, 2)])
    rig.step()
    assert rig.rollups("temperature", 60) == {NOON_S: (60, 2000)}


def test_a_window_cut_short_makes_no_level_of_its_own(rig):
    rig.clock.s = NOON_S + 60
    rig.frame([record(0, NOON_S + 5, 5, temperature=2000)])
    rig.step()
    rig.frame(minute_of_records(first=1, start_s=NOON_S + 10, temperature=2000)[:5])
    rig.step()
    assert rig.rollups("temperature", 5) == {}
    assert rig.rollups("temperature", 60) == {NOON_S: (55, 2000)}


def test_values_that_no_sensor_can_report_count_as_missing(rig):
    rig.clock.s = NOON_S + 60
    rig.frame([record(0, NOON_S, temperature=9999, humidity=500)])
    rig.step()
    assert rig.rollups("temperature", 60) == {}
    assert rig.rollups("humidity", 60) == {NOON_S: (10, 500)}


def test_nothing_is_dated_while_the_gateways_clock_is_not_to_be_trusted(rig):
    rig.frame(minute_of_records(temperature=2000), arrival_s=NOON_S + 60)
    rig.clock.s = 1000  # the gateway booted in 1970
    rig.clock.synced = False
    rig.step()
    assert rig.query("SELECT count(*) FROM rollup") == [(0,)]
    rig.clock.synced = True  # it says so, but is behind its own log
    rig.step()
    assert rig.query("SELECT count(*) FROM rollup") == [(0,)]
    rig.clock.s = NOON_S + 61
    rig.step()
    assert rig.rollups("temperature", 60) == {NOON_S: (60, 2000)}


def test_a_node_whose_clock_says_1970_or_2000_is_set_aside_and_never_rolled_up(rig):
    rig.frame([record(0, EPOCH_2000_UNIX_S + 5, temperature=2000)])
    rig.frame([record(1, NOON_S + 3600, temperature=2000)])  # an hour in the future
    rig.step()
    assert rig.query("SELECT count(*) FROM rollup") == [(0,)]
    rig.clock.s += 86400  # by now that hour has passed, but it had not when the frame came
    rig.frame([record(2, NOON_S + 2 * 86400, temperature=2000)])
    rig.step()
    assert rig.query("SELECT count(*) FROM rollup") == [(0,)]
    assert rig.query("SELECT reason, count FROM undated") == [("implausible", 1)] * 3


def test_uptime_records_wait_for_a_hello_and_keep_the_date_it_gave(rig):
    rig.clock.s = NOON_S + 200
    rig.frame([uptime(record(0, NOON_S, temperature=2000), 20, 5)])
    rig.step()
    assert rig.query("SELECT reason FROM undated") == [("anchor",)]
    hello = "INSERT OR REPLACE INTO hello VALUES(?, ?, ?, ?, 0, '', x'', x'')"
    rig.execute(hello, NODE, NOON_S + 200, 256 + 5, 220)  # uptime 220 s is now: 20 s was noon
    rig.step()
    assert rig.rollups("temperature", 60) == {NOON_S: (10, 2000)}
    assert rig.query("SELECT count(*) FROM undated") == [(0,)]
    rig.execute(hello, NODE, NOON_S + 900, 256 + 5, 221)  # a late hello moves nothing any more
    rig.frame([uptime(record(1, NOON_S, temperature=2000), 30, 5)])
    rig.step()
    assert rig.rollups("temperature", 60) == {NOON_S: (20, 2000)}


def test_earlier_boots_are_dated_by_the_nodes_own_anchors(rig):
    rig.clock.s = NOON_S + 9000
    rig.execute(
        "INSERT INTO hello VALUES(?, ?, ?, ?, 0, '', x'', x'')", NODE, NOON_S + 9000, 9, 10
    )
    rig.execute("INSERT INTO anchor VALUES(?, 8, 100, ?)", NODE, NOON_S + 80)
    rig.frame([uptime(record(0, NOON_S, temperature=2000), 20, 8)])
    rig.frame([uptime(record(1, NOON_S, temperature=2000), 20, 7)])  # nobody knows boot 7
    rig.step()
    assert rig.rollups("temperature", 60) == {NOON_S: (10, 2000)}
    bounds = rig.query("SELECT reason, not_after_s FROM undated")
    assert bounds == [("anchor", NOON_S - 20)]  # boot 7 was over when boot 8 began


def test_a_hello_that_came_while_the_clock_was_wrong_dates_nothing(rig):
    rig.clock.s = NOON_S + 200
    rig.execute("INSERT INTO hello VALUES(?, ?, 5, 220, 0, '', x'', x'')", NODE, UNKNOWN_TIME_S)
    rig.frame([uptime(record(0, NOON_S, temperature=2000), 20, 5)], arrival_s=UNKNOWN_TIME_S)
    rig.step()
    assert rig.query("SELECT reason, not_after_s FROM undated") == [("anchor", NOON_S + 200)]


def test_frames_of_an_unknown_schema_wait_for_it(rig):
    schema = Schema(((1, 0), (2, 3)))
    frame = record(0, NOON_S)
    frame.values = (2100, 480)
    rig.clock.s = NOON_S + 10
    rig.frame([frame], schema)
    rig.step()
    assert rig.query("SELECT reason FROM undated") == [("schema",)]
    rig.execute(
        "INSERT INTO schema VALUES(?, ?, ?)", schema.id, NODE, bytes(encode_schema(schema))
    )
    rig.step()
    assert rig.rollups("temperature", 60) == {NOON_S: (10, 2100)}
    assert rig.query("SELECT number, value FROM rollup WHERE quantity = 'humidity'")[0] == (3, 480)


def test_frames_of_a_node_without_a_thing_wait_for_one(rig):
    rig.clock.s = NOON_S + 60
    rig.frame(minute_of_records(temperature=2000), node="newone")
    rig.step()
    assert rig.query("SELECT reason FROM undated") == [("board",)]
    rig.home.all_boards.append(Board("newone", "balcony", "$7$1$a$b"))
    rig.step()
    assert rig.rollups("temperature", 60) == {NOON_S: (60, 2000)}


def test_damaged_frames_are_set_aside_and_the_log_goes_on(rig):
    rig.clock.s = NOON_S + 60
    rig.frame(minute_of_records(temperature=2000))
    rig.execute("UPDATE frame SET body = substr(body, 1, 14)")
    rig.frame(minute_of_records(first=6, temperature=2000))
    rig.step()
    assert rig.query("SELECT frame, reason FROM undated") == [(1, "damaged")]
    assert rig.query("SELECT kind, times FROM alarm") == [("unreadable_frames", 1)]
    assert rig.rollups("temperature", 60) == {NOON_S: (60, 2000)}


def test_a_shared_window_is_decided_once_it_is_full(rig):
    era = rig.home.choose("temperature", "share", NOON_S - 5)
    rig.clock.s = NOON_S + 60
    rig.frame(minute_of_records(temperature=2000)[:5])
    rig.step()
    assert rig.decided(era) == []
    rig.frame(minute_of_records(temperature=2000)[5:])
    rig.step()
    assert rig.decided(era) == [(NOON_S, NOON_S + 60, "20.00")]


def test_what_was_measured_before_the_choice_is_not_shared(rig):
    era = rig.home.choose("temperature", "share", NOON_S)  # at noon, perhaps half a second later
    rig.clock.s = NOON_S + 120
    rig.frame(minute_of_records(temperature=1000))
    rig.frame(minute_of_records(NOON_S + 60, 6, temperature=2000))
    rig.step()
    assert rig.decided(era) == [(NOON_S + 60, NOON_S + 120, "20.00")]


def test_a_gap_declared_lost_makes_a_window_final_at_once(rig):
    era = rig.home.choose("temperature", "share", NOON_S - 5)
    rig.clock.s = NOON_S + 75
    records = [*minute_of_records(temperature=2000), record(6, NOON_S + 60, temperature=2000)]
    rig.frame(records[:4])
    rig.frame(records[5:])
    rig.step()
    assert rig.decided(era) == []  # number 4 may still come
    rig.execute("INSERT INTO void VALUES(NULL, ?, ?, 4, 1, 1, ?)", NODE, STORE, NOON_S + 75)
    rig.step()
    assert rig.decided(era) == [(NOON_S, NOON_S + 60, "20.00")]


def test_a_missing_value_is_not_a_missing_record(rig):
    """Number 4 came without a reading; 5 is still on its way: the window must wait for it."""
    era = rig.home.choose("temperature", "share", NOON_S - 5)
    rig.clock.s = NOON_S + 75
    records = minute_of_records(temperature=2000)
    records[3] = record(3, NOON_S + 30)
    rig.frame(records[:5])
    rig.step()
    assert rig.decided(era) == []
    rig.frame([records[5], record(6, NOON_S + 60, temperature=2000)])
    rig.step()
    assert rig.decided(era) == [(NOON_S, NOON_S + 60, "20.00")]  # 50 of 60 s


def test_late_data_are_awaited_for_two_hours_then_three_quarters_suffice(rig):
    era = rig.home.choose("temperature", "share", NOON_S - 5)
    rig.clock.s = NOON_S + 75
    rig.frame(minute_of_records(temperature=2000)[:5])
    rig.step()
    rig.clock.s = NOON_S + 60 + 7199
    rig.step()
    assert rig.decided(era) == []
    rig.clock.s += 1
    rig.step()
    assert rig.decided(era) == [(NOON_S, NOON_S + 60, "20.00")]
    rig.frame(
        minute_of_records(temperature=4000)[5:]
    )  # comes later: changes the hour at home only
    rig.step()
    assert rig.decided(era) == [(NOON_S, NOON_S + 60, "20.00")]
    assert rig.rollups("temperature", 60)[NOON_S] == (60, 2333)


def test_a_window_with_too_little_waits_a_week_as_backlog_and_is_then_withheld(rig):
    era = rig.home.choose("temperature", "share", NOON_S - 5)
    rig.clock.s = NOON_S + 75
    rig.frame(minute_of_records(temperature=2000)[:4])
    rig.step()
    rig.clock.s = NOON_S + 3 * 86400
    rig.step()
    assert rig.decided(era) == []
    rig.frame(minute_of_records(temperature=2000)[4:5])
    rig.clock.s = NOON_S + 60 + 7 * 86400
    rig.step()
    assert rig.decided(era) == [(NOON_S, NOON_S + 60, "20.00")]
    other = rig.home.choose("humidity", "share", rig.clock.now_s())
    start_s = rig.clock.now_s() + 60 - rig.clock.now_s() % 60
    rig.clock.s = start_s + 60
    rig.frame(minute_of_records(start_s, 10, humidity=400)[:3])
    rig.step()
    rig.clock.s = start_s + 60 + 7 * 86400
    rig.step()
    rig.step()
    assert rig.decided(other) == []
    assert rig.query("SELECT withheld FROM stream WHERE era = ?", other) == [(1,)]


def test_a_grace_does_not_end_while_data_that_came_in_time_stand_unread(rig):
    """The gateway was off for a day after the frames had been stored."""
    era = rig.home.choose("temperature", "share", NOON_S - 5)
    for i in range(6 * 40):  # more frames than one step takes
        rig.frame([record(i, NOON_S + 10 * i, temperature=2000)], arrival_s=NOON_S + 10 * i + 11)
    rig.clock.s = NOON_S + 86400
    rig.step()
    assert len(rig.decided(era)) == 40
    assert rig.query("SELECT count(*) FROM open_window") == [(0,)]


def test_coarser_gives_whole_hours_only(rig):
    era = rig.home.choose("temperature", "coarser", NOON_S - 5, 3600)
    rig.clock.s = NOON_S + 3600
    for minute in range(60):
        rig.frame(minute_of_records(NOON_S + 60 * minute, 6 * minute, temperature=2000 + minute))
    rig.step()
    assert rig.decided(era) == [(NOON_S, NOON_S + 3600, "20.30")]  # 20.295, half up


def test_share_as_measured_gives_every_whole_window_as_it_is(rig):
    era = rig.home.choose("temperature", "share", NOON_S - 5, 0)
    rig.clock.s = NOON_S + 60
    rig.frame([record(0, NOON_S + 3, 7, temperature=1000), record(1, NOON_S + 10, temperature=-5)])
    rig.step()
    assert rig.decided(era) == [(NOON_S + 10, NOON_S + 20, "-0.05")]


def test_any_later_choice_ends_a_stream_and_purges_what_was_not_sent(rig):
    era = rig.home.choose("temperature", "share", NOON_S - 5)
    rig.clock.s = NOON_S + 90
    rig.frame(minute_of_records(temperature=2000))
    rig.frame(minute_of_records(NOON_S + 60, 6, temperature=2000)[:3])
    rig.step()
    assert len(rig.decided(era)) == 1
    rig.home.choose("temperature", "keep", NOON_S + 91)
    rig.clock.s = NOON_S + 92
    rig.step()
    assert rig.decided(era) == []
    assert rig.query("SELECT count(*) FROM open_window") == [(0,)]
    again = rig.home.choose("temperature", "share", NOON_S + 95)
    rig.clock.s = NOON_S + 180
    rig.frame(minute_of_records(NOON_S + 60, 6, temperature=2000)[3:])
    rig.frame(minute_of_records(NOON_S + 120, 12, temperature=2000))
    rig.step()
    assert rig.decided(again) == [(NOON_S + 120, NOON_S + 180, "20.00")]


def test_an_idle_gateway_writes_nothing(rig):
    rig.home.choose("temperature", "share", NOON_S - 5)
    rig.clock.s = NOON_S + 60
    rig.frame(minute_of_records(temperature=2000))
    rig.step()
    before = rig.query("PRAGMA data_version")
    for _ in range(5):
        rig.clock.s += 1
        rig.step()
    assert rig.query("PRAGMA data_version") == before


def test_a_full_window_of_a_node_that_is_a_little_ahead_is_decided_when_it_has_ended(rig):
    era = rig.home.choose("temperature", "share", NOON_S - 5)
    rig.clock.s = NOON_S + 58  # the node says that the minute is over
    rig.frame(minute_of_records(temperature=2000))
    rig.step()
    assert rig.decided(era) == []
    rig.clock.s = NOON_S + 60
    rig.step()
    assert rig.decided(era) == [(NOON_S, NOON_S + 60, "20.00")]


def test_any_order_of_arrival_gives_the_same_rows(tmp_path):
    """Three hours of two-record frames, in three shuffled orders."""
    found = []
    for seed in range(3):
        rig = Rig(tmp_path / f"{seed}.db", FakeClock(NOON_S + 3 * 3600))
        dice = random.Random(seed)
        pairs = [
            [record(2 * i + j, NOON_S + 60 * (2 * i + j), 60, temperature=i) for j in (0, 1)]
            for i in range(90)
        ]
        dice.shuffle(pairs)
        for pair in pairs:
            rig.frame(pair)
        rig.step()
        found.append(rig.query("SELECT * FROM rollup ORDER BY 1, 2, 3, 4, 5"))
        rig.close()
    assert found[0] == found[1] == found[2]
    assert len(found[0]) == 180 + 3


def test_garbage_in_the_log_is_set_aside_and_never_stops_it(rig):
    rig.clock.s = NOON_S + 600
    dice = random.Random(3)
    good = encode_frame(KITS["air"], STORE, _wire_records(), 4000)[0]
    for number in range(1, 151):
        body = bytearray(good if number % 2 else dice.randbytes(dice.randrange(60)))
        for _ in range(dice.randrange(1, 6)):
            if body:
                body[dice.randrange(len(body))] = dice.randrange(256)
        row = FrameRow(number, NODE, STORE, 0, 20, None, NOON_S, 0, bytes(body))
        rig.execute(insert_many(1), *row.sealed())
    rig.frame([record(999, NOON_S + 500, humidity=431)])
    rig.step()
    assert rig.query("SELECT frame FROM derived_position") == [(151,)]
    assert rig.rollups("humidity", 60)[NOON_S + 480][0] >= 10
    assert rig.query("SELECT count(*) FROM undated WHERE reason = 'damaged'")[0][0] > 50


def _wire_records():
    return [record(i, NOON_S + 10 * i, temperature=2000 + i, humidity=500) for i in range(20)]
