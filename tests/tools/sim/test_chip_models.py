# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The chip models do what their datasheets say, whoever reads them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barri_tools.sim.chips.bme280 import Bme280
from barri_tools.sim.chips.max17048 import Max17048, cell_volts
from barri_tools.sim.chips.p1_meter import P1Port
from barri_tools.sim.chips.pms5003 import Pms5003
from barri_tools.sim.chips.uart_line import UartLine
from barri_tools.sim.journal import Entry, Journal

adafruit = pytest.importorskip("adafruit_bme280.basic")

FORCED_X1 = b"\xf4\x25"
DATA = b"\xf7"


class SteadyWorld:
    def __init__(self, **values):
        self.values = values

    def value(self, quantity, t_s):
        return self.values.get(quantity)


class Clockwork:
    """A World in which the temperature is the time in hundredths of a second."""

    def value(self, quantity, t_s):
        return {"temperature": t_s * 10, "humidity": 50.0, "pressure": 1000.0}.get(quantity)


class ForeignBus:
    """A busio.I2C around one chip; each transaction takes 3 ms."""

    def __init__(self, chip):
        self._chip = chip
        self.now_us = 0

    def try_lock(self):
        return True

    def unlock(self):
        pass

    def writeto(self, address, data, *, start=0, end=None):
        self.now_us += 3000
        self._chip.write(bytes(data)[start:end], self.now_us)

    def readfrom_into(self, address, buffer, *, start=0, end=None):
        self.now_us += 3000
        end = len(buffer) if end is None else end
        buffer[start:end] = self._chip.read(end - start, self.now_us)

    def writeto_then_readfrom(self, address, out, into, **bounds):
        self.writeto(address, out)
        self.readfrom_into(address, into)


def test_adafruits_driver_runs_on_the_model_and_reads_the_world(monkeypatch):
    """A foreign driver that was written for the real chip."""
    world = SteadyWorld(temperature=23.45, humidity=56.7, pressure=1008.9)
    bus = ForeignBus(Bme280(world, Journal(), address=0x77))
    monkeypatch.setattr(adafruit, "sleep", lambda seconds: None)
    driver = adafruit.Adafruit_BME280_I2C(bus)
    assert driver.temperature == pytest.approx(23.45, abs=0.005)
    assert driver.humidity == pytest.approx(56.7, abs=0.02)
    assert driver.pressure == pytest.approx(1008.9, abs=0.01)


def started(world):
    journal = Journal()
    chip = Bme280(world, journal)
    chip.write(b"\xf2\x01", 10_000)
    chip.write(FORCED_X1, 10_000)
    return chip, journal


def test_data_registers_hold_the_skipped_words_until_a_conversion_ends():
    chip, _ = started(SteadyWorld(temperature=20.0, humidity=50.0, pressure=1000.0))
    chip.write(DATA, 17_999)
    assert chip.read(8, 17_999) == bytes.fromhex("8000008000008000")
    chip.write(b"\xf3", 17_999)
    assert chip.read(1, 17_999) == b"\x08"
    chip.write(DATA, 18_000)
    assert chip.read(8, 18_000) != bytes.fromhex("8000008000008000")
    chip.write(b"\xf3", 18_000)
    assert chip.read(2, 18_000) == b"\x00\x24"  # at rest, and in sleep mode again


def test_a_burst_is_of_one_measurement_while_the_next_one_runs():
    chip, _ = started(Clockwork())
    chip.write(DATA, 20_000)
    first = chip.read(8, 20_000)
    chip.write(FORCED_X1, 2_000_000)
    chip.write(DATA, 2_004_000)
    assert chip.read(8, 2_004_000) == first
    chip.write(DATA, 2_009_000)
    assert chip.read(8, 2_009_000) != first


def test_humidity_oversampling_counts_only_after_the_next_ctrl_meas():
    """Section 5.4.3 of the datasheet."""
    chip, _ = started(SteadyWorld(temperature=20.0, humidity=50.0))
    chip.write(b"\xf2\x00", 20_000)
    chip.write(b"\xf5\x00", 20_000)
    assert chip._humidity_code == 1
    chip.write(FORCED_X1, 20_000)
    chip.write(b"\xfd", 40_000)
    assert chip.read(2, 40_000) == b"\x80\x00"


def test_the_journal_has_a_measurement_once_with_its_moment():
    chip, journal = started(SteadyWorld(temperature=20.0, humidity=50.0))
    assert journal.entries() == []
    for _ in range(2):
        chip.write(DATA, 30_000)
        chip.read(8, 30_000)
    assert journal.entries() == [
        Entry("bme280", "temperature", 10_000, 20.0),
        Entry("bme280", "humidity", 10_000, 50.0),
        Entry("bme280", "pressure", 10_000, None),
    ]


def test_reset_brings_back_the_state_of_power_on():
    chip, _ = started(SteadyWorld(temperature=20.0))
    chip.write(b"\xe0\xb6", 30_000)
    chip.write(b"\xf3", 30_500)
    assert chip.read(1, 30_500) == b"\x01"
    chip.write(b"\xf2", 33_000)
    assert chip.read(6, 33_000) == bytes.fromhex("000000000080")


def test_normal_mode_is_refused_and_not_pretended():
    with pytest.raises(NotImplementedError, match="normal mode"):
        Bme280(SteadyWorld(), Journal()).write(b"\xf4\x27", 10_000)


@given(gaps=st.lists(st.integers(1, 30_000), min_size=1, max_size=60))
def test_a_line_is_never_faster_than_its_baud_rate_and_loses_nothing(gaps):
    line = UartLine(9600)
    sent = bytes(range(48))
    line.send(sent[:20], 0)
    line.send(sent[20:], 5)
    now_us, got = 0, b""
    for gap in gaps:
        now_us += gap
        got += line.take(now_us)
        assert len(got) <= now_us * 960 // 1_000_000
    assert got + line.take(now_us + 60_000) == sent


def test_the_particle_sensor_sends_a_frame_each_second_at_9600_baud():
    chip = Pms5003(SteadyWorld(pm1=1.0, pm2_5=2.0, pm10=3.0), Journal())
    assert chip.transmit(1_000_000) == b""
    assert len(chip.transmit(1_020_000)) == 19
    assert len(chip.transmit(1_034_000)) == 13
    assert chip.transmit(1_999_999) == b""
    assert len(chip.transmit(3_100_000)) == 64


def test_the_particle_sensor_answers_as_the_manual_shows():
    """Plantower's PMS5003 manual V2.3, appendix B: the answer to "passive"."""
    chip = Pms5003(SteadyWorld(), Journal())
    chip.receive(b"\x00\x42" + bytes.fromhex("424de100000170"), 100_000)
    assert chip.transmit(200_000) == bytes.fromhex("424d0004e1000174")
    assert chip.transmit(9_000_000) == b""


def test_a_wrong_checksum_is_no_command():
    chip = Pms5003(SteadyWorld(), Journal())
    chip.receive(bytes.fromhex("424de100000171"), 100_000)
    assert chip.transmit(900_000) == b""


def test_asleep_the_particle_sensor_is_silent():
    chip = Pms5003(SteadyWorld(pm1=1.0), Journal())
    chip.receive(bytes.fromhex("424de400000173"), 100_000)
    chip.transmit(900_000)
    chip.receive(bytes.fromhex("424de200000171"), 2_000_000)
    assert chip.transmit(5_000_000) == b""


def test_after_a_long_absence_a_line_holds_only_the_newest_seconds():
    world = SteadyWorld(energy_import=1000.0)
    journal = Journal()
    port = P1Port(world, journal)
    port.transmit(3_600_000_000)
    assert [entry.t_us // 1_000_000 for entry in journal.entries(quantity="energy_import")] == [
        3597, 3598, 3599, 3600
    ]  # fmt: skip


@given(percent=st.floats(0, 100), more=st.floats(0, 100))
def test_a_fuller_cell_has_the_higher_voltage(percent, more):
    assert cell_volts(min(percent, more)) <= cell_volts(max(percent, more))


def test_the_gauges_version_can_be_read_without_a_cell():
    gauge = Max17048(SteadyWorld(), Journal())
    gauge.write(b"\x08", 0)
    assert gauge.read(2, 0) == b"\x00\x12"
