# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The SDS011 driver and its parser. The oracle of the protocol is a foreign driver, sds011lib."""

import asyncio

import pytest
from driver_bench import Bench, SteadyWorld, Uart
from hypothesis import given
from hypothesis import strategies as st

from barri_node.drivers import sds011
from barri_node.drivers.duty import WARM_UP_MS
from barri_node.drivers.sds011 import Sds011
from barri_node.errors import SensorError
from barri_tools.sim.chips import sds011 as model
from barri_tools.sim.journal import Journal

foreign = pytest.importorskip("sds011lib")

CLEAN = {"pm2_5": 9.3, "pm10": 14.8}
READ = {"pm2_5": 93, "pm10": 148}
GOOD = model.framed(0xC0, bytes((93, 0, 148, 0)) + b"\x5a\x01")
MASSES = 0xC0


def plugged_in(world, cycle_ms=0):
    bench = Bench()
    uart = Uart(bench, model.Sds011(world, Journal()))
    return Sds011(uart, bench.sleep_ms, bench.uptime_ms, cycle_ms), bench, uart, uart._chip


def warmed_up(world, **options):
    driver, bench, uart, chip = plugged_in(world, **options)
    asyncio.run(driver.start())
    bench.now_us += WARM_UP_MS * 1000
    return driver, bench, uart, chip


class Line:
    """The model as sds011lib wants a serial port; each read lets the time of an answer pass."""

    def __init__(self, chip):
        self.chip, self.now_us, self.sent, self.waiting = chip, 40_000_000, [], b""

    def write(self, data):
        self.sent.append(bytes(data))
        self.chip.receive(bytes(data), self.now_us)

    def read(self, size):
        self.now_us += 100_000
        self.waiting += self.chip.transmit(self.now_us)
        taken, self.waiting = self.waiting[:size], self.waiting[size:]
        return taken

    def open(self):
        pass

    def close(self):
        pass


def quiet_line(world):
    """A line on which nothing streams any more, with what was on it thrown away."""
    chip = model.Sds011(world, Journal())
    line = Line(chip)
    chip.receive(bytes(sds011.command(sds011.REPORT_MODE, 1, 1)), 39_000_000)
    chip.transmit(39_900_000)
    return line, foreign.SDS011Reader(line, send_command_sleep=0)


def test_commands_are_those_of_a_foreign_driver():
    line, reader = quiet_line(SteadyWorld(**CLEAN))
    reader.request_data()
    reader.set_query_mode()
    reader.sleep()
    reader.wake()
    reader.set_working_period(0)
    assert line.sent == [
        bytes(sds011.command(sds011.QUERY)),
        bytes(sds011.command(sds011.REPORT_MODE, 1, 1)),
        bytes(sds011.command(sds011.SLEEP_WORK, 1, 0)),
        bytes(sds011.command(sds011.SLEEP_WORK, 1, 1)),
        bytes(sds011.command(sds011.WORKING_PERIOD, 1, 0)),
    ]


@given(fine=st.integers(0, 9999), coarse=st.integers(0, 9999))
def test_a_frame_of_masses_is_read_as_the_foreign_driver_reads_it(fine, coarse):
    _, reader = quiet_line(SteadyWorld(pm2_5=fine / 10, pm10=coarse / 10))
    reader.request_data()
    theirs = reader.query_data()
    driver, _, _, _ = warmed_up(SteadyWorld(pm2_5=fine / 10, pm10=coarse / 10))
    ours = asyncio.run(driver.measure())
    assert ours == {"pm2_5": round(theirs.pm25 * 10), "pm10": round(theirs.pm10 * 10)}
    assert ours == {"pm2_5": fine, "pm10": coarse}


def test_the_model_confirms_settings_as_the_foreign_driver_expects():
    line, reader = quiet_line(SteadyWorld(**CLEAN))
    reader.request_reporting_mode()
    assert reader.query_reporting_mode().state.value == b"\x01"
    reader.sleep()
    assert reader.query_sleep_state().state.value == b"\x00"
    reader.wake()
    assert reader.query_sleep_state().state.value == b"\x01"
    assert line.chip.awake


@given(garbage=st.binary(max_size=60))
def test_a_frame_after_garbage_is_found(garbage):
    """At most one frame is lost to garbage that looks like the beginning of one."""
    parser = sds011.FrameParser()
    parser.feed(garbage, len(garbage))
    assert parser.feed(GOOD + GOOD, 20) == MASSES
    assert parser.frame == GOOD


@given(at=st.integers(0, 9), flip=st.integers(1, 255))
def test_a_damaged_byte_never_gives_a_reading(at, flip):
    """The checksum does not cover the kind of a frame, but there are only two kinds."""
    damaged = bytearray(GOOD)
    damaged[at] ^= flip
    parser = sds011.FrameParser()
    assert parser.feed(damaged, 10) != MASSES
    assert parser.feed(GOOD + GOOD, 20) == MASSES


@given(pieces=st.lists(st.binary(max_size=40), max_size=30))
def test_any_bytes_are_taken_in_one_frame_of_memory(pieces):
    parser = sds011.FrameParser()
    for piece in pieces:
        parser.feed(piece, len(piece))
        assert len(parser._buffer) == sds011.FRAME_BYTES
        assert parser._fill < sds011.FRAME_BYTES


def test_nothing_is_read_before_it_is_warm():
    driver, bench, _, _ = plugged_in(SteadyWorld(**CLEAN))
    asyncio.run(driver.start())
    assert set(asyncio.run(driver.measure()).values()) == {None}
    assert driver.faults == 0
    bench.now_us += WARM_UP_MS * 1000
    assert asyncio.run(driver.measure()) == READ


def test_the_model_reads_low_while_it_is_cold():
    """So that a driver that does not wait shows."""
    parser = sds011.FrameParser()
    sent = model.Sds011(SteadyWorld(**CLEAN), Journal()).transmit(5_500_000)
    assert parser.feed(sent, len(sent)) == MASSES
    assert parser.frame[4] < 75


def test_a_reading_belongs_to_the_moment_it_was_asked_for():
    world = SteadyWorld(**CLEAN)
    driver, _, _, _ = warmed_up(world)
    asyncio.run(driver.measure())
    world.values["pm2_5"] = 30.0
    assert asyncio.run(driver.measure())["pm2_5"] == 300


def test_in_a_duty_cycle_it_reads_for_half_a_minute_of_five_and_sleeps_the_rest():
    driver, bench, _, chip = plugged_in(SteadyWorld(**CLEAN), cycle_ms=300_000)
    asyncio.run(driver.start())
    started_s = bench.now_us // 1_000_000
    read_at, awake = [], 0
    while bench.now_us < 900_000_000:
        if asyncio.run(driver.measure()) == READ:
            read_at.append((bench.now_us // 1_000_000 - started_s) % 300)
        awake += chip.awake
        bench.now_us += 1_000_000 - bench.now_us % 1_000_000
    assert min(read_at) in (30, 31)
    assert max(read_at) <= 60
    assert len(read_at) == pytest.approx(88, abs=4)
    assert awake == pytest.approx(180, abs=4)
    assert driver.faults == 0


def test_a_part_that_does_not_wake_is_a_fault_and_is_woken_again_later():
    driver, bench, _, chip = warmed_up(SteadyWorld(**CLEAN), cycle_ms=300_000)
    bench.now_us += 31_000_000
    asyncio.run(driver.measure())
    assert not chip.awake
    bench.now_us += 240_000_000
    chip.deaf = True
    asyncio.run(driver.measure())
    assert (chip.awake, driver.faults) == (False, 1)
    assert "neither wakes nor sleeps" in driver.last_fault
    chip.deaf = False
    asyncio.run(driver.measure())
    bench.now_us += WARM_UP_MS * 1000
    assert asyncio.run(driver.measure()) == READ


def test_a_fan_that_does_not_stop_is_a_fault_and_is_told_again():
    """Fans that ran for hours unnoticed are what users complain of."""
    driver, bench, _, chip = warmed_up(SteadyWorld(**CLEAN), cycle_ms=300_000)
    bench.now_us += 31_000_000
    chip.deaf = True
    asyncio.run(driver.measure())
    assert (chip.awake, driver.faults > 0) == (True, True)
    chip.deaf = False
    assert set(asyncio.run(driver.measure()).values()) == {None}
    assert not chip.awake


def test_what_the_world_does_not_hold_is_out_of_range_and_counted():
    driver, _, _, _ = warmed_up(SteadyWorld(pm10=6.0))
    assert asyncio.run(driver.measure()) == {"pm2_5": None, "pm10": 60}
    assert "pm2_5 is out of its range" in driver.last_fault


def test_an_absent_part_is_named():
    driver, bench, uart, _ = plugged_in(SteadyWorld(**CLEAN))
    uart.cut = True
    with pytest.raises(SensorError, match="TX and RX"):
        asyncio.run(driver.start())
    assert bench.now_us < 4_000_000


def test_a_silent_line_is_a_fault_and_not_an_endless_wait():
    driver, bench, uart, _ = warmed_up(SteadyWorld(**CLEAN))
    uart.cut = True
    before_us = bench.now_us
    assert set(asyncio.run(driver.measure()).values()) == {None}
    assert bench.now_us - before_us < 1_500_000
    assert driver.faults == 1


def test_a_damaged_frame_costs_one_measurement_and_not_the_value():
    driver, _, _, chip = warmed_up(SteadyWorld(**CLEAN))
    chip.damages = 1
    assert set(asyncio.run(driver.measure()).values()) == {None}
    assert asyncio.run(driver.measure()) == READ
    assert driver.faults == 1


def test_a_part_that_has_stopped_measuring_is_a_fault_after_five_minutes():
    world = SteadyWorld(**CLEAN)
    driver, bench, _, chip = warmed_up(world)
    for second in range(305):
        world.values["pm2_5"] = 9.0 + second % 3 / 10
        assert asyncio.run(driver.measure())["pm2_5"] == 90 + second % 3
        bench.now_us += 1_000_000
    chip.frozen = True
    readings = [asyncio.run(driver.measure())["pm2_5"] for _ in range(301)]
    assert readings[:298] == [readings[0]] * 298
    assert readings[-1] is None
    assert "stands still" in driver.last_fault
