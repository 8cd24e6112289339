# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The models of Sensirion's parts do what the datasheets say, whoever reads them; among others the
manufacturer's own drivers for Python (sensirion-i2c-sht, -scd4x, -scd30, -sps30, -sen5x, -sgp4x).
"""

import pytest

from barri_tools.sim.chips.scd30 import Scd30
from barri_tools.sim.chips.scd41 import Scd41
from barri_tools.sim.chips.sen5x import Sen5x
from barri_tools.sim.chips.sensirion import Rhythm, crc8, float_words, packed, unpacked
from barri_tools.sim.chips.sgp41 import Sgp41, nox_raw, voc_raw
from barri_tools.sim.chips.sht4x import Sht4x
from barri_tools.sim.chips.sps30 import Sps30
from barri_tools.sim.journal import Entry, Journal

i2c_driver = pytest.importorskip("sensirion_i2c_driver")
adapters = pytest.importorskip("sensirion_driver_adapters.i2c_adapter.i2c_channel")

AIR = {"temperature": 23.45, "humidity": 56.7, "co2": 612.0}
DUST = {"pm1": 6.1, "pm2_5": 9.3, "pm4": 11.2, "pm10": 14.4}
GAS = {"voc_index": 140.0, "nox_index": 3.0}


class SteadyWorld:
    def __init__(self, **values):
        self.values = values

    def value(self, quantity, t_s):
        return self.values.get(quantity)


class Transceiver:
    """The manufacturer's interface of a bus, around one chip, in simulated time."""

    API_VERSION = 1
    channel_count = None

    def __init__(self, chip, now_us):
        self._chip = chip
        self.now_us = now_us

    def transceive(self, slave_address, tx_data, rx_length, read_delay, timeout):
        try:
            return 0, None, self._exchange(slave_address, tx_data, rx_length, read_delay)
        except OSError as error:
            return 2, error, b""

    def _exchange(self, address, tx_data, rx_length, read_delay):
        if address != self._chip.address:
            raise OSError("nobody has this address")
        if tx_data is not None:
            self._chip.write(bytes(tx_data), self.now_us)
        self.now_us += round(read_delay * 1e6)
        if rx_length is None:
            return b""
        return self._chip.read(rx_length, self.now_us)


@pytest.fixture
def connected(monkeypatch):
    """Gives a chip's connection; sleeping advances its time."""

    def connect(chip, now_us=3_000_000):
        transceiver = Transceiver(chip, now_us)

        def sleep(seconds):
            transceiver.now_us += round(seconds * 1e6)

        monkeypatch.setattr("time.sleep", sleep)
        return i2c_driver.I2cConnection(transceiver), sleep

    return connect


def channel(connection, address):
    crc = i2c_driver.crc_calculator.CrcCalculator(8, 0x31, 0xFF, 0x00)
    return adapters.I2cChannel(connection, slave_address=address, crc=crc)


def test_the_manufacturers_driver_reads_the_sht4x(connected):
    device = pytest.importorskip("sensirion_i2c_sht.sht4x")
    connection, _ = connected(Sht4x(SteadyWorld(**AIR), Journal()))
    driver = device.Sht4xI2cDevice(connection)
    assert driver.read_serial_number() == 0x0F4A_2B61
    temperature, humidity = driver.single_shot_measurement()
    assert temperature.degrees_celsius == pytest.approx(23.45, abs=0.005)
    assert humidity.percent_rh == pytest.approx(56.7, abs=0.002)


def test_the_manufacturers_driver_reads_the_scd41(connected):
    device = pytest.importorskip("sensirion_i2c_scd4x.device")
    chip = Scd41(SteadyWorld(**AIR, pressure=1000.0), Journal())
    connection, sleep = connected(chip)
    driver = device.Scd4xDevice(channel(connection, 0x62))
    driver.stop_periodic_measurement()
    assert driver.get_serial_number() == 273_325_796_834_238
    driver.start_periodic_measurement()
    driver.set_ambient_pressure(100_000)
    assert not driver.get_data_ready_status()
    sleep(5)
    assert driver.get_data_ready_status()
    co2, temperature, humidity = driver.read_measurement()
    assert co2.value == 612
    assert temperature.value == pytest.approx(23.45, abs=0.005)
    assert humidity.value == pytest.approx(56.7, abs=0.002)
    with pytest.raises(i2c_driver.errors.I2cNackError):
        driver.read_measurement()  # the buffer is empty
    with pytest.raises(i2c_driver.errors.I2cNackError):
        driver.get_serial_number()  # not while it measures


def test_the_manufacturers_driver_reads_the_scd30(connected):
    device = pytest.importorskip("sensirion_i2c_scd30.device")
    chip = Scd30(SteadyWorld(**AIR, pressure=1000.0), Journal())
    connection, _ = connected(chip)
    driver = device.Scd30Device(channel(connection, 0x61))
    assert driver.read_firmware_version() == (3, 0x42)
    driver.set_measurement_interval(4)
    assert driver.get_measurement_interval() == 4
    driver.start_periodic_measurement(1000)
    co2, temperature, humidity = driver.blocking_read_measurement_data()
    assert co2 == pytest.approx(612.0, abs=0.01)
    assert temperature == pytest.approx(23.45, abs=0.001)
    assert humidity == pytest.approx(56.7, abs=0.001)
    assert driver.get_data_ready() == 0


def test_the_manufacturers_driver_reads_the_sps30(connected):
    device = pytest.importorskip("sensirion_i2c_sps30.device")
    commands = pytest.importorskip("sensirion_i2c_sps30.commands")
    connection, sleep = connected(Sps30(SteadyWorld(**DUST), Journal()))
    driver = device.Sps30Device(channel(connection, 0x69))
    assert driver.read_product_type().rstrip("\0") == "00080000"
    assert driver.read_firmware_version() == (2, 2)
    driver.start_measurement(commands.OutputFormat.OUTPUT_FORMAT_FLOAT)
    assert driver.read_data_ready_flag() == 0
    sleep(31)
    assert driver.read_data_ready_flag() == 1
    masses = driver.read_measurement_values_float()[:4]
    assert masses == pytest.approx([6.1, 9.3, 11.2, 14.4], abs=0.001)
    assert driver.read_data_ready_flag() == 0
    assert driver.read_device_status_register() == 0


def test_the_manufacturers_driver_reads_the_sen55(connected):
    device = pytest.importorskip("sensirion_i2c_sen5x")
    connection, sleep = connected(Sen5x(SteadyWorld(**AIR, **DUST, **GAS), Journal()))
    driver = device.Sen5xI2cDevice(connection)
    assert driver.get_product_name() == "SEN55"
    assert not driver.read_data_ready()
    assert not driver.read_measured_values().mass_concentration_2p5.available
    driver.start_measurement()
    sleep(31)
    assert driver.read_data_ready()
    values = driver.read_measured_values()
    assert values.mass_concentration_2p5.physical == pytest.approx(9.3)
    assert values.mass_concentration_10p0.physical == pytest.approx(14.4)
    assert values.ambient_temperature.degrees_celsius == pytest.approx(23.45)
    assert values.ambient_humidity.percent_rh == pytest.approx(56.7, abs=0.011)
    assert values.voc_index.scaled == 140
    assert values.nox_index.scaled == 3
    assert driver.read_device_status().value == 0


def test_the_manufacturers_driver_reads_the_sgp41(connected):
    device = pytest.importorskip("sensirion_i2c_sgp4x")
    chip = Sgp41(SteadyWorld(**GAS), Journal())
    connection, sleep = connected(chip)
    driver = device.Sgp41I2cDevice(connection)
    assert driver.get_serial_number() == 0x0000_0123_4567
    for _ in range(9):
        driver.conditioning()
        sleep(0.95)
    voc, nox = driver.measure_raw(relative_humidity=40, temperature=20)
    assert abs(voc.ticks - voc_raw(140)) <= 1
    assert abs(nox.ticks - nox_raw(3)) <= 1
    assert chip.told == (int(0.4 * 65535), int(65 * 65535 / 175))
    assert not chip.harmed


def test_too_long_a_conditioning_harms_for_good():
    chip = Sgp41(SteadyWorld(**GAS), Journal())
    command = b"\x26\x12" + packed(0x8000, 0x6666)
    for second in range(1, 12):
        chip.write(command, second * 1_000_000)
    assert not chip.harmed
    chip.write(command, 12_000_000)
    chip.power_cycle(13_000_000)
    assert chip.harmed


def refused(chip, data, now_us):
    with pytest.raises(OSError):
        chip.write(data, now_us)


@pytest.mark.parametrize(
    ("model", "awake_us"),
    [
        (Sht4x, 1_000),
        (Scd41, 30_000),
        (Sgp41, 600),
        (Sps30, 100_000),
        (Sen5x, 50_000),
        (Scd30, 2_000_000),
    ],
)
def test_a_command_before_it_has_woken_up_is_not_acknowledged(model, awake_us):
    chip = model(SteadyWorld(), Journal())
    identity = {Sht4x: "89", Scd41: "3682", Sgp41: "3682", Sps30: "d002", Sen5x: "d014"}
    command = bytes.fromhex(identity.get(model, "d100"))
    refused(chip, command, awake_us - 1)
    chip.write(command, awake_us)
    assert unpacked(chip.read(3, awake_us + 20_000))


def test_while_it_measures_a_sht4x_acknowledges_nothing():
    """Section 4.3 of its datasheet: not even its address."""
    chip = Sht4x(SteadyWorld(**AIR), Journal())
    chip.write(b"\xfd", 5_000)
    for moment_us in (5_001, 13_299):
        refused(chip, b"\x89", moment_us)
        with pytest.raises(OSError):
            chip.read(6, moment_us)
    assert len(unpacked(chip.read(6, 13_300))) == 2
    with pytest.raises(OSError):
        chip.read(6, 13_400)  # given once


@pytest.mark.parametrize(
    ("model", "command", "after_us"), [(Scd30, "d100", 3_000), (Sen5x, "d014", 20_000)]
)
def test_an_answer_read_too_early_is_not_acknowledged(model, command, after_us):
    chip = model(SteadyWorld(), Journal())
    chip.write(bytes.fromhex(command), 5_000_000)
    with pytest.raises(OSError):
        chip.read(3, 5_000_000 + after_us - 1)
    assert chip.read(3, 5_000_000 + after_us)


def test_words_with_a_wrong_checksum_are_not_taken():
    chip = Scd41(SteadyWorld(**AIR), Journal())
    refused(chip, bytes.fromhex("e00003db43"), 100_000)
    refused(chip, bytes.fromhex("e00003"), 100_000)
    assert chip.told_hpa == 1013
    chip.write(bytes.fromhex("e00003db42"), 100_000)
    assert chip.told_hpa == 987


def test_a_damaged_answer_has_a_wrong_checksum_once():
    chip = Scd41(SteadyWorld(**AIR), Journal())
    chip.damaged_answers = 1
    chip.write(b"\x36\x82", 100_000)
    with pytest.raises(OSError, match="wrong checksum"):
        unpacked(chip.read(9, 200_000))
    chip.write(b"\x36\x82", 200_000)
    assert unpacked(chip.read(9, 300_000)) == [0xF896, 0x9F07, 0x3BBE]


def test_a_part_that_is_gone_acknowledges_nothing_and_comes_back():
    chip = Sht4x(SteadyWorld(**AIR), Journal())
    chip.gone = True
    refused(chip, b"\x89", 5_000)
    with pytest.raises(OSError):
        chip.read(6, 5_000)
    chip.gone = False
    chip.write(b"\x89", 5_000)
    assert unpacked(chip.read(6, 6_000)) == [0x0F4A, 0x2B61]


def test_the_warm_up_of_the_particles_shows():
    """A driver that does not wait reads too little."""
    chip = Sps30(SteadyWorld(**DUST), Journal())
    chip.write(b"\x00\x10" + packed(0x0300), 1_000_000)
    chip.write(b"\x03\x00", 4_000_000)
    early = unpacked(chip.read(12, 4_000_000))
    assert early[2:4] == float_words(9.3 * 3 / 30)


def test_the_journal_has_a_measurement_with_its_moment():
    journal = Journal()
    chip = Sht4x(SteadyWorld(**AIR), journal)
    chip.write(b"\xfd", 5_000)
    assert journal.entries() == [
        Entry("sht4x", "temperature", 5_000, 23.45),
        Entry("sht4x", "humidity", 5_000, 56.7),
    ]


def test_after_a_loss_of_power_a_scd30_measures_on_and_a_scd41_does_not():
    scd30, scd41 = Scd30(SteadyWorld(**AIR), Journal()), Scd41(SteadyWorld(**AIR), Journal())
    scd30.write(b"\x00\x10" + packed(0), 3_000_000)
    scd41.write(b"\x21\xb1", 3_000_000)
    for chip, ready, expected in ((scd30, b"\x02\x02", 1), (scd41, b"\xe4\xb8", 0)):
        chip.power_cycle(4_000_000)
        chip.write(ready, 20_000_000)
        assert unpacked(chip.read(3, 20_003_000))[0] & 0x07FF == expected


def test_a_rhythm_gives_a_value_a_period_and_skips_what_was_not_read():
    rhythm = Rhythm(1_000_000)
    assert not rhythm.running
    rhythm.start(500_000)
    assert not rhythm.ready(1_499_999)
    assert rhythm.ready(1_500_000)
    assert rhythm.take(4_700_000) == 4_500_000
    assert not rhythm.ready(5_400_000)
    rhythm.stop()
    with pytest.raises(OSError):
        rhythm.take(9_000_000)


def test_the_checksum_is_the_datasheets():
    """0xBEEF has 0x92 in every datasheet of the family; a driver of another hand agrees."""
    calculator = i2c_driver.crc_calculator.CrcCalculator(8, 0x31, 0xFF, 0x00)
    assert crc8(b"\xbe\xef") == 0x92
    for word in range(0, 65536, 257):
        pair = word.to_bytes(2, "big")
        assert crc8(pair) == calculator(bytearray(pair))
