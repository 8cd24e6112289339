# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Plantower PMS5003 or PMS7003 on a UART, 9600 baud 8N1: particles PM1, PM2.5 and PM10.

Passive mode: a frame comes when asked for, so a value belongs to the moment it was asked. The fan
needs 30 s before its numbers mean anything; until then there is no reading. Imports no hardware.
"""

from micropython import const

from barri_node.drivers import duty, pms_frame
from barri_node.drivers.checks import Checks
from barri_node.errors import SensorError

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Callable

    from barri_node.ports import Readings, SleepMs, Uart

WARM_UP_MS = duty.WARM_UP_MS
_PATIENCE = const(300)  # five minutes at a measurement a second; particles are never still
_POLL_MS = const(20)
_ANSWER_POLLS = const(40)  # 0.8 s; a frame alone takes 33 ms on the line
_STREAM_POLLS = const(140)  # 2.8 s: in active mode the part may wait 2.3 s between frames
_ATTEMPTS = const(3)
_MOST_STALE_BYTES = const(4096)


class Pms5003:
    """The driver. uart: as machine.UART at 9600 baud; uptime_ms: a function, never goes back.

    cycle_ms: how often it wakes for a while, as `duty.runs` says; 0: it never sleeps.
    """

    CHANNELS = ("pm1", "pm2_5", "pm10")

    def __init__(
        self,
        uart: "Uart",
        sleep_ms: "SleepMs",
        uptime_ms: "Callable[[], int]",
        cycle_ms: int = 0,
    ) -> None:
        self._uart = uart
        self._sleep_ms = sleep_ms
        self._uptime_ms = uptime_ms
        self._cycle_ms = cycle_ms
        self._started_ms: "int | None" = None
        self._checks = Checks("pms5003", self.CHANNELS, (_PATIENCE,) * 3)
        self._parser = pms_frame.FrameParser()
        self._buffer = bytearray(64)
        self._woken_ms: "int | None" = None
        self._active = False
        self.faults = 0
        self.last_fault: "str | None" = None

    async def start(self) -> None:
        """Wake the part and make it passive. Raises SensorError if nothing like it answers."""
        self._wake()
        for _ in range(_ATTEMPTS):
            self._send(pms_frame.SET_MODE, pms_frame.PASSIVE)
            if await self._alive():
                self._started_ms = self._uptime_ms()
                return
        self._woken_ms = None
        raise SensorError(
            "pms5003: no frame and no answer; check its 5 V supply, and that TX and RX are crossed"
        )

    async def measure(self) -> "Readings":
        """Ask for a frame. Step: 0.1 ug/m3, atmospheric; None while asleep, warming up, silent."""
        self._keep_the_cycle()
        if not self.warm():
            return dict.fromkeys(self.CHANNELS)
        self._discard()
        if not self._active:
            self._send(pms_frame.READ)
        reading = await self._reading(_STREAM_POLLS if self._active else _ANSWER_POLLS)
        fault = self._fault(reading)
        if reading is None or fault is not None:
            self.faults += 1
            self.last_fault = fault
            return dict.fromkeys(self.CHANNELS)
        moving = reading.particles - 1  # none at all is what very clean air has
        return self._checks.passed(self, reading.masses, (moving, moving, moving))

    def _keep_the_cycle(self) -> None:
        """Wake the part or put it to sleep when its duty cycle says so."""
        if self._started_ms is None or not self._cycle_ms:
            return
        due = duty.runs(self._uptime_ms() - self._started_ms, self._cycle_ms)
        if due and self._woken_ms is None:
            self.wake()
        elif not due and self._woken_ms is not None:
            self.sleep()

    def warm(self) -> bool:
        """Say whether the fan has run long enough for a reading."""
        return self._woken_ms is not None and self._uptime_ms() - self._woken_ms >= WARM_UP_MS

    def sleep(self) -> None:
        """Stop fan and laser; the next reading comes 30 s after `wake`."""
        self._send(pms_frame.SET_SLEEP, pms_frame.SLEEP)
        self._woken_ms = None

    def wake(self) -> None:
        """Start fan and laser again, and its warm-up; the part wakes in active mode."""
        self._wake()
        self.set_active(self._active)

    def set_active(self, active: bool) -> None:
        """Let the part send by itself about once a second, or (the default) only when asked."""
        self._active = active
        self._send(pms_frame.SET_MODE, pms_frame.ACTIVE if active else pms_frame.PASSIVE)

    def _wake(self) -> None:
        self._send(pms_frame.SET_SLEEP, pms_frame.WAKE)
        self._woken_ms = self._uptime_ms()

    def _send(self, code: int, value: int = 0) -> None:
        self._uart.write(pms_frame.command(code, value))

    def _discard(self) -> None:
        """Throw away what came before the question, a bounded amount of it."""
        for _ in range(_MOST_STALE_BYTES // len(self._buffer)):
            if not self._receive():
                return

    def _receive(self) -> int:
        """Read what is there, at most a buffer; give the number of bytes."""
        if not self._uart.any():
            return 0
        return self._uart.readinto(self._buffer) or 0

    async def _alive(self) -> bool:
        """Wait for an answer or a frame."""
        answers = self._parser.answers
        for _ in range(_ANSWER_POLLS):
            await self._sleep_ms(_POLL_MS)
            reading = self._parser.feed(self._buffer, self._receive())
            if reading is not None or self._parser.answers != answers:
                return True
        return False

    async def _reading(self, polls: int) -> "pms_frame.Reading | None":
        for _ in range(polls):
            await self._sleep_ms(_POLL_MS)
            reading = self._parser.feed(self._buffer, self._receive())
            if reading is not None:
                return reading
        return None

    @staticmethod
    def _fault(reading: "pms_frame.Reading | None") -> "str | None":
        if reading is None:
            return "pms5003: no frame came; check its supply and wiring"
        if reading.error:
            return "pms5003: the part reports error 0x{:02x}; is its fan blocked?".format(
                reading.error
            )
        return None
