# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The hardware of a simulated node: chips, clock and flash of MicroPython's unix port.

The chips stand outside this process, behind a local socket, and so does time: simulated ticks
always lead the real ones, because asyncio's C code stamps ready tasks with real ticks, and a clock
behind them would wait for ever. The messages are described where they are answered, in the
simulator's node link.
"""

import asyncio
import asyncio.core  # type: ignore[import-not-found]  # MicroPython's loop, not in the stubs
import os
import select
import socket
import struct
import sys
import time

from micropython import const

from barri_node.resets_unix import (
    EXIT_DEEP_SLEEP,
    EXIT_RESTART,
    EXIT_WATCHDOG,
    SimulatedResets,
    SimulatedWatchdog,
)

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from barri_node.life.ports import Memory
    from barri_node.settings import Settings
    from barri_node.simulated_i2c import SimulatedI2c
    from barri_node.simulated_microphone import SimulatedMicrophone
    from barri_node.simulated_pulses import SimulatedPulses
    from barri_node.simulated_uart import SimulatedUart
    from barri_node.store.partition import RingPartition

# Simulated ticks start this far ahead of real ones, so that no pause of the simulation undoes it;
# far less than half the period of ticks where ints have 31 bits (6 days).
_LEAD_MS = const(86400 * 1000)
_FOREVER_US = const(1 << 62)
_FILE_BLOCKS = const(64)


class _Link:
    """One request, one answer; a late alarm of an earlier sleep is passed over."""

    def __init__(self, host: str, port: int, name: str) -> None:
        self.socket = socket.socket()
        self.socket.connect(socket.getaddrinfo(host, port)[0][-1])
        self.sleep = 0
        self.now_us = 0
        self.joined_us = struct.unpack("<q", self.ask(b"N" + name.encode())[1:])[0]
        self.now_us = self.joined_us

    def ask(self, message: bytes) -> bytes:
        self.send(message)
        while True:
            answer = self.receive()
            if answer[:1] != b"G":
                return answer

    def send(self, message: bytes) -> None:
        self.socket.write(struct.pack("<I", len(message)) + message)

    def receive(self) -> bytes:
        length = struct.unpack("<I", self._exactly(4))[0]
        return self._exactly(length)

    def ask_into(self, message: bytes, buffer: bytearray) -> "int | None":
        """Ask for bytes that fill a buffer; says how many came, or None for a refusal."""
        self.send(message)
        while True:
            length = struct.unpack("<I", self._exactly(4))[0] - 1
            kind = self._exactly(1)
            if kind == b"G":
                self._exactly(length)
            elif kind != b"o":
                return None
            else:
                return self.socket.readinto(memoryview(buffer)[:length]) if length else 0

    def _exactly(self, count: int) -> bytes:
        data = self.socket.read(count)
        if data is None or len(data) < count:
            sys.exit(0)  # the simulator has ended, and so does its world
        return data

    def busy(self) -> None:
        self.now_us = struct.unpack("<q", self.ask(b"B")[1:])[0]

    def alarm(self) -> bool:
        """Read an alarm; say whether it belongs to the present sleep."""
        answer = self.receive()
        sleep, now_us = struct.unpack("<Iq", answer[1:])
        if sleep != self.sleep:
            return False
        self.now_us = now_us
        return True


class UnixHal:
    """What the application asks of the hardware, on a PC.

    link_port: where the simulator listens on loopback. directory: the host folder that holds
    the image of this node's flash.
    """

    NAME = "unix"
    SIMULATED = True

    def __init__(self, name: str, link_port: int, directory: str, flash_blocks: int = 256) -> None:
        self._link = _Link("127.0.0.1", link_port, name)
        # Ticks are ints; the stubs hide it.
        self._base_ms: int = time.ticks_ms() + _LEAD_MS  # type: ignore[operator]
        self._poller = None
        self._directory = directory
        self._flash_blocks = flash_blocks
        self._resets = SimulatedResets(directory)
        self._watchdog = SimulatedWatchdog(self.now_us, self._bite)
        asyncio.core.ticks = self.ticks_ms
        self._wait_io_event = asyncio.core._io_queue.wait_io_event
        asyncio.core._io_queue.wait_io_event = self._wait

    # --- time ---

    def now_us(self) -> int:
        return self._link.now_us

    def ticks_ms(self) -> int:
        passed_ms = (self._link.now_us - self._link.joined_us) // 1000
        return (self._base_ms + passed_ms) & sys.maxsize >> 1  # where ticks wrap here

    def ticks_diff(self, later: int, earlier: int) -> int:
        difference: int = time.ticks_diff(later, earlier)
        return difference

    def ask_into(self, message: bytes, buffer: bytearray) -> "int | None":
        return self._link.ask_into(message, buffer)

    def _wait(self, dt_ms: int) -> None:
        """Stand in for asyncio's wait: sleep in simulated time, wake for real sockets."""
        if dt_ms != 0:
            self._sleep(dt_ms)
        self._wait_io_event(0)

    def _sleep(self, dt_ms: int) -> None:
        link = self._link
        dt_ms = self._watchdog.at_most(dt_ms)
        wake_us = link.now_us + dt_ms * 1000 if dt_ms > 0 else _FOREVER_US
        link.sleep = (link.sleep + 1) & 0x3FFFFFFF
        poller = self._watch()
        if poller.poll(0) and self._ready_streams(poller):
            return
        link.send(b"I" + struct.pack("<Iq", link.sleep, wake_us))
        while True:
            if self._ready_streams(poller, -1):
                link.busy()
                return
            if link.alarm():
                return

    def _watch(self) -> select.poll:
        poller = select.poll()
        poller.register(self._link.socket, select.POLLIN)
        for reader, writer, stream in asyncio.core._io_queue.map.values():
            events = (select.POLLIN if reader else 0) | (select.POLLOUT if writer else 0)
            poller.register(stream, events)
        return poller

    def _ready_streams(self, poller: select.poll, timeout_ms: int = 0) -> bool:
        ready = poller.poll(timeout_ms)
        return any(event[0] is not self._link.socket for event in ready)

    # --- buses ---

    # Each is loaded when it is asked for: what simulates hardware counts in the node's heap here.

    def i2c(self, bus: int) -> "SimulatedI2c":
        from barri_node.simulated_i2c import SimulatedI2c

        return SimulatedI2c(self._link)

    def uart(self, bus: int, baudrate: int, **options: int) -> "SimulatedUart":
        from barri_node.simulated_uart import SimulatedUart

        return SimulatedUart(self._link, bus)

    def microphone(self, sample_rate_hz: int, whole: bool = True) -> "SimulatedMicrophone":
        from barri_node.simulated_microphone import SimulatedMicrophone

        return SimulatedMicrophone(self, sample_rate_hz, whole)

    def pulses(self, bus: int) -> "SimulatedPulses":
        from barri_node.simulated_pulses import SimulatedPulses

        return SimulatedPulses(self._link)

    async def sleep_ms(self, duration_ms: int) -> None:
        await asyncio.sleep_ms(duration_ms)

    # --- flash, settings, network, chance ---

    def settings_path(self) -> str:
        return self._directory + "/settings.json"

    def flash_root(self) -> str:
        """The folder of all that the node has written; its program is elsewhere here."""
        return self._directory

    def ring(self) -> "RingPartition":
        """The raw partition of the ring log, as flashing by cable makes it beside the files."""
        from barri_node.flash_unix import FlashBlockDevice
        from barri_node.store.partition import RingPartition

        path = self._directory + "/flash.img"
        return RingPartition(FlashBlockDevice(path, self._flash_blocks, 1))

    def mount_data(self) -> str:
        """Mount this node's file system; gives the folder of its files."""
        from barri_node.files_unix import mount

        mount(self._directory + "/files.img", "/data", _FILE_BLOCKS)
        return "/data"

    async def join_network(self, settings: "Settings") -> None:
        """A PC is on its network already."""

    def network_up(self) -> bool:
        return True

    def network_worked(self) -> None:
        """Nothing here doubts it."""

    def network_code(self) -> int:
        return 0

    def rssi(self) -> "int | None":
        return None

    def random_bytes(self, count: int) -> bytes:
        return os.urandom(count)

    # --- resets, sleep and what outlives them ---

    def rtc_ms(self) -> int:
        """Simulated time, which no end of a process stops."""
        return self._link.now_us // 1000

    def reset_cause(self) -> str:
        return self._resets.cause

    def retained(self) -> "Memory":
        return self._resets  # type: ignore[return-value]  # one method for both of its forms

    def restart(self) -> None:
        self._resets.end("hard reset", EXIT_RESTART)

    def deep_sleep(self, duration_ms: int) -> None:
        self._link.ask(b"D" + struct.pack("<I", duration_ms))
        self._resets.end("deep sleep", EXIT_DEEP_SLEEP, duration_ms)

    def start_watchdog(self, timeout_ms: int) -> None:
        self._watchdog.start(timeout_ms)

    def feed_watchdog(self) -> None:
        self._watchdog.feed()

    def rest_watchdog(self) -> None:
        self._watchdog.start(0)

    def _bite(self) -> None:
        self._resets.end("watchdog", EXIT_WATCHDOG)

    # --- light and button ---

    def has_light(self) -> bool:
        return False

    def light(self, on: bool) -> None:
        """There is none."""

    def has_button(self) -> bool:
        return False

    def button_down(self) -> bool:
        return False


def from_arguments(arguments: "list[str]") -> UnixHal:
    """The board that `main.py NAME LINK_PORT DIRECTORY` asks for."""
    name, link_port, directory = arguments
    return UnixHal(name, int(link_port), directory)
