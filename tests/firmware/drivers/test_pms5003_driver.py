# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The PMS5003 driver and its parser. Constants: Plantower's PMS5003 manual V2.3, appendix B."""

import asyncio

import pytest
from driver_bench import Bench, SteadyWorld, Uart
from hypothesis import given
from hypothesis import strategies as st

from barri_node.drivers import pms_frame
from barri_node.drivers.pms5003 import WARM_UP_MS, Pms5003
from barri_node.errors import SensorError
from barri_tools.sim.chips import pms5003 as model
from barri_tools.sim.journal import Journal

CLEAN = {"pm1": 6.0, "pm2_5": 9.0, "pm10": 14.0}


def plugged_in(world):
    bench = Bench()
    journal = Journal()
    uart = Uart(bench, model.Pms5003(world, journal))
    return Pms5003(uart, bench.sleep_ms, bench.uptime_ms), bench, uart, journal


def warmed_up(world):
    driver, bench, uart, journal = plugged_in(world)
    asyncio.run(driver.start())
    bench.now_us += WARM_UP_MS * 1000
    return driver, bench, uart, journal


def frame(words, length=28):
    data = b"\x42\x4d" + length.to_bytes(2, "big")
    data += b"".join(word.to_bytes(2, "big") for word in words)
    return data + (sum(data) & 0xFFFF).to_bytes(2, "big")


GOOD = frame([1, 2, 3, 6, 9, 14, 0, 0, 0, 0, 0, 0, 0x9700])


def test_commands_are_those_of_the_manual():
    assert pms_frame.command(pms_frame.SET_MODE, pms_frame.PASSIVE) == bytes.fromhex(
        "424de100000170"
    )
    assert pms_frame.command(pms_frame.SET_MODE, pms_frame.ACTIVE) == bytes.fromhex(
        "424de100010171"
    )
    assert pms_frame.command(pms_frame.READ) == bytes.fromhex("424de200000171")
    assert pms_frame.command(pms_frame.SET_SLEEP, pms_frame.SLEEP) == bytes.fromhex(
        "424de400000173"
    )
    assert pms_frame.command(pms_frame.SET_SLEEP, pms_frame.WAKE) == bytes.fromhex(
        "424de400010174"
    )


def test_the_atmospheric_values_are_taken_and_not_the_factory_ones():
    reading = pms_frame.FrameParser().feed(GOOD, len(GOOD))
    assert reading.masses == {"pm1": 60, "pm2_5": 90, "pm10": 140}


@given(garbage=st.binary(max_size=80))
def test_a_frame_after_garbage_is_found(garbage):
    """At most one frame is lost to garbage that looks like the beginning of one."""
    parser = pms_frame.FrameParser()
    parser.feed(garbage, len(garbage))
    assert parser.feed(GOOD + GOOD, 64).masses["pm2_5"] == 90


@given(at=st.integers(0, 31), flip=st.integers(1, 255))
def test_a_damaged_byte_never_gives_a_reading(at, flip):
    damaged = bytearray(GOOD)
    damaged[at] ^= flip
    parser = pms_frame.FrameParser()
    assert parser.feed(damaged, 32) is None
    assert parser.feed(GOOD + GOOD, 64) is not None


@given(pieces=st.lists(st.binary(max_size=40), max_size=30))
def test_any_bytes_are_taken_in_one_frame_of_memory(pieces):
    parser = pms_frame.FrameParser()
    for piece in pieces:
        parser.feed(piece, len(piece))
        assert len(parser._buffer) == pms_frame.FRAME_BYTES
        assert parser._fill < pms_frame.FRAME_BYTES


def test_nothing_is_read_before_it_is_warm():
    driver, bench, _, _ = plugged_in(SteadyWorld(**CLEAN))
    asyncio.run(driver.start())
    assert set(asyncio.run(driver.measure()).values()) == {None}
    assert driver.faults == 0
    bench.now_us += WARM_UP_MS * 1000
    assert asyncio.run(driver.measure()) == {"pm1": 60, "pm2_5": 90, "pm10": 140}


def test_the_model_reads_low_while_it_is_cold():
    """So that a driver that does not wait shows."""
    chip = model.Pms5003(SteadyWorld(**CLEAN), Journal())
    cold = pms_frame.FrameParser().feed(chip.transmit(5_500_000), 32)
    assert cold.masses["pm10"] < 70


def test_a_reading_belongs_to_the_moment_it_was_asked_for():
    world = SteadyWorld(**CLEAN)
    driver, _, _, _ = warmed_up(world)
    asyncio.run(driver.measure())
    world.values["pm2_5"] = 30.0
    assert asyncio.run(driver.measure())["pm2_5"] == 300


def test_in_active_mode_the_next_frame_is_waited_for():
    driver, bench, _, _ = warmed_up(SteadyWorld(**CLEAN))
    driver.set_active(True)
    before_us = bench.now_us
    assert asyncio.run(driver.measure())["pm10"] == 140
    assert 900_000 < bench.now_us - before_us < 1_200_000


def test_after_sleep_it_warms_up_again():
    driver, bench, _, _ = warmed_up(SteadyWorld(**CLEAN))
    driver.sleep()
    assert not driver.warm()
    bench.now_us += 60_000_000
    driver.wake()
    assert set(asyncio.run(driver.measure()).values()) == {None}
    bench.now_us += WARM_UP_MS * 1000
    assert asyncio.run(driver.measure())["pm1"] == 60


def test_what_the_world_does_not_hold_is_no_reading():
    driver, _, _, _ = warmed_up(SteadyWorld(pm1=6.0))
    assert asyncio.run(driver.measure()) == {"pm1": 60, "pm2_5": None, "pm10": None}


def test_an_absent_part_is_named():
    driver, _, uart, _ = plugged_in(SteadyWorld(**CLEAN))
    uart.cut = True
    with pytest.raises(SensorError, match="TX and RX"):
        asyncio.run(driver.start())


def test_a_silent_line_is_a_fault_and_not_an_endless_wait():
    driver, bench, uart, _ = warmed_up(SteadyWorld(**CLEAN))
    uart.cut = True
    before_us = bench.now_us
    assert set(asyncio.run(driver.measure()).values()) == {None}
    assert bench.now_us - before_us < 1_000_000
    assert driver.faults == 1


def test_noise_on_the_line_does_not_stop_it():
    driver, _, uart, _ = warmed_up(SteadyWorld(**CLEAN))
    uart.noise = b"\x42\x4d\x00\x1c\x42\x00" * 9
    assert asyncio.run(driver.measure())["pm2_5"] == 90


def test_an_error_of_the_part_is_no_reading():
    class Broken:
        def receive(self, data, now_us):
            pass

        def transmit(self, now_us):
            return frame([1, 2, 3, 6, 9, 14, 0, 0, 0, 0, 0, 0, 0x9704])

    bench = Bench()
    driver = Pms5003(Uart(bench, Broken()), bench.sleep_ms, bench.uptime_ms)
    asyncio.run(driver.start())
    bench.now_us += WARM_UP_MS * 1000
    assert set(asyncio.run(driver.measure()).values()) == {None}
    assert "0x04" in driver.last_fault
