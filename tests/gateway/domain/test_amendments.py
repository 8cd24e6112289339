# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Which corrections can be chosen, and what they and calibrations make of a record."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import barri
from barri.domain.calibration import LEVELS, Calibration, parse_day
from barri.domain.corrections import CORRECTIONS, CorrectionError
from barri.domain.corrections.amendments import Amended, Amendments
from barri.domain.corrections.chosen import ChosenCorrection
from barri.domain.household import HouseholdError, Thing
from barri.domain.observation import Datastream
from barri_wire.quantities import every_quantity

GATEWAY = Path(barri.__file__).parent
FIRST = parse_day("2026-11-22")
NOW = FIRST + 86_400
NODE = "a1b2c3"
BALCONY = Thing("balcony", "Balcó", "air")
KITCHEN = Thing("kitchen", "Cuina", "air", indoor=True)


def chosen(name="epa_pm2_5", version="2021-airnow", quantity="pm2_5", sensor="pms5003", **more):
    return ChosenCorrection(
        "balcony", quantity, more.pop("from_s", FIRST), NOW, name, version, sensor, **more
    )


def calibrated(offset_ddb, from_s=FIRST, node=NODE, **more):
    method = "" if offset_ddb is None else "comparison"
    return Calibration(node, from_s, NOW, offset_ddb, method, **more)


def amend(amendments, quantity, readings, start_s=FIRST, node=NODE, number=0):
    by_place = {k if isinstance(k, tuple) else (k, 0): v for k, v in readings.items()}
    return amendments.amend(node, Datastream("balcony", quantity, number), start_s, by_place)


def test_what_can_be_chosen_is_what_a_record_has_all_inputs_of():
    able = set()
    for name, version in CORRECTIONS:
        made = CORRECTIONS[name, version]
        try:
            chosen(name, version, made.quantity)
        except (CorrectionError, HouseholdError):
            continue
        able.add((name, version))
    sizes = ("pm1", "pm2_5", "pm4", "pm10")
    growth = {(f"humidity_growth_{size}", "2018") for size in sizes}
    assert able == {("epa_pm2_5", "2021-airnow")} | growth


@pytest.mark.parametrize(
    ("wrong", "advice"),
    [
        ({"quantity": "pm10"}, "corrects pm2_5, not pm10"),
        ({"version": "2021"}, "pm2_5_cf1 in ug/m3, which no node sends"),
        ({"version": "2022"}, "pm2_5_cf1"),
        ({"version": "1999"}, "there is: 2021, 2021-airnow, 2022"),
        ({"name": "magic"}, "no correction of that name"),
        ({"sensor": "sps30"}, "valid for pms5003, not for sps30"),
        ({"sensor": ""}, "say which sensor it is"),
    ],
)
def test_a_correction_that_is_not_valid_is_refused_with_what_to_do(wrong, advice):
    with pytest.raises(CorrectionError, match=advice):
        chosen(**wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"quantity": "no2", "name": "alphasense_no2_b43f_1", "version": "803-04"},
        {"sensor": "<b>"},
        {"number": 16},
        {"from_s": NOW + 2 * 86_400},
    ],
)
def test_what_no_household_can_mean_is_refused(wrong):
    with pytest.raises(HouseholdError):
        chosen(**wrong)


def test_corrections_of_dust_are_for_outdoors():
    chosen().demand_valid_for(BALCONY)
    with pytest.raises(CorrectionError, match="valid outdoors, and kitchen is indoors"):
        chosen().demand_valid_for(KITCHEN)
    with pytest.raises(CorrectionError, match="valid outdoors, and kitchen is indoors"):
        chosen("humidity_growth_pm2_5", "2018").demand_valid_for(KITCHEN)
    ChosenCorrection("kitchen", "pm2_5", FIRST, NOW).demand_valid_for(KITCHEN)


def test_without_a_word_of_anybody_values_are_raw():
    readings = {q.name: 100 for q in every_quantity()}
    for name in readings:
        assert amend(Amendments(), name, readings) == Amended(100, "")


@given(st.sampled_from(sorted(LEVELS)), st.integers(0, 1400), st.integers(-200, 200))
def test_a_level_gets_its_boards_offset_or_is_none_where_no_level_can_be(name, level, offset):
    expected = level + offset if 0 <= level + offset <= 1400 else None
    found = amend(Amendments([calibrated(offset)]), name, {name: level})
    assert found.value == expected
    assert found.made_with == calibrated(offset).name


@pytest.mark.parametrize(
    "name", ["temperature", "measured_share", "sound_range", "laf_class", "pm10"]
)
def test_what_is_no_level_gets_no_offset(name):
    assert amend(Amendments([calibrated(13)]), name, {name: 55}) == Amended(55, "")


def test_an_offset_is_of_one_board_one_microphone_and_from_its_day_on():
    amendments = Amendments([calibrated(13), calibrated(-20, number=1)])
    levels = {("laeq", 0): 600, ("laeq", 1): 600}
    assert amend(amendments, "laeq", levels).value == 613
    assert amend(amendments, "laeq", levels, number=1).value == 580
    assert amend(amendments, "laeq", levels, node="z9y8x7") == Amended(600, "")
    assert amend(amendments, "laeq", levels, start_s=FIRST - 1) == Amended(600, "")


def test_an_ended_calibration_leaves_levels_as_they_come():
    amendments = Amendments([calibrated(13), calibrated(None, FIRST + 3600)])
    assert amend(amendments, "laeq", {"laeq": 600}, FIRST + 3599).value == 613
    assert amend(amendments, "laeq", {"laeq": 600}, FIRST + 3600) == Amended(600, "")


@pytest.mark.parametrize(
    ("raw", "humidity", "corrected"),
    [
        # First line of EPA's slides of 2021, by hand: 0.524 * 12.0 - 0.0862 * 65.0 + 5.75 = 6.435
        (120, 650, 64),
        # Its third line: 0.786 * 100.0 - 0.0862 * 40.0 + 5.75 = 80.902
        (1000, 400, 809),
        # Its last: 2.966 + 0.69 * 300.0 + 8.84e-4 * 300.0^2 = 289.526; humidity says nothing here
        (3000, 900, 2895),
    ],
)
def test_fine_dust_with_epas_correction_is_what_its_slides_print(raw, humidity, corrected):
    found = amend(Amendments([], [chosen()]), "pm2_5", {"pm2_5": raw, "humidity": humidity})
    assert found == Amended(corrected, "epa_pm2_5 2021-airnow")


def test_dust_in_damp_air_gets_lighter_by_hand():
    """At 90 %: 1 + 0.38 / 1.65 * 9 = 3.0727 times lighter; 20.0 ug/m3 are 6.509."""
    growth = chosen("humidity_growth_pm10", "2018", "pm10", "")
    found = amend(Amendments([], [growth]), "pm10", {"pm10": 200, "humidity": 900})
    assert found == Amended(65, "humidity_growth_pm10 2018")


@pytest.mark.parametrize("readings", [{"humidity": None}, {}])
def test_a_corrected_series_has_no_raw_value_where_the_correction_has_no_answer(readings):
    amendments = Amendments([], [chosen()])
    found = amend(amendments, "pm2_5", {"pm2_5": 120, **readings})
    assert found.value is None
    assert amend(amendments, "humidity", {"humidity": 300, "pm2_5": 120}) == Amended(300, "")


def test_no_reading_stays_no_reading():
    both = Amendments([calibrated(13)], [chosen()])
    for name in ("pm2_5", "laeq", "temperature"):
        assert amend(both, name, {name: None, "humidity": 500}) == Amended(None, "")


def test_a_correction_is_of_one_datastream_until_another_is_chosen():
    raw_again = ChosenCorrection("balcony", "pm2_5", FIRST + 60, NOW)
    amendments = Amendments([], [chosen(), raw_again])
    readings = {("pm2_5", 0): 120, ("pm2_5", 1): 120, ("humidity", 0): 650}
    assert amend(amendments, "pm2_5", readings).value == 64
    assert amend(amendments, "pm2_5", readings, number=1) == Amended(120, "")
    assert amend(amendments, "pm2_5", readings, start_s=FIRST - 1) == Amended(120, "")
    assert amend(amendments, "pm2_5", readings, start_s=FIRST + 60) == Amended(120, "")


def test_a_second_sensor_takes_its_own_humidity_if_it_has_one():
    amendments = Amendments([], [chosen(number=1)])
    of_both = {("pm2_5", 1): 120, ("humidity", 0): 300, ("humidity", 1): 650}
    assert amend(amendments, "pm2_5", of_both, number=1).value == 64
    of_one = {("pm2_5", 1): 120, ("humidity", 0): 650}
    assert amend(amendments, "pm2_5", of_one, number=1).value == 64


def test_what_decides_and_forwards_cannot_even_name_a_calibration():
    """The gate, the streams and the sinks know of values alone; see also the bytes that go out."""
    rooms = ["domain/sharing.py", "domain/household.py", "adapters/sinks", "rows.py"]
    rooms += [
        f"services/{name}.py" for name in ("forward", "dispatch", "registering", "household")
    ]
    rooms += ["adapters/stores/delivery.py", "services/shared_windows.py", "services/streams.py"]
    found = [path for room in rooms for path in [GATEWAY / room, *(GATEWAY / room).rglob("*.py")]]
    files = [path for path in found if path.is_file()]
    assert len(files) >= len(rooms)
    words = ("calibration", "corrections", "made_with", "amend", "CalibratedHome")
    assert [(f.name, word) for f in files for word in words if word in f.read_text()] == []
