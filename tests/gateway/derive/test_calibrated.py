# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What derive makes of the log where people at home have calibrated a board, or chosen a
correction."""

import asyncio

import pytest
from derive_rig import HASH, NODE, NOON_S, STORE, THING, FakeClock, Rig, record

from barri.adapters.stores.derived import DerivedRows
from barri.adapters.stores.home import Home, HomeReader
from barri.domain.calibration import Calibration
from barri.domain.corrections.chosen import ChosenCorrection
from barri.domain.household import Board
from barri.domain.observation import Datastream
from barri.rows import RollupKey
from barri.services.derive import Deriver

OLD_S = NOON_S - 86_400 * 30
NEW_NODE = "z9y8x7"


def calibration(offset_ddb, from_s=OLD_S, node=NODE):
    method = "" if offset_ddb is None else "calibrator"
    return Calibration(node, from_s, NOON_S + 7200, offset_ddb, method, "meter of the school")


def noise(sequence, start_s, level, duration_s=10):
    return record(sequence, start_s, duration_s, kit="noise", laeq=level)


def made_with(rig, quantity, window_s=60, start_s=NOON_S):
    key = RollupKey(Datastream(THING.id, quantity), window_s, start_s)
    return rig.database.read(lambda c: DerivedRows(c).rollup(key).made_with)


def test_an_uncalibrated_board_and_other_quantities_stay_raw(rig):
    rig.clock.s = NOON_S + 60
    rig.home.all_calibrations = [calibration(13, node=NEW_NODE)]
    whole = record(0, NOON_S, 60, kit="noise", laeq=600, measured_share=990)
    rig.frame([whole], "noise")
    rig.step()
    assert rig.rollups("laeq", 60) == {NOON_S: (60, 600)}
    assert rig.rollups("measured_share", 60) == {NOON_S: (60, 990)}
    assert made_with(rig, "laeq") == made_with(rig, "measured_share") == ""


def test_all_levels_of_a_calibrated_board_are_moved_and_the_frame_is_not(rig):
    rig.clock.s = NOON_S + 60
    rig.home.all_calibrations = [calibration(13)]
    levels = {"laeq": 600, "lafmax": 700, "lafmin": 450, "la10": 620, "la50": 580, "la90": 500}
    whole = record(0, NOON_S, 60, kit="noise", **levels, measured_share=990)
    rig.frame([whole], "noise")
    before = rig.query("SELECT body, crc FROM frame")
    rig.step()
    for quantity, level in levels.items():
        assert rig.rollups(quantity, 60) == {NOON_S: (60, level + 13)}
        assert made_with(rig, quantity) == "a1b2c3 2026-12-16 +1.3 dB"
    assert rig.rollups("measured_share", 60) == {NOON_S: (60, 990)}
    assert made_with(rig, "measured_share") == ""
    assert rig.query("SELECT body, crc FROM frame") == before


def test_a_replaced_board_keeps_the_series_with_offsets_before_the_energy_mean(rig):
    """By hand: 30 s of 60.0 + 3.0 and 30 s of 60.0 - 2.0 dB have the energies 10**6.3 = 1,995,262
    and 10**5.8 = 630,957; their mean 1,313,110 is 61.18 dB. The mean offset would give 60.5.
    """
    change_s = NOON_S + 30
    rig.clock.s = NOON_S + 60
    rig.home.all_boards = [
        Board(NODE, THING.id, HASH, 0, change_s),
        Board(NEW_NODE, THING.id, HASH, change_s),
    ]
    rig.home.all_calibrations = [calibration(30), calibration(-20, node=NEW_NODE)]
    rig.frame([noise(i, NOON_S + 10 * i, 600) for i in range(3)], "noise")
    new = [noise(i, change_s + 10 * i, 600) for i in range(3)]
    rig.frame(new, "noise", node=NEW_NODE, store=STORE + 1)
    rig.step()
    assert rig.rollups("laeq", 60) == {NOON_S: (60, 612)}
    assert rig.rollups("laeq", 3600) == {NOON_S: (60, 612)}
    assert sorted(level for _, level in rig.rollups("laeq", 10).values()) == [580] * 3 + [630] * 3
    both = "a1b2c3 2026-12-16 +3.0 dB; z9y8x7 2026-12-16 -2.0 dB"
    assert made_with(rig, "laeq") == made_with(rig, "laeq", 3600) == both
    assert made_with(rig, "laeq", 10) == "a1b2c3 2026-12-16 +3.0 dB"
    assert made_with(rig, "laeq", 10, change_s) == "z9y8x7 2026-12-16 -2.0 dB"


def test_the_loudest_of_a_minute_is_the_loudest_after_calibration(rig):
    """65.0 of a microphone that reads 2 dB too high is less than 64.0 of a good one."""
    rig.clock.s = NOON_S + 60
    rig.home.all_calibrations = [calibration(-20), calibration(0, NOON_S + 30)]
    loud = [record(i, NOON_S + 30 * i, 30, kit="noise", lafmax=650 - 10 * i) for i in (0, 1)]
    rig.frame(loud, "noise")
    rig.step()
    assert rig.rollups("lafmax", 60) == {NOON_S: (60, 640)}


def test_what_was_measured_before_the_day_of_a_calibration_stays_raw(rig):
    rig.clock.s = NOON_S + 120
    rig.home.all_calibrations = [calibration(13, NOON_S + 60)]
    rig.frame([noise(i, NOON_S + 60 * i, 600, 60) for i in (0, 1)], "noise")
    rig.step()
    assert rig.rollups("laeq", 60) == {NOON_S: (60, 600), NOON_S + 60: (60, 613)}
    assert made_with(rig, "laeq", 3600).endswith("+1.3 dB; raw")


def test_a_calibration_recorded_later_is_for_frames_to_come_and_both_are_stated(rig):
    rig.clock.s = NOON_S + 120
    rig.frame([noise(0, NOON_S, 600, 60)], "noise")
    rig.step()
    rig.home.all_calibrations = [calibration(13)]
    rig.step()
    assert rig.rollups("laeq", 60) == {NOON_S: (60, 600)}
    assert made_with(rig, "laeq") == ""
    rig.frame([noise(1, NOON_S + 60, 600, 60)], "noise")
    rig.step()
    assert rig.rollups("laeq", 60)[NOON_S + 60] == (60, 613)
    assert made_with(rig, "laeq", 3600) == "a1b2c3 2026-12-16 +1.3 dB; raw"


def test_what_was_decided_never_changes_and_what_is_decided_is_corrected(rig):
    era = rig.home.choose("laeq", "share", NOON_S - 5)
    rig.clock.s = NOON_S + 60
    rig.frame([noise(0, NOON_S, 600, 60)], "noise")
    rig.step()
    rig.home.all_calibrations = [calibration(13)]
    rig.clock.s = NOON_S + 120
    rig.frame([noise(1, NOON_S + 60, 600, 60)], "noise")
    rig.step()
    assert [text for _, _, text in rig.decided(era)] == ["60.0", "61.3"]
    rig.home.all_calibrations += [calibration(None)]
    rig.clock.s = NOON_S + 180
    rig.frame([noise(2, NOON_S + 120, 600, 60)], "noise")
    rig.step()
    assert [text for _, _, text in rig.decided(era)] == ["60.0", "61.3", "60.0"]


def test_a_shared_minute_of_two_boards_is_their_calibrated_energy(rig):
    era = rig.home.choose("laeq", "share", NOON_S - 5)
    rig.clock.s = NOON_S + 60
    rig.home.all_calibrations = [calibration(30), calibration(-20, NOON_S + 30)]
    rig.frame([noise(i, NOON_S + 10 * i, 600) for i in range(6)], "noise")
    rig.step()
    assert rig.decided(era) == [(NOON_S, NOON_S + 60, "61.2")]


def test_fine_dust_is_corrected_with_the_humidity_of_its_own_record(rig):
    """EPA's first line, by hand: 0.524 * 12.0 - 0.0862 * 65.0 + 5.75 = 6.435 ug/m3."""
    rig.clock.s = NOON_S + 120
    rig.home.all_corrections = [
        ChosenCorrection(
            THING.id, "pm2_5", OLD_S, NOON_S, "epa_pm2_5", "2021-airnow", sensor="pms5003"
        )
    ]
    rig.frame(
        [
            record(0, NOON_S, 60, pm2_5=120, humidity=650, pm10=200),
            record(1, NOON_S + 60, 60, pm2_5=120, pm10=200),  # nobody knows how damp it was
        ]
    )
    rig.step()
    assert rig.rollups("pm2_5", 60) == {NOON_S: (60, 64)}
    assert rig.rollups("pm10", 60) == {NOON_S: (60, 200), NOON_S + 60: (60, 200)}
    assert made_with(rig, "pm2_5") == "epa_pm2_5 2021-airnow"
    assert made_with(rig, "pm10") == made_with(rig, "humidity") == ""


def test_any_order_of_arrival_gives_the_same_rows_calibrated_or_not(tmp_path):
    found = []
    for order in ((0, 1, 2, 3, 4, 5), (5, 3, 1, 4, 2, 0), (2, 0, 5, 4, 1, 3)):
        rig = Rig(tmp_path / f"{order[0]}.db", FakeClock(NOON_S + 60))
        rig.home.all_calibrations = [calibration(13, NOON_S + 20), calibration(-5, NOON_S + 40)]
        for i in order:
            rig.frame([noise(i, NOON_S + 10 * i, 600 + i)], "noise")
            rig.step()
        found.append(rig.query("SELECT * FROM rollup ORDER BY 1, 2, 3, 4, 5"))
        rig.close()
    assert found[0] == found[1] == found[2]
    assert len(found[0]) == 6 + 2


def test_a_file_from_before_there_were_calibrations_goes_on(tmp_path):
    """Its roll-ups and open windows have no statement: they are of raw values."""
    rig = Rig(tmp_path / "gateway.db", FakeClock(NOON_S + 30))
    era = rig.home.choose("laeq", "share", NOON_S - 5)
    rig.frame([noise(i, NOON_S + 10 * i, 600) for i in range(3)], "noise")
    rig.step()
    details = rig.query("SELECT detail FROM rollup UNION SELECT detail FROM open_window")
    assert details
    assert all(detail.replace(b" ", b"").isdigit() for (detail,) in details)  # as it was then
    rig.close()
    again = Rig(tmp_path / "gateway.db", FakeClock(NOON_S + 60), rig.home)
    again.home.all_calibrations = [calibration(13)]
    again.frame([noise(i, NOON_S + 10 * i, 600) for i in range(3, 6)], "noise")
    again.step()
    assert made_with(again, "laeq") == "a1b2c3 2026-12-16 +1.3 dB; raw"
    # By hand: the mean of 10**6.00 and 10**6.13 = 1,348,963 is 1,174,481: 60.70 dB.
    assert again.rollups("laeq", 60) == {NOON_S: (60, 607)}
    assert again.decided(era) == [(NOON_S, NOON_S + 60, "60.7")]
    again.close()


def test_a_whole_way_from_what_was_recorded_at_home_to_the_roll_up(rig, tmp_path):
    home = Home(tmp_path / "home.db")
    home.add_thing(THING)
    home.add_board(Board(NODE, THING.id, HASH))
    home.add_calibration(calibration(13))
    reader = HomeReader(tmp_path / "home.db")
    deriver = Deriver(rig.ledger, reader, rig.clock)
    rig.clock.s = NOON_S + 60
    rig.frame([noise(0, NOON_S, 600, 60)], "noise")
    while asyncio.run(deriver.step()):
        pass
    assert rig.rollups("laeq", 60) == {NOON_S: (60, 613)}
    reader.close()
    home.close()


HIDDEN = [
    *("+3.7", "3.7 db", "-1.1", "2026-12", "calibrat", "comparison", "school", "nuria"),
    *("humidity", "growth", "2018", "kappa", "pms5003", "correct", "raw", "made_with", NODE),
]


@pytest.mark.parametrize(
    ("values", "raw", "corrected"),
    [
        ({"laeq": 600}, "60.0", "63.7"),
        # By hand: at 90 % the mass is 1 + 0.38 / 1.65 * 9 = 3.0727 times the dry one.
        ({"pm10": 200, "humidity": 900}, "20.0", "6.5"),
    ],
)
def test_nothing_of_how_a_value_was_corrected_goes_out(city, values, raw, corrected):
    """Every byte that ever went out, registration included: the corrected value, and no more."""
    note = "calibrator of the school, by nuria"
    city.home.all_calibrations = [
        Calibration(NODE, OLD_S, NOON_S, 37, "calibrator", note),
        Calibration(NODE, OLD_S - 86_400, NOON_S, -11, "comparison", note),
    ]
    growth = ("humidity_growth_pm10", "2018", "pms5003")
    city.home.all_corrections = [ChosenCorrection(THING.id, "pm10", OLD_S, NOON_S, *growth)]
    quantity = next(iter(values))
    era = city.share(quantity)
    start_s = city.clock.now_s()
    city.clock.s = start_s + 60
    kit = "noise" if quantity == "laeq" else "air"
    city.rig.frame([record(0, start_s, 60, kit=kit, **values)], kit)
    city.rig.step()
    city.forward(60)
    assert city.stored(era) == [(start_s + 60, corrected)]
    out = city.raw().lower()
    assert corrected.encode() in out
    assert [text for text in (raw, *HIDDEN) if text.encode() in out] == []
