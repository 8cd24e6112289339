# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The kit whose parts are found at start: its instruments, its schema. Parts are chip models."""

import asyncio
import itertools
import sys

import pytest
from driver_bench import Bench, I2cBus, SteadyWorld, Uart
from hypothesis import given
from hypothesis import strategies as st

from barri_node import found, kits
from barri_node.drivers import detection
from barri_tools.sim.chips import (
    ads1115,
    bme280,
    ina219,
    max17048,
    pms5003,
    scd30,
    scd41,
    sds011,
    sgp41,
    sht4x,
    sps30,
)
from barri_tools.sim.journal import Journal
from barri_wire.quantities import BY_NAME, every_quantity
from barri_wire.schema import EXTRAS, KITS, Schema, encode_schema, known_schema
from barri_wire.schema_decoder import decode_schema

WORLD = SteadyWorld(
    temperature=21.5,
    humidity=45.0,
    pressure=930.0,
    co2=612.0,
    battery=61.0,
    pm1=6.0,
    pm2_5=9.0,
    pm4=11.0,
    pm10=14.0,
    voc_index=100.0,
    nox_index=1.0,
)


class Settings:
    """Those that this kit reads."""

    def __init__(self, parts=None, unwanted=()):
        self.parts = parts or {}
        self.unwanted = list(unwanted)


class Board:
    """As much of a board as is looked at. now_ms: of the clock that runs on over resets."""

    def __init__(self, folder, *chips, lines=None):
        self.bench = Bench()
        self.bus = I2cBus(self.bench, *chips)
        self.now_ms = 5_000_000
        self.opened = []
        self._folder = str(folder)
        self._lines = lines or {}
        self.sleep_ms = self.bench.sleep_ms

    def i2c(self, bus):
        assert bus == 0
        return self.bus

    def uart(self, bus, baudrate, **options):
        self.opened.append((bus, baudrate))
        return Uart(self.bench, self._lines[bus])

    def flash_root(self):
        return self._folder

    def rtc_ms(self):
        return self.now_ms


def chip(part, **options):
    return part(WORLD, Journal(), **options)


def looked(board, settings=None):
    """Give the schema's quantities (None without one), the drivers, and what was said."""
    lines = []
    look = found.look(settings or Settings(), board, board.bench.uptime_ms, lines.append)
    schema, fitted = asyncio.run(look)
    names = None if schema is None else [quantity.name for quantity in schema.quantities]
    return names, fitted, lines


def measured(driver, times=1, board=None, apart_s=10):
    """The newest readings after so many measurements, so many seconds from one to the next."""

    async def life():
        await driver.start()
        for _ in range(times):
            if board is not None:
                board.bench.now_us += apart_s * 1_000_000
            readings = await driver.measure()
        return readings

    return asyncio.run(life())


def test_what_is_there_is_the_schema_in_the_order_of_the_quantities(tmp_path):
    board = Board(tmp_path, chip(sps30.Sps30), chip(max17048.Max17048), chip(sht4x.Sht4x))
    names, fitted, _ = looked(board)
    assert names == ["temperature", "humidity", "battery", "pm1", "pm2_5", "pm10", "pm4"]
    assert sorted(name for _, _, channels in fitted for name in channels) == sorted(names)
    assert [type(driver).__name__ for driver, _, _ in fitted] == ["Sht4x", "Sps30", "Max17048"]


def test_another_address_or_another_part_for_the_same_is_no_other_schema(tmp_path):
    one = looked(Board(tmp_path, chip(sht4x.Sht4x), chip(scd30.Scd30)))[0]
    other = looked(Board(tmp_path, chip(scd41.Scd41), chip(sht4x.Sht4x, address=0x45)))[0]
    assert one == other == ["temperature", "humidity", "co2"]


def test_with_other_parts_it_is_another_schema(tmp_path):
    less = looked(Board(tmp_path, chip(sht4x.Sht4x)))[0]
    more = looked(Board(tmp_path, chip(sht4x.Sht4x), chip(scd41.Scd41)))[0]
    assert found.schema_of(less).id != found.schema_of(more).id


def test_a_bus_without_a_part_says_what_to_check_and_is_a_fault_each_time(tmp_path):
    names, fitted, lines = looked(Board(tmp_path))
    assert names is None
    assert lines == ["no part is found: check 3V3, GND, SDA and SCL of the sensors, then restart"]
    ((driver, _, _),) = fitted
    assert measured(driver, times=3) == {}
    assert driver.faults == 3


# Parts on a line.


def test_a_part_on_a_line_is_there_when_the_settings_name_it(tmp_path):
    board = Board(tmp_path, chip(sht4x.Sht4x), lines={2: chip(sds011.Sds011)})
    assert looked(board)[0] == ["temperature", "humidity"]
    assert board.opened == []
    settings = Settings({"sds011": {"uart": 2}})
    names, fitted, lines = looked(board, settings)
    assert names == ["temperature", "humidity", "pm2_5", "pm10"]
    assert board.opened == [(2, 9600)]
    assert lines[0] == "uart 2: sds011, as the settings say"
    assert measured(fitted[0][0], 5, board) == {"pm2_5": 90, "pm10": 140}


def test_what_a_part_on_a_line_gives_is_not_given_twice(tmp_path):
    board = Board(tmp_path, chip(sps30.Sps30), lines={1: chip(pms5003.Pms5003)})
    names, fitted, _ = looked(board, Settings({"pms5003": {"uart": 1}}))
    assert names == ["pm1", "pm2_5", "pm10", "pm4"]
    assert [channels for _, _, channels in fitted] == [("pm1", "pm2_5", "pm10"), ("pm4",)]


def test_a_duty_cycle_reaches_the_fan(tmp_path):
    particles = chip(sds011.Sds011)
    board = Board(tmp_path, lines={1: particles})
    _, fitted, _ = looked(board, Settings({"sds011": {"uart": 1, "cycle_s": 600}}))
    assert measured(fitted[0][0], 5, board)["pm10"] == 140
    assert measured(fitted[0][0], 20, board)["pm10"] is None


def test_what_nobody_can_see_is_used_as_the_settings_say(tmp_path):
    chips = [chip(ads1115.Ads1115), chip(ina219.Ina219)]
    assert looked(Board(tmp_path, *chips))[0] is None
    parts = {"alphasense": {"inputs": [2, 3, 0, 1]}, "ina219": {"shunt_uohm": 50000}}
    names, fitted, _ = looked(Board(tmp_path, *chips), Settings(parts))
    assert names[-2:] == ["supply_voltage", "supply_current"]
    assert "no2_working" in names
    assert fitted[0][0]._inputs == b"\x02\x03\x00\x01"


# What one part has to know of another.


def test_a_co2_sensor_hears_of_the_pressure_that_another_measures(tmp_path):
    co2 = chip(scd41.Scd41)
    board = Board(tmp_path, co2, chip(bme280.Bme280))
    _, fitted, _ = looked(board)
    barometer, asking = (driver for driver, _, _ in fitted)
    measured(barometer)
    assert measured(asking, 2, board)["co2"] == 612
    assert co2.told_hpa == 930


def test_without_a_barometer_it_goes_by_the_usual_pressure(tmp_path):
    co2 = chip(scd41.Scd41)
    board = Board(tmp_path, co2)
    _, ((asking, _, _),), _ = looked(board)
    assert measured(asking, 2, board)["co2"] == round(612 * 930 / 1013)


def test_a_gas_sensor_hears_of_the_climate_unless_nobody_wants_it_measured(tmp_path):
    for unwanted, told in (((), (0x7333, 0x6147)), (("humidity",), (0x8000, 0x6666))):
        gas = chip(sgp41.Sgp41)
        board = Board(tmp_path, gas, chip(sht4x.Sht4x))
        _, fitted, _ = looked(board, Settings(unwanted=unwanted))
        measured(fitted[0][0])
        measured(fitted[1][0])
        assert gas.told == pytest.approx(told, abs=1)


def test_a_thermometer_that_is_lost_is_not_believed_any_longer(tmp_path):
    gas, climate = chip(sgp41.Sgp41), chip(sht4x.Sht4x)
    board = Board(tmp_path, gas, climate)
    _, fitted, _ = looked(board)
    thermometer, asking = (driver for driver, _, _ in fitted)
    measured(thermometer)
    measured(asking)
    climate.gone = True
    asyncio.run(thermometer.measure())
    asyncio.run(asking.measure())
    assert gas.told == (0x8000, 0x6666)
    assert thermometer.faults == 1
    assert "no answer" in thermometer.last_fault


@pytest.mark.parametrize(("restart_ms", "goes_on"), [(60_000, True), (3_600_000, False)])
def test_what_a_gas_sensor_has_learnt_outlives_a_short_restart(tmp_path, restart_ms, goes_on):
    street = SteadyWorld(voc_index=100.0, nox_index=1.0)
    gas = sgp41.Sgp41(street, Journal())
    board = Board(tmp_path, gas)
    _, ((before, _, _),), _ = looked(board)
    measured(before, 3 * 3600 + 600, board, 1)
    board.now_ms += restart_ms
    _, ((after, _, _),), _ = looked(board)
    street.values["voc_index"] = 300.0
    newest = measured(after, 200, board, 1)["voc_index"]
    assert (abs(newest - 300) < 40) == goes_on


# The schema.


@given(st.sets(st.sampled_from([q.name for q in every_quantity()]), min_size=1, max_size=32))
def test_the_schema_of_quantities_does_not_hang_on_their_order(names):
    schema = found.schema_of(sorted(names))
    assert schema == found.schema_of(sorted(names, reverse=True))
    assert {quantity.name for quantity in schema.quantities} == names
    assert decode_schema(encode_schema(schema)) == schema
    assert known_schema(schema.id) in (None, schema)


def test_no_parts_make_a_schema_that_passes_for_a_built_in_one(tmp_path):
    """All that any parts can give together: an id of 16 bits meets a built-in one now and then."""
    given_by = {
        name: detection.driver_of(name).CHANNELS
        for name in [*dict.fromkeys(detection._NAMES), "sds011"]
    }
    seen, met = set(), 0
    for count in range(1, 6):
        for names in itertools.combinations(given_by, count):
            channels = frozenset(one for name in names for one in given_by[name])
            if channels not in seen:
                seen.add(channels)
                schema = found.schema_of(channels)
                assert known_schema(schema.id) in (None, schema)
                plain = Schema(tuple(sorted((BY_NAME[name].id, 0) for name in channels)))
                met += schema != plain
    assert len(seen) > 500
    assert met <= 5  # it is seldom that the order has to be turned


def test_an_order_is_turned_where_the_id_is_taken(monkeypatch):
    plain = found.schema_of(["temperature", "co2"])
    taken = {plain.id: KITS["air"], **{EXTRAS["health"].id: EXTRAS["health"]}}
    monkeypatch.setattr(found, "known_schema", taken.get)
    turned = found.schema_of(["temperature", "co2"])
    assert turned.id != plain.id
    assert turned.channels == plain.channels[::-1]


def test_nothing_of_the_search_stays_in_memory(tmp_path):
    looked(Board(tmp_path, chip(sht4x.Sht4x)))
    assert "barri_node.drivers.detection" not in sys.modules


# What its owner does not want.


def instruments(board, settings):
    _, fitted, _ = looked(board, settings)
    made, besides = kits.build(settings, board, None, None, None, None, fitted)
    assert besides == []
    return made


def test_a_part_of_which_nothing_is_wanted_is_never_started(tmp_path):
    dust = chip(sps30.Sps30)
    board = Board(tmp_path, dust, chip(sht4x.Sht4x), chip(bme280.Bme280))
    settings = Settings(unwanted=["pm1", "pm2_5", "pm4", "pm10", "pressure"])
    assert [type(one).__name__ for one in instruments(board, settings)] == [
        "Sampled",
        "Off",
        "Off",
    ]


def test_what_is_unwanted_of_a_part_is_cut_out_of_its_readings(tmp_path):
    board = Board(tmp_path, chip(sht4x.Sht4x))
    (one,) = instruments(board, Settings(unwanted=["humidity"]))
    assert measured(one._driver) == {"temperature": 2150}
    assert looked(board, Settings(unwanted=["humidity"]))[0] == ["temperature", "humidity"]


def test_with_nothing_found_it_is_a_fault_whatever_is_unwanted(tmp_path):
    (one,) = instruments(Board(tmp_path), Settings(unwanted=["humidity"]))
    assert measured(one._driver) == {}
    assert one.faults == 1
