# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The PMS5003 driver and its parser. Constants: Plantower's PMS5003 manual V2.3, appendix B."""

import asyncio

import pytest
from driver_bench import Bench, SteadyWorld, Uart
from hypothesis import given
from hypothesis import strategies as st

from barri_node.drivers import duty, pms_frame
from barri_node.drivers.pms5003 import WARM_UP_MS, Pms5003
from barri_node.errors import SensorError
from barri_tools.sim.chips import pms5003 as model
from barri_tools.sim.journal import Journal

adafruit = pytest.importorskip("adafruit_pm25")

CLEAN = {"pm1": 6.0, "pm2_5": 9.0, "pm10": 14.0}


def plugged_in(world, version=model.PMS5003_VERSION, cycle_ms=0):
    bench = Bench()
    journal = Journal()
    uart = Uart(bench, model.Pms5003(world, journal, version=version))
    return Pms5003(uart, bench.sleep_ms, bench.uptime_ms, cycle_ms), bench, uart, journal


def warmed_up(world, **options):
    driver, bench, uart, journal = plugged_in(world, **options)
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


class Foreign(adafruit.PM25):
    """Adafruit's parser of the same frame; it stands for the PMS7003's manual as well."""

    def __init__(self, frame):
        super().__init__()
        self._frame = frame

    def _read_into_buffer(self):
        self._buffer[:] = self._frame


@pytest.mark.parametrize("version", [model.PMS5003_VERSION, model.PMS7003_VERSION])
@given(masses=st.tuples(*[st.integers(0, 999)] * 3))
def test_both_parts_frames_are_read_as_adafruits_driver_reads_them(version, masses):
    """The oracle is adafruit-circuitpython-pm25, which serves both parts."""
    world = SteadyWorld(**dict(zip(("pm1", "pm2_5", "pm10"), map(float, masses), strict=True)))
    sent = model.Pms5003(world, Journal(), version=version)
    sent.receive(pms_frame.command(pms_frame.SET_MODE, pms_frame.PASSIVE), 40_000_000)
    sent.receive(pms_frame.command(pms_frame.READ), 41_000_000)
    frame = sent.transmit(42_000_000)[-pms_frame.FRAME_BYTES :]
    ours = pms_frame.FrameParser().feed(frame, len(frame))
    foreign = Foreign(frame).read()
    assert ours.masses["pm1"] == 10 * foreign["pm10 env"]
    assert ours.masses["pm2_5"] == 10 * foreign["pm25 env"]
    assert ours.masses["pm10"] == 10 * foreign["pm100 env"]
    assert ours.particles == foreign["particles 03um"]
    assert ours.version == version


def test_a_pms7003_is_started_read_put_to_sleep_and_woken_like_a_pms5003():
    driver, bench, _, _ = warmed_up(SteadyWorld(**CLEAN), version=model.PMS7003_VERSION)
    assert asyncio.run(driver.measure()) == {"pm1": 60, "pm2_5": 90, "pm10": 140}
    driver.sleep()
    bench.now_us += 60_000_000
    driver.wake()
    bench.now_us += WARM_UP_MS * 1000
    assert asyncio.run(driver.measure()) == {"pm1": 60, "pm2_5": 90, "pm10": 140}


@pytest.mark.parametrize("version", [model.PMS5003_VERSION, model.PMS7003_VERSION])
def test_in_a_duty_cycle_it_reads_for_half_a_minute_of_five_and_sleeps_the_rest(version):
    driver, bench, uart, _ = plugged_in(SteadyWorld(**CLEAN), version, cycle_ms=300_000)
    asyncio.run(driver.start())
    started_s = bench.now_us // 1_000_000
    read_at, awake = [], 0
    while bench.now_us < 900_000_000:
        if asyncio.run(driver.measure())["pm2_5"] == 90:
            read_at.append((bench.now_us // 1_000_000 - started_s) % 300)
        awake += uart._chip._awake_since_us is not None
        bench.now_us += 1_000_000 - bench.now_us % 1_000_000
    assert min(read_at) in (29, 30, 31)
    assert max(read_at) <= 60
    assert len(read_at) == pytest.approx(90, abs=3)
    assert awake == pytest.approx(180, abs=4)
    assert driver.faults == 0


def test_a_duty_cycle_begins_with_warming_up():
    assert duty.runs(0, 300_000)
    assert duty.runs(59_999, 300_000)
    assert not duty.runs(60_000, 300_000)
    assert duty.runs(300_000, 300_000)
    assert duty.runs(10**9 + 7, 0)


def test_a_part_that_has_stopped_counting_is_a_fault_after_five_minutes():
    driver, bench, uart, _ = warmed_up(SteadyWorld(**CLEAN))
    values = asyncio.run(driver.measure())
    uart._chip.frozen = True
    readings = []
    for _ in range(300):
        bench.now_us += 1_000_000
        readings.append(asyncio.run(driver.measure())["pm2_5"])
    assert readings[0] == values["pm2_5"] == 90
    assert readings[297:] == [90, None, None]
    assert driver.faults == 2
    assert "pm10 stands still" in driver.last_fault


def test_steady_air_is_no_fault_because_the_particles_never_are():
    driver, bench, _, _ = warmed_up(SteadyWorld(**CLEAN))
    for _ in range(320):
        bench.now_us += 1_000_000
        assert asyncio.run(driver.measure())["pm2_5"] == 90


def test_air_without_any_particle_is_no_fault():
    driver, bench, _, _ = warmed_up(SteadyWorld(pm1=0.0, pm2_5=0.0, pm10=0.0))
    for _ in range(320):
        bench.now_us += 1_000_000
        assert asyncio.run(driver.measure())["pm10"] == 0
