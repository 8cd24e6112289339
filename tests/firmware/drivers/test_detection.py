# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What is found on a bus, and who gives which quantity. The parts are the chip models."""

import asyncio
import errno
import itertools
import sys

import pytest
from driver_bench import Bench, I2cBus, SteadyWorld

from barri_node.drivers import detection
from barri_tools.sim.chips import (
    ads1115,
    bh1750,
    bme280,
    bme680,
    ina219,
    ina226,
    max17048,
    scd30,
    scd41,
    sen5x,
    sgp41,
    sht4x,
    sps30,
)
from barri_tools.sim.journal import Journal

KNOWN = {0x23, 0x5C, 0x36, 0x44, 0x45, 0x46, 0x48, 0x49, 0x4A, 0x4B, 0x59, 0x61, 0x62, 0x69, 0x76}
KNOWN |= {0x77, 0x40, 0x41}
WORLD = {
    "temperature": 21.5,
    "humidity": 45.0,
    "pressure": 1002.3,
    "gas_resistance": 123456.0,
    "light": 321.0,
    "battery": 61.0,
    "co2": 612.0,
    "pm1": 6.0,
    "pm2_5": 9.0,
    "pm4": 11.0,
    "pm10": 14.0,
}
SETTINGS = {"alphasense": {}, "ina219": {"shunt_uohm": 100000}, "ina226": {"shunt_uohm": 10000}}
PARTICLES = ("pm1", "pm2_5", "pm4", "pm10")


class CarefulBus(I2cBus):
    """Remembers what was written where."""

    def __init__(self, bench, *chips):
        super().__init__(bench, *chips)
        self.written = []

    def writeto(self, address, data):
        self.written.append((address, bytes(data)))
        super().writeto(address, data)


class Stranger:
    """Acknowledges everything and says 0xA5: a display, a clock, a power chip."""

    def __init__(self, address):
        self.address = address

    def write(self, data, now_us):
        pass

    def read(self, n, now_us):
        return b"\xa5" * n


def chip(part, **options):
    return part(SteadyWorld(**WORLD), Journal(), **options)


def searched(*chips, extras=None):
    """Give what was found (driver, period), what was said, and the bus."""
    bench = Bench()
    bus = CarefulBus(bench, *chips)
    lines = []
    found = asyncio.run(detection.find(bus, bench.sleep_ms, bench.uptime_ms, lines.append, extras))
    return [(factory(), period_ms) for factory, period_ms, *_ in found], lines, bus, bench


def names(found):
    return [type(driver).__name__ for driver, _ in found]


def quantities(driver):
    """What a driver gives once it is started."""

    async def life():
        await driver.start()
        return await driver.measure()

    return tuple(asyncio.run(life()))


def test_an_empty_bus_has_nothing_on_it_and_is_told_nothing():
    found, lines, bus, _ = searched()
    assert (found, lines) == ([], [])
    assert {address for address, _ in bus.written} <= KNOWN


PARTS = [
    (chip(sht4x.Sht4x), "Sht4x", 10_000),
    (chip(sht4x.Sht4x, address=0x45), "Sht4x", 10_000),
    (chip(bme280.Bme280), "Bme280", 10_000),
    (chip(bme280.Bme280, address=0x77), "Bme280", 10_000),
    (chip(bme680.Bme680), "Bme680", 10_000),
    (chip(bme680.Bme680, address=0x76), "Bme680", 10_000),
    (chip(scd41.Scd41), "Scd41", 10_000),
    (chip(scd30.Scd30), "Scd30", 10_000),
    (chip(sgp41.Sgp41), "Sgp41", 1_000),
    (chip(sen5x.Sen5x), "Sen5x", 1_000),
    (chip(sps30.Sps30), "Sps30", 1_000),
    (chip(ads1115.Ads1115), "Alphasense", 10_000),
    (chip(ads1115.Ads1115, address=0x4A), "Alphasense", 10_000),
    (chip(bh1750.Bh1750), "Bh1750", 10_000),
    (chip(bh1750.Bh1750, address=0x5C), "Bh1750", 10_000),
    (chip(max17048.Max17048), "Max17048", 10_000),
    (chip(ina226.Ina226), "Ina226", 10_000),
    (chip(ina219.Ina219), "Ina219", 10_000),
]


@pytest.mark.parametrize(
    ("part", "name", "period_ms"), PARTS, ids=[f"{name}-{c.address:02x}" for c, name, _ in PARTS]
)
def test_each_part_is_found_where_it_is(part, name, period_ms):
    found, lines, _, _ = searched(part, extras=SETTINGS)
    assert [(type(driver).__name__, period) for driver, period in found] == [(name, period_ms)]
    assert lines == [f"i2c 0x{part.address:02x}: {name.lower()}"]
    assert tuple(found[0][0].CHANNELS)


def test_what_is_found_measures_at_its_address():
    found, _, _, _ = searched(chip(bme680.Bme680, address=0x76), chip(bh1750.Bh1750, address=0x5C))
    asyncio.run(found[0][0].start())
    assert asyncio.run(found[0][0].measure())["temperature"] == 2150
    asyncio.run(found[1][0].start())
    assert asyncio.run(found[1][0].measure())["light"] == pytest.approx(321, abs=1)


@pytest.mark.parametrize("address", sorted(set(range(0x08, 0x78)) - KNOWN))
def test_a_stranger_is_named_and_never_written_to(address):
    found, lines, bus, _ = searched(Stranger(address))
    assert found == []
    assert lines == [f"i2c 0x{address:02x}: not a part that is known here; left alone"]
    assert all(written != address for written, _ in bus.written)


@pytest.mark.parametrize("address", sorted(KNOWN - {0x23, 0x5C}))
def test_a_stranger_at_a_known_parts_address_is_only_asked_who_it_is(address):
    found, lines, bus, _ = searched(Stranger(address))
    assert found == []
    assert lines == [f"i2c 0x{address:02x}: not a part that is known here; left alone"]
    asked = [data for written, data in bus.written if written == address]
    assert 1 <= len(asked) <= 2
    assert all(len(data) <= 2 for data in asked)


def test_a_bmp280_is_not_taken_for_its_brother():
    part = chip(bme280.Bme280)
    part._registers[0xD0] = 0x58
    found, lines, _, _ = searched(part)
    assert found == []
    assert "0x76: not a part" in lines[0]


def test_what_cannot_be_seen_from_here_is_not_guessed():
    """Cells on a converter, the shunt of a power meter: only settings can say what they are."""
    found, lines, _, _ = searched(chip(ads1115.Ads1115), chip(ina226.Ina226))
    assert found == []
    assert lines[1] == "alphasense: the settings do not say what is connected to it; not used"
    assert lines[3] == "ina226: the settings do not say what is connected to it; not used"


def test_the_order_of_a_boards_inputs_reaches_the_driver():
    found, _, _, _ = searched(
        chip(ads1115.Ads1115), extras={"alphasense": {"inputs": b"\x02\x03\x00\x01"}}
    )
    assert found[0][0]._inputs == b"\x02\x03\x00\x01"


def test_the_outer_thermometer_wins_and_the_other_part_gives_the_rest():
    found, lines, _, _ = searched(chip(bme280.Bme280), chip(sht4x.Sht4x), chip(scd41.Scd41))
    assert names(found) == ["Sht4x", "Bme280", "Scd41"]
    assert [quantities(driver) for driver, _ in found] == [
        ("temperature", "humidity"),
        ("pressure",),
        ("co2",),
    ]
    assert "bme280: used for pressure" in lines
    assert "scd41: used for co2" in lines


def test_of_two_that_give_the_same_the_second_is_not_used():
    found, lines, _, _ = searched(chip(bme280.Bme280), chip(bme280.Bme280, address=0x77))
    assert names(found) == ["Bme280"]
    assert found[0][0]._address == 0x76
    assert lines[-1] == "bme280: used for nothing, others have it"


def test_a_bme680_beside_a_bme280_is_only_smelled_with():
    found, _, _, _ = searched(chip(bme280.Bme280), chip(bme680.Bme680))
    assert [quantities(driver) for driver, _ in found] == [
        ("temperature", "humidity", "pressure"),
        ("gas_resistance",),
    ]


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("SEN55", (*PARTICLES, "temperature", "humidity", "voc_index", "nox_index")),
        ("SEN50", PARTICLES),
    ],
)
def test_a_sen50_does_not_take_the_climate_that_it_does_not_have(model, expected):
    found, _, _, _ = searched(chip(sen5x.Sen5x, model=model), chip(scd41.Scd41))
    assert quantities(found[0][0]) == expected
    others = () if "temperature" in expected else ("temperature", "humidity")
    assert sorted(quantities(found[1][0])) == sorted(("co2", *others))


ALL = [
    lambda: chip(sht4x.Sht4x),
    lambda: chip(bme280.Bme280),
    lambda: chip(bme680.Bme680),
    lambda: chip(scd41.Scd41),
    lambda: chip(scd30.Scd30),
    lambda: chip(sen5x.Sen5x),
    lambda: chip(max17048.Max17048),
]


@pytest.mark.parametrize("pair", list(itertools.combinations(range(len(ALL)), 2)))
def test_no_quantity_is_ever_given_twice_and_none_is_lost(pair):
    chips = [ALL[at]() for at in pair]
    found, _, _, _ = searched(*chips)
    given = [quantity for driver, _ in found for quantity in quantities(driver)]
    assert len(given) == len(set(given))
    alone = [searched(ALL[at]())[0][0][0].CHANNELS for at in pair]
    assert set(given) == set().union(*alone)


def test_a_slow_part_is_waited_for_after_power_on():
    _, _, _, bench = searched()
    assert bench.now_us >= 2_000_000

    late = Bench()
    late.now_us = 60_000_000
    asyncio.run(detection.find(I2cBus(late), late.sleep_ms, late.uptime_ms, print))
    assert late.now_us == 60_000_000


def test_a_running_part_is_found_after_a_restart_of_the_node():
    """A node restarts without its sensors: they are in the middle of their measuring."""
    chips = [chip(scd41.Scd41), chip(scd30.Scd30), chip(sen5x.Sen5x), chip(ina219.Ina219)]
    found, _, bus, bench = searched(*chips, extras=SETTINGS)
    for driver, _ in found:
        asyncio.run(driver.start())
        asyncio.run(driver.measure())
    lines = []
    asyncio.run(detection.find(bus, bench.sleep_ms, bench.uptime_ms, lines.append))
    seen = [line for line in lines if line.startswith("i2c")]
    assert sorted(seen) == [
        "i2c 0x40: ina219",
        "i2c 0x61: scd30",
        "i2c 0x62: scd41",
        "i2c 0x69: sen5x",
    ]


def test_only_what_is_found_is_imported():
    forget = [name for name in sys.modules if name.startswith("barri_node.drivers.bm")]
    kept = {name: sys.modules.pop(name) for name in forget}
    try:
        searched(chip(bme680.Bme680))
        loaded = {name.rpartition(".")[2] for name in sys.modules if "barri_node.drivers" in name}
        assert "bme680" in loaded
        assert "bme280" not in loaded
    finally:
        sys.modules.update(kept)


def test_a_bus_that_fails_all_along_is_an_empty_one():
    class Broken(I2cBus):
        def _chip(self, address):
            raise OSError(errno.ETIMEDOUT)

    bench = Bench()
    found = asyncio.run(
        detection.find(Broken(bench), bench.sleep_ms, bench.uptime_ms, pytest.fail)
    )
    assert found == []
