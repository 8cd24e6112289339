# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The meter that the settings name, over reboots of the node, with its counters in files."""

import asyncio
import sys
import types

import pytest
from driver_bench import Bench, SteadyWorld, Uart
from test_decipher import KEY, EncryptingPort, encrypt

from barri_node.energy.fit import Fitting, recorded
from barri_node.energy.kept_file import KeptFile
from barri_node.energy.options import read
from barri_node.store.partition import RingPartition
from barri_node.store.ringlog import RingLog
from barri_tools.sim.chips import p1_meter, pulse_led, pzem004t, sdm120
from barri_tools.sim.journal import Journal
from barri_tools.sim.nor_flash import NorFlash
from barri_wire.schema import EXTRAS, KITS

HOUSE = {
    "energy_import": 4218334.0,
    "energy_export": 912077.0,
    "power_import": 1190.0,
    "power_export": 0.0,
    "voltage": 230.1,
    "current": 5.0,
}
PLAIN_P1, MODBUS = (2, 115200, {"rxbuf": 8192}), 1


class Hal:
    """Hands out one line and remembers how it was asked for."""

    def __init__(self, chip, bench=None):
        self.bench = bench or Bench()
        self.sleep_ms = self.bench.sleep_ms
        self.chip = chip
        self.asked = None

    def uart(self, bus, baudrate, **options):
        self.asked = (bus, baudrate, options)
        return Uart(self.bench, self.chip)

    def pulses(self, bus):
        self.asked = bus
        self.chip.restart(self.bench.now_us)
        return Light(self.chip, self.bench)


class Light:
    def __init__(self, light, bench):
        self._light = light
        self._bench = bench

    def count(self):
        return self._light.count(self._bench.now_us)


def fitted(given, chip, folder, recorded=None, bench=None):
    hal = Hal(chip, bench)
    fitting = Fitting(read(given), hal, hal.bench.uptime_ms, str(folder), recorded or {})
    return fitting.driver(), hal


def first_reading(driver):
    async def measure():
        await driver.start()
        return await driver.measure()

    return asyncio.run(measure())


def port(**values):
    return lambda world: p1_meter.P1Port(world, Journal(), **values)


@pytest.mark.parametrize(
    ("given", "chip", "line"),
    [
        ({}, port(), PLAIN_P1),
        ({"kind": "p1"}, port(dialect="belgium"), PLAIN_P1),
        ({"kind": "p1_old"}, port(dialect="dsmr2.2"), (2, 9600, {"rxbuf": 8192})),
        ({"kind": "pzem004t"}, lambda world: pzem004t.Pzem004t(world, Journal()), (1, 9600, {})),
        ({"kind": "sdm120"}, lambda world: sdm120.Sdm120(world, Journal()), (1, 2400, {})),
        (
            {"kind": "sdm120", "unit": 9},
            lambda world: sdm120.Sdm120(world, Journal(), unit=9),
            (1, 2400, {}),
        ),
        (
            {"kind": "sdm120", "baud": 9600},
            lambda world: sdm120.Sdm120(world, Journal()),
            (1, 9600, {}),
        ),
    ],
)
def test_each_kind_reads_its_meter(given, chip, line, tmp_path):
    driver, hal = fitted(given, chip(SteadyWorld(**HOUSE)), tmp_path)
    reading = first_reading(driver)
    assert (reading["energy_import"], reading["power_import"]) == (4218334, 1190)
    assert hal.asked == line


def test_an_encrypted_meter_is_read_with_its_key(tmp_path, monkeypatch):
    aes = types.SimpleNamespace(aes=lambda key, mode: types.SimpleNamespace(encrypt=encrypt))
    monkeypatch.setitem(sys.modules, "cryptolib", aes)
    chip = EncryptingPort(SteadyWorld(**HOUSE), Journal(), dialect="luxembourg")
    driver, _ = fitted({"key": KEY.hex()}, chip, tmp_path)
    assert first_reading(driver)["energy_import"] == 4218334


def test_a_meter_exchanged_while_the_node_was_off_counts_on(tmp_path):
    world = SteadyWorld(**HOUSE)
    chip = p1_meter.P1Port(world, Journal())
    recorded = first_reading(fitted({}, chip, tmp_path)[0])
    world.values["energy_import"] = 12.0
    driver, _ = fitted({}, p1_meter.P1Port(world, Journal()), tmp_path, recorded)
    readings = [first_reading(driver)["energy_import"] for _ in range(3)]
    assert readings == [None, None, 4218334]
    world.values["energy_import"] = 30.0
    again, _ = fitted({}, p1_meter.P1Port(world, Journal()), tmp_path, {"energy_import": 4218334})
    assert first_reading(again)["energy_import"] == 4218352


def test_pulses_count_on_over_a_reboot(tmp_path):
    world = SteadyWorld(energy_import=0.0)
    given = {"kind": "pulse_led", "impulses_per_kwh": 500}
    light = pulse_led.PulseLed(world, Journal(), 500)
    driver, hal = fitted(given, light, tmp_path, {"energy_import": 0})
    first_reading(driver)
    hal.bench.now_us += 3_600_000_000
    world.values["energy_import"] = 800.0
    reading = asyncio.run(driver.measure())
    assert reading["energy_import"] == 800
    light.restart(hal.bench.now_us)
    driver, _ = fitted(given, light, tmp_path, reading)
    assert first_reading(driver)["energy_import"] == 800


def test_a_kept_file_is_whole_or_not_there(tmp_path):
    kept = KeptFile(str(tmp_path / "counter"))
    assert kept.load() is None
    kept.save(b"old")
    (tmp_path / "counter.new").write_bytes(b"to")  # the power went while the next was written
    assert kept.load() == b"old"
    kept.save(b"new")
    assert kept.load() == b"new"


def test_a_kept_file_that_cannot_be_written_keeps_the_old(tmp_path):
    kept = KeptFile(str(tmp_path / "counter"))
    kept.save(b"old")
    (tmp_path / "counter.new").mkdir()
    with pytest.raises(OSError):
        kept.save(b"new")
    assert kept.load() == b"old"


# What the log knows of a counter.


def energy_log():
    log = RingLog(
        RingPartition(NorFlash(8)), 8 * 4096, KITS["energy"], lambda count: b"\x01" * count
    )
    log.next_boot()
    return log


def test_a_new_log_has_told_nothing():
    assert recorded(energy_log()) == {"energy_import": 0, "energy_export": 0}


def test_the_newest_energy_is_found_behind_records_of_health():
    log = energy_log()
    for minute in range(20):
        log.append(60 * minute, 60, (5000 + minute, 700, 55, 0, 2301), None)
    log.append(1140, 60, (0,) * 9, None, EXTRAS["health"])
    log.append(1200, 60, (None, 701, None, None, None), None)
    log.flush()
    assert recorded(log) == {"energy_import": 5019, "energy_export": 701}


def test_energy_of_long_ago_is_unknown():
    log = energy_log()
    log.append(0, 60, (5000, 700, 55, 0, 2301), None)
    for minute in range(1, 60):
        log.append(60 * minute, 60, (None,) * 5, None)
    log.flush()
    assert recorded(log) == {}


def test_a_young_log_without_energy_has_told_none():
    """A board that restarts before its first reading: its counter is not to wait for 100 Wh."""
    log = energy_log()
    log.append(0, 60, (None,) * 5, None)
    log.append(60, 60, (0,) * 9, None, EXTRAS["health"])
    log.append(120, 60, (None, 701, None, None, None), None)
    log.flush()
    assert recorded(log) == {"energy_import": 0, "energy_export": 701}
