# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""PZEM-004T and SDM120 over Modbus RTU, and the line between. The oracle of floats is `struct`."""

import asyncio
import math
import struct
from fractions import Fraction

import pytest
from driver_bench import Bench, SteadyWorld, Uart
from hypothesis import given
from hypothesis import strategies as st

from barri_node.energy.crc16 import crc16
from barri_node.energy.modbus import Modbus, ModbusError, scaled_float
from barri_node.energy.pzem004t import Pzem004t
from barri_node.energy.sdm120 import Sdm120
from barri_node.errors import SensorError
from barri_tools.sim.chips import modbus as model
from barri_tools.sim.chips import pzem004t, sdm120
from barri_tools.sim.journal import Journal

HOUSE = {
    "voltage": 230.4,
    "current": 5.217,
    "power_import": 1193.0,
    "power_export": 0.0,
    "energy_import": 4218334.0,
    "energy_export": 912077.0,
    "frequency": 49.9,
    "power_factor": 0.99,
}
READ = {
    "voltage": 2304,
    "current": 5217,
    "power_import": 1193,
    "power_export": 0,
    "energy_import": 4218334,
    "energy_export": 912077,
    "frequency": 4990,
    "power_factor": 990,
}
PARTS = {"pzem004t": (Pzem004t, pzem004t.Pzem004t), "sdm120": (Sdm120, sdm120.Sdm120)}


def fitted(name, **values):
    driver, chip = PARTS[name]
    bench, world = Bench(), SteadyWorld(**HOUSE | values)
    part = chip(world, Journal())
    uart = Uart(bench, part)
    return driver(uart, bench.sleep_ms), part, uart, bench, world


def measured(meter):
    return asyncio.run(meter.measure())


def expected(meter, **values):
    return {name: (READ | values)[name] for name in meter.CHANNELS}


# --- the line ---


def test_the_checksum_is_the_catalogues():
    """CRC-16/MODBUS, check value in Cook's catalogue of parametrised CRC algorithms."""
    assert crc16(b"123456789", 0xFFFF) == 0x4B37
    assert model.crc16_modbus(b"123456789") == 0x4B37


def line(registers, **faults):
    bench = Bench()
    server = model.ModbusServer(9600, (1,), lambda _: registers)
    for fault, value in faults.items():
        setattr(server, fault, value)
    uart = Uart(bench, server)
    return Modbus(uart, bench.sleep_ms, 40), bench, server, uart


REGISTERS = {at: 0x1100 + at for at in range(60)}


@given(first=st.integers(0, 59), count=st.integers(1, 40))
def test_what_is_asked_for_is_what_comes_or_a_refusal(first, count):
    asking, _, _, _ = line(REGISTERS)
    if first + count > 60:
        with pytest.raises(ModbusError, match="exception 2"):
            asyncio.run(asking.read(1, first, count))
        return
    data = bytes(asyncio.run(asking.read(1, first, count)))
    assert data == b"".join(REGISTERS[at].to_bytes(2, "big") for at in range(first, first + count))


@pytest.mark.parametrize(
    ("faults", "says"),
    [
        ({"silent": True}, "no answer"),
        ({"exception": 6}, "exception 6"),
        ({"flipped": 1}, "damaged"),
        ({"lost": 1}, "damaged reply of 24"),  # whose checksum happens to hold for the rest
        ({"lost": 22}, "damaged reply of 3"),
        ({"babble": b"\x00"}, "damaged"),
        ({"late_us": 700_000}, "no answer"),
    ],
)
def test_each_fault_of_the_line_is_named_and_the_wait_bounded(faults, says):
    asking, bench, _, _ = line(REGISTERS, **faults)
    with pytest.raises(ModbusError, match=says):
        asyncio.run(asking.read(1, 0, 10))
    assert bench.now_us <= 620_000


def test_a_late_reply_is_not_taken_for_the_next():
    asking, bench, server, _ = line(REGISTERS, late_us=700_000)
    with pytest.raises(ModbusError):
        asyncio.run(asking.read(1, 0, 10))
    server.late_us = 0
    bench.now_us += 200_000  # it arrives now
    assert bytes(asyncio.run(asking.read(1, 10, 10)))[1] == 10


def test_another_units_reply_is_refused():
    asking, _, server, _ = line(REGISTERS)
    strange = model.sealed(bytes((2, 4, 2, 0, 0)))
    server.receive = lambda data, now_us: server._line.send(strange, now_us)
    with pytest.raises(ModbusError, match="another request"):
        asyncio.run(asking.read(1, 0, 1))


@given(babble=st.binary(min_size=1, max_size=100))
def test_any_bytes_are_a_reply_or_an_error(babble):
    asking, _, server, _ = line(REGISTERS)
    server.receive = lambda data, now_us: server._line.send(babble, now_us)
    with pytest.raises(ModbusError):
        asyncio.run(asking.read(1, 0, 10))


def test_a_line_that_never_falls_silent_is_a_bounded_wait():
    asking, bench, _, uart = line(REGISTERS)
    uart.any = lambda: 1
    uart.readinto = lambda buffer: 1
    with pytest.raises(ModbusError):
        asyncio.run(asking.read(1, 0, 10))
    assert bench.now_us <= 1_300_000


# --- floats without floats ---


@given(bits=st.integers(0, (1 << 32) - 1), factor=st.sampled_from((1, 10, 100, 1000)))
def test_a_float_is_decoded_exactly(bits, factor):
    data = bits.to_bytes(4, "big")
    (value,) = struct.unpack(">f", data)
    if not math.isfinite(value):
        assert scaled_float(data, 0, factor) is None
        return
    exact = Fraction(value) * factor
    rounded = math.floor(abs(exact) + Fraction(1, 2))
    assert scaled_float(data, 0, factor) == (rounded if exact >= 0 else -rounded)


def test_a_growing_float_never_gives_a_falling_counter():
    """At ten thousand kWh a binary32 has steps of about one Wh."""
    start = struct.unpack(">I", struct.pack(">f", 9999.9))[0]
    counts = [scaled_float((start + n).to_bytes(4, "big"), 0, 1000) for n in range(500)]
    assert counts == sorted(counts)


# --- the meters ---


@pytest.mark.parametrize("name", PARTS)
def test_a_meter_measures_what_the_world_holds(name):
    meter, _, _, _, world = fitted(name)
    asyncio.run(meter.start())
    assert measured(meter) == expected(meter)
    world.values.update(energy_import=4218400.0, power_import=2.0)
    assert measured(meter) == expected(meter, energy_import=4218400, power_import=2)
    assert meter.faults == 0


@given(
    volts=st.integers(800, 2600),
    milliamps=st.integers(0, 99_999),
    watts=st.integers(1, 22_000),
    energy=st.integers(0, 9_999_000),
)
@pytest.mark.parametrize("name", PARTS)
def test_every_value_comes_through(name, volts, milliamps, watts, energy):
    meter, _, _, _, _ = fitted(
        name,
        voltage=volts / 10,
        current=milliamps / 1000,
        power_import=float(watts),
        energy_import=float(energy),
    )
    reading = measured(meter)
    assert (reading["voltage"], reading["current"]) == (volts, milliamps)
    assert (reading["power_import"], reading["energy_import"]) == (watts, energy)


def test_the_sdm120_says_which_way_power_flows():
    meter, _, _, _, _ = fitted("sdm120", power_import=0.0, power_export=612.0, power_factor=-0.97)
    reading = measured(meter)
    assert (reading["power_import"], reading["power_export"]) == (0, 612)
    assert reading["power_factor"] == -970


@pytest.mark.parametrize("name", PARTS)
@pytest.mark.parametrize(
    ("fault", "value", "says"),
    [
        ("silent", True, "no answer"),
        ("exception", 4, "exception 4"),
        ("flipped", 0x20, "damaged"),
        ("lost", 3, "damaged"),
    ],
)
def test_a_fault_gives_no_reading_and_its_name_and_passes(name, fault, value, says):
    meter, chip, _, _, _ = fitted(name)
    asyncio.run(meter.start())
    setattr(chip, fault, value)
    assert measured(meter) == dict.fromkeys(meter.CHANNELS)
    assert (meter.faults, says in meter.last_fault) == (1, True)
    with pytest.raises(SensorError, match=name):
        asyncio.run(meter.start())
    setattr(chip, fault, 0)
    assert measured(meter) == expected(meter)


@pytest.mark.parametrize("name", PARTS)
def test_no_mains_no_answer(name):
    meter, _, _, _, world = fitted(name)
    asyncio.run(meter.start())
    world.values["voltage"] = None
    assert set(measured(meter).values()) == {None}
    assert "no answer" in meter.last_fault


def test_the_second_block_may_fail_alone():
    meter, chip, _, _, _ = fitted("sdm120")
    whole = chip._answer

    def only_the_first(data, registers):
        return whole(data, registers) if data[3] == 0 else chip._refusal(data, 4)

    chip._answer = only_the_first
    reading = measured(meter)
    assert (reading["voltage"], reading["energy_import"]) == (2304, None)
    assert meter.faults == 1


def test_a_pzem_that_wraps_counts_on():
    meter, _, _, _, world = fitted("pzem004t", energy_import=9_999_990.0)
    assert measured(meter)["energy_import"] == 9_999_990
    world.values["energy_import"] = 10_000_025.0
    assert measured(meter)["energy_import"] == 10_000_025
    assert meter.faults == 0


def test_a_pzem_whose_energy_was_reset_counts_on_and_says_so():
    meter, chip, _, bench, world = fitted("pzem004t")
    measured(meter)
    chip.reset_energy(bench.now_us)
    world.values["energy_import"] += 12
    assert measured(meter)["energy_import"] == 4218334 + 12
    assert "set back" in meter.last_fault


def test_an_exchanged_sdm120_counts_on_and_says_so():
    meter, _, _, _, world = fitted("sdm120")
    measured(meter)
    world.values["energy_import"] = 40.0
    assert [measured(meter)["energy_import"] for _ in range(3)] == [None, None, 4218334]
    assert "is the meter new" in meter.last_fault


def test_what_no_meter_can_say_is_no_reading():
    meter, _, _, _, _ = fitted("sdm120", voltage=1e9, current=float("inf"), energy_import=-5.0)
    reading = measured(meter)
    assert (reading["voltage"], reading["current"], reading["energy_import"]) == (None, None, None)
    assert reading["power_import"] == 1193
