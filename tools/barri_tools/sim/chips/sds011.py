# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""An SDS011 on its serial line (Nova's laser dust sensor control protocol V1.3).

Active and query mode, sleep, its own working period, and a warm-up in which the numbers are too
low, so that a driver that does not wait shows. Not modelled: setting a device id, the PWM pins.
"""

from barri_tools.sim.chips.uart_line import UartLine
from barri_tools.sim.journal import Journal
from barri_tools.sim.world import World

_BAUD = 9600
_HEAD, _TAIL = 0xAA, 0xAB
_COMMAND_BYTES = 19
_MODE, _QUERY, _ID, _SLEEP_WORK, _VERSION, _PERIOD = 2, 4, 5, 6, 7, 8
_ANSWER_DELAY_US = 10_000
_SECOND_US = 1_000_000
_WARM_UP_US = 30_000_000
_DEVICE_ID = b"\x5a\x01"
_FIRMWARE = bytes((18, 11, 16))  # a date: year, month, day
_NO_READING = 0xFFFF
_MOST = 9999  # 999.9 ug/m3
_SIZES = ("pm2_5", "pm10")


def framed(kind: int, body: bytes) -> bytes:
    """Add head, kind, checksum and tail to six bytes."""
    return bytes((_HEAD, kind)) + body + bytes((sum(body) & 0xFF, _TAIL))


class Sds011:
    """The model. It is switched on, awake, and sends by itself once a second.

    A size that the World has no value for reads 65535. damages: so many of the next frames have a
    wrong checksum. deaf: it takes no commands. frozen: it answers, but has stopped measuring.
    """

    def __init__(self, world: World, journal: Journal, name: str = "sds011") -> None:
        self.damages = 0
        self.deaf = False
        self.frozen = False
        self._world = world
        self._journal = journal
        self._name = name
        self._line = UartLine(_BAUD)
        self._received = bytearray()
        self._awake_since_us: int | None = 0
        self._settings = {_MODE: 0, _PERIOD: 0}
        self._next_us = _SECOND_US
        self._masses: tuple[int, ...] = ()

    def receive(self, data: bytes, now_us: int) -> None:
        """Take bytes from the node; answer what is a command, pass over what is not."""
        self._stream(now_us)
        for byte in data:
            self._received.append(byte)
            del self._received[:-_COMMAND_BYTES]
            if self._is_command() and not self.deaf:
                code, action, value = self._received[2:5]
                self._obey(code, action, value, now_us)
                self._received.clear()

    def transmit(self, now_us: int) -> bytes:
        """Give what has arrived at the node since the last call."""
        self._stream(now_us)
        return self._line.take(now_us)

    @property
    def awake(self) -> bool:
        """Whether fan and laser run."""
        return self._awake_since_us is not None

    def _is_command(self) -> bool:
        received = self._received
        if len(received) < _COMMAND_BYTES or received[:2] != b"\xaa\xb4" or received[18] != _TAIL:
            return False
        for_this = bytes(received[15:17]) in (b"\xff\xff", _DEVICE_ID)
        return for_this and sum(received[2:17]) & 0xFF == received[17]

    def _obey(self, code: int, action: int, value: int, now_us: int) -> None:
        if code == _SLEEP_WORK:
            self._set_awake(value if action else int(self.awake), now_us)
            self._answer(bytes((code, action, int(self.awake), 0)), now_us)
        elif not self.awake:
            return  # asleep, it only listens for being woken
        elif code == _QUERY:
            self._send_masses(now_us + _ANSWER_DELAY_US, now_us)
        elif code == _VERSION:
            self._answer(bytes((code,)) + _FIRMWARE, now_us)
        elif code in self._settings:
            if action:
                self._settings[code] = value
                self._next_us = now_us + _SECOND_US
            self._answer(bytes((code, action, self._settings[code], 0)), now_us)

    def _set_awake(self, awake: int, now_us: int) -> None:
        if not awake:
            self._awake_since_us = None
        elif self._awake_since_us is None:
            self._awake_since_us = now_us
            self._next_us = now_us + _SECOND_US

    def _answer(self, body: bytes, now_us: int) -> None:
        self._put(framed(0xC5, body + _DEVICE_ID), now_us + _ANSWER_DELAY_US)

    def _put(self, frame: bytes, starts_us: int) -> None:
        if self.damages:
            self.damages -= 1
            frame = frame[:8] + bytes((frame[8] ^ 0x55, frame[9]))
        self._line.send(frame, starts_us)

    def _stream(self, now_us: int) -> None:
        """In active mode, send what was due; who was away for long finds the last second only."""
        if not self.awake or self._settings[_MODE] or now_us < self._next_us:
            return
        self._next_us += (now_us - self._next_us) // _SECOND_US * _SECOND_US
        self._send_masses(self._next_us, self._next_us)
        self._next_us += _SECOND_US

    def _send_masses(self, starts_us: int, measured_us: int) -> None:
        if not self.frozen or not self._masses:
            self._masses = tuple(self._mass(size, measured_us) for size in _SIZES)
        body = b"".join(mass.to_bytes(2, "little") for mass in self._masses)
        self._put(framed(0xC0, body + _DEVICE_ID), starts_us)

    def _mass(self, size: str, t_us: int) -> int:
        """In 0.1 ug/m3."""
        value = self._world.value(size, t_us / 1e6)
        self._journal.note(self._name, size, t_us, value)
        if value is None or self._awake_since_us is None:
            return _NO_READING
        return min(round(10 * value * self._share_of_warmth(t_us)), _MOST)

    def _share_of_warmth(self, t_us: int) -> float:
        return min(1.0, (t_us - (self._awake_since_us or 0)) / _WARM_UP_US)
