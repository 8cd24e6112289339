# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Runs on MicroPython, in simulated time: the node's own sound path on a board that stalls.

stalled_node.py PLAN, a JSON file. The node's ESP32 microphone, its listener, windows,
clock and meter are the firmware's; I2S, time and what blocks the board are simulated. A stall is
what it is on a board: no task runs until it is over. Prints one line of JSON per window.
"""

# mypy: ignore-errors
# ruff: noqa: T201, PLC0415 - a script of MicroPython, which has no types to check against

import asyncio
import io
import json
import sys
import time

POLL = 3  # of MP_STREAM_POLL
READABLE = 1
LEAD_MS = 30 * 86400 * 1000  # asyncio's C code stamps tasks with real ticks: ours lie ahead


class World:
    """Simulated time: it moves when all tasks wait, and while the board is blocked."""

    def __init__(self):
        self.now_us = 0
        self.rings = []
        self._base_ms = time.ticks_ms() + LEAD_MS
        asyncio.core.ticks = self.ticks_ms
        self._queue = asyncio.core._io_queue
        self._queue.wait_io_event = self._wait

    def ticks_ms(self):
        return self._base_ms + self.now_us // 1000

    def ticks_diff(self, later, earlier):
        return later - earlier

    def block(self, duration_us, masked=False):
        """Nothing runs for so long; masked: no interrupts either."""
        self.now_us += duration_us
        for ring in self.rings:
            ring.advance(self.now_us - ring.started_us, masked)

    def _wait(self, dt_ms):
        wake_us = self.now_us + dt_ms * 1000 if dt_ms >= 0 else 1 << 60
        ring = self.rings[-1] if self._queue.map else None
        if ring:
            there_us = ring.started_us + ring.next_interrupt_us()
            wake_us = min(wake_us, self.now_us if ring.readable else there_us)
        self.block(max(0, wake_us - self.now_us))
        if ring and ring.readable:
            self._wake_reader()

    def _wake_reader(self):
        """As asyncio's poll does; that one waits a real millisecond for what is no file."""
        for reader, _, stream in list(self._queue.map.values()):
            asyncio.core._task_queue.push(reader)
            self._queue._dequeue(stream)


class I2S(io.IOBase):
    """`machine.I2S` for the node's own microphone class."""

    RX = MONO = 0

    def __init__(self, unit, rate, ibuf, **wiring):
        self._ring = DmaRing(rate, ibuf)
        self._ring.started_us = world.now_us
        world.rings.append(self._ring)

    def ioctl(self, request, argument):
        if request != POLL:
            return -1  # 0 to the question for a file descriptor would be stdin
        return READABLE if self._ring.readable else 0

    def readinto(self, buffer):
        sample_bytes = FRAME_BYTES // 2
        return sample_bytes * self._ring.read(len(buffer) // sample_bytes)


class Module:
    def __getattr__(self, name):
        return 0


def stand_ins():
    """Modules of a board, of which only I2S is used here."""
    machine, network = Module(), Module()
    machine.I2S, machine.Pin = I2S, lambda number: number
    sys.modules["machine"], sys.modules["network"] = machine, network


async def stall(plan, clock):
    """Block the board as planned: [uptime in ms, for how many us, whether interrupts are held]."""
    for at_ms, duration_us, masked in plan["stalls"]:
        await clock.sleep_until(at_ms)
        world.block(duration_us, masked)
    while True:
        await asyncio.sleep_ms(3600000)


async def measure(plan, clock, windows, noise):
    """Close the windows as the sampler does; give (start, end, reported levels) of each."""
    closed = []
    for _ in range(plan["windows"]):
        start_ms, end_ms = windows.start_ms, windows.end_ms
        await clock.sleep_until(end_ms)
        windows.close()
        closed.append((start_ms, end_ms, await noise.close(end_ms, end_ms - start_ms)))
    return closed


def really_heard(start_ms, end_ms):
    """Frames of a window that were read, by when they sounded."""
    heard = 0
    for ring in world.rings:
        first = (start_ms * 1000 - ring.started_us) * ring.rate_hz // 1000000
        end = (end_ms * 1000 - ring.started_us) * ring.rate_hz // 1000000
        for low, high in ring.ranges:
            heard += max(0, min(high, end) - max(low, first))
    return heard


def build(plan):
    """The node's sound path, with a meter that takes the time that it takes on the board."""
    from barri_node.clock import Clock
    from barri_node.hal_esp32 import Microphone
    from barri_node.listener import Listener
    from barri_node.noise.kernel import VIPER
    from barri_node.noise.meter import Meter
    from barri_node.windows import Windows

    assert VIPER, "this MicroPython has no viper: the meter would be too slow"

    class TimedMeter(Meter):
        def feed(self, buf, n_bytes):
            Meter.feed(self, buf, n_bytes)
            world.block(n_bytes // 4 * plan["ns_per_sample"] // 1000)

    clock = Clock(world)
    windows = Windows(clock, plan["window_s"])
    microphone = Microphone({"sck": 1, "ws": 2, "sd": 3, "unit": 0}, plan["rate_hz"])
    meter = TimedMeter(plan["rate_hz"])
    noise = Listener(microphone, meter, plan["rate_hz"], clock, windows, print)
    return clock, windows, noise


async def main(plan):
    clock, windows, noise = build(plan)
    beside = asyncio.create_task(noise.run()), asyncio.create_task(stall(plan, clock))
    closed = await measure(plan, clock, windows, noise)
    assert not any(task.done() for task in beside)
    for start_ms, end_ms, levels in closed:
        whole = (end_ms - start_ms) * plan["rate_hz"] // 1000
        heard = really_heard(start_ms, end_ms)
        print(json.dumps({"whole": whole, "heard": heard, "share": levels["measured_share"]}))
    for ring in world.rings:
        print(json.dumps({"delivered": ring.delivered, "dropped": ring.dropped}))


if __name__ == "__main__":
    import asyncio.core  # only MicroPython has it

    from i2s import FRAME_BYTES, DmaRing

    world = World()
    stand_ins()
    with open(sys.argv[1]) as file:
        asyncio.run(main(json.load(file)))
