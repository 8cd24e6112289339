# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Nova SDS011 on a UART, 9600 baud 8N1: particles PM2.5 and PM10 (control protocol V1.3).

Query mode: an answer comes when asked for. Fan and laser sleep between the duty cycles, if there
are any. Imports no hardware.
"""

from micropython import const

from barri_node.drivers import duty
from barri_node.drivers.checks import Checks
from barri_node.errors import SensorError

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Callable

    from barri_node.ports import Readings, SleepMs, Uart

_HEAD, _TAIL = const(0xAA), const(0xAB)
_TO_SENSOR = const(0xB4)
_MASSES, _ANSWER = const(0xC0), const(0xC5)
_COMMAND_BYTES = const(19)
FRAME_BYTES = 10

REPORT_MODE, QUERY, SLEEP_WORK, WORKING_PERIOD = 2, 4, 6, 8
_SET, _WHEN_ASKED, _SLEEP, _WORK, _CONTINUOUS = const(1), const(1), const(0), const(1), const(0)

_PATIENCE = const(300)  # five minutes at a measurement a second; particles are never still
_POLL_MS = const(20)
_ANSWER_POLLS = const(60)  # 1.2 s: an answer may wait for the measurement of a second to end
_ATTEMPTS = const(3)
_MOST_STALE_BYTES = const(4096)


def command(code: int, action: int = 0, value: int = 0) -> bytes:
    """Give the 19 bytes of a command to any sensor on the line."""
    frame = bytearray(_COMMAND_BYTES)
    frame[0], frame[1], frame[2], frame[3], frame[4] = _HEAD, _TO_SENSOR, code, action, value
    frame[15] = frame[16] = 0xFF
    frame[17] = sum(frame[2:17]) & 0xFF
    frame[18] = _TAIL
    return bytes(frame)


class FrameParser:
    """Finds the newest whole frame in a stream that may begin anywhere and may be damaged.

    frame: that frame, valid until the next `feed`. damaged: frames with a wrong checksum.
    """

    def __init__(self) -> None:
        self.frame = bytearray(FRAME_BYTES)
        self._buffer = bytearray(FRAME_BYTES)
        self._fill = 0
        self.damaged = 0

    def feed(self, data: "bytes | bytearray", count: int) -> int:
        """Take `count` bytes; give the kind of the newest frame they completed, or 0."""
        kind = 0
        for at in range(count):
            self._buffer[self._fill] = data[at]
            self._fill += 1
            while self._fill and not self._possible():
                self._drop(1)
            if self._fill == FRAME_BYTES:
                kind = self._take() or kind
        return kind

    def _possible(self) -> bool:
        buffer, fill = self._buffer, self._fill
        if buffer[0] != _HEAD or (fill > 1 and buffer[1] not in (_MASSES, _ANSWER)):
            return False
        return fill < FRAME_BYTES or buffer[9] == _TAIL

    def _take(self) -> int:
        """Give the kind of the frame if its checksum is right; else look for another in it."""
        buffer = self._buffer
        if sum(buffer[2:8]) & 0xFF != buffer[8]:
            self.damaged += 1
            self._drop(1)
            while self._fill and not self._possible():
                self._drop(1)
            return 0
        self.frame[:] = buffer
        self._fill = 0
        return buffer[1]

    def _drop(self, count: int) -> None:
        self._fill -= count
        self._buffer[: self._fill] = self._buffer[count : count + self._fill]


class Sds011:
    """The driver. uart: as machine.UART at 9600 baud; uptime_ms: a function, never goes back.

    cycle_ms: how often it wakes for a while, as `duty.runs` says; 0: it never sleeps.
    """

    CHANNELS = ("pm2_5", "pm10")

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
        self._parser = FrameParser()
        self._buffer = bytearray(64)
        self._checks = Checks("sds011", self.CHANNELS, (_PATIENCE,) * 2)
        self._started_ms: "int | None" = None
        self._woken_ms: "int | None" = None
        self.faults = 0
        self.last_fault: "str | None" = None

    async def start(self) -> None:
        """Wake the part, let it answer questions only. Raises SensorError if none answers."""
        for _ in range(_ATTEMPTS):
            if await self._told(SLEEP_WORK, _WORK) and await self._told(REPORT_MODE, _WHEN_ASKED):
                await self._told(WORKING_PERIOD, _CONTINUOUS)  # its own cycle would cross ours
                self._started_ms = self._woken_ms = self._uptime_ms()
                return
        raise SensorError(
            "sds011: no answer; check its 5 V supply, and that TX and RX are crossed"
        )

    async def measure(self) -> "Readings":
        """Ask for the masses. Step: 0.1 ug/m3; None while asleep, warming up, silent."""
        await self._keep_the_cycle()
        if not self.warm():
            return dict.fromkeys(self.CHANNELS)
        if not await self._answered(command(QUERY), _MASSES):
            return self._failed("sds011: no frame came; check its supply and wiring")
        frame = self._parser.frame
        fine, coarse = frame[2] | frame[3] << 8, frame[4] | frame[5] << 8
        readings: "Readings" = {"pm2_5": fine, "pm10": coarse}
        return self._checks.passed(self, readings, (fine - 1, coarse - 1))

    def warm(self) -> bool:
        """Say whether the fan has run long enough for a reading."""
        woken_ms = self._woken_ms
        return woken_ms is not None and self._uptime_ms() - woken_ms >= duty.WARM_UP_MS

    async def sleep(self) -> bool:
        """Stop fan and laser; say whether the part has confirmed it."""
        confirmed = await self._told(SLEEP_WORK, _SLEEP)
        if confirmed:
            self._woken_ms = None
        return confirmed

    async def wake(self) -> bool:
        """Start fan and laser, and the warm-up; say whether the part has confirmed it."""
        confirmed = await self._told(SLEEP_WORK, _WORK)
        if confirmed:
            self._woken_ms = self._uptime_ms()
        return confirmed

    async def _keep_the_cycle(self) -> None:
        """Wake the part or put it to sleep when its duty cycle says so; again until it obeys."""
        if self._started_ms is None or not self._cycle_ms:
            return
        due = duty.runs(self._uptime_ms() - self._started_ms, self._cycle_ms)
        if due == (self._woken_ms is not None):
            return
        if not await (self.wake() if due else self.sleep()):
            self._failed("sds011: it neither wakes nor sleeps; check its supply and wiring")

    def _failed(self, fault: str) -> "Readings":
        self.faults += 1
        self.last_fault = fault
        return dict.fromkeys(self.CHANNELS)

    async def _told(self, code: int, value: int) -> bool:
        """Set something; say whether the part has answered that it is set."""
        if not await self._answered(command(code, _SET, value), _ANSWER):
            return False
        return self._parser.frame[2] == code and self._parser.frame[4] == value

    async def _answered(self, question: bytes, kind: int) -> bool:
        """Send a command and wait for a frame of a kind; it is then in the parser."""
        self._discard()
        self._uart.write(question)
        for _ in range(_ANSWER_POLLS):
            await self._sleep_ms(_POLL_MS)
            if self._parser.feed(self._buffer, self._receive()) == kind:
                return True
        return False

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
