# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A PMS5003 on its serial line (Plantower's PMS5003 manual V2.3, appendices A and B).

Active and passive mode, sleep, and a warm-up in which the numbers are too low, so that a driver
that does not wait shows. The PMS7003 (manual V2.5) speaks the same; only its version differs. Not
modelled: the RESET and SET pins, the slower rhythm in steady air.
"""

import struct

from barri_tools.sim.chips.uart_line import UartLine
from barri_tools.sim.journal import Journal
from barri_tools.sim.world import World

_BAUD = 9600
_START = b"\x42\x4d"
_SET_MODE, _READ, _SET_SLEEP = 0xE1, 0xE2, 0xE4
_COMMAND_BYTES = 7
_ANSWER_DELAY_US = 10_000
_PERIOD_US = 1_000_000
_MOST_PERIODS = 4  # what a caller who was away for long still finds on the line
_WARM_UP_US = 30_000_000
_NO_READING = 0xFFFF
PMS5003_VERSION, PMS7003_VERSION = 0x97, 0x80
_SIZES = ("pm1", "pm2_5", "pm10")


def _framed(body: bytes) -> bytes:
    """Add start, length and checksum."""
    frame = _START + struct.pack(">H", len(body) + 2) + body
    return frame + struct.pack(">H", sum(frame) & 0xFFFF)


class Pms5003:
    """The model. It is switched on, awake and in active mode at simulated zero.

    A size that the World has no value for reads 65535, far out of the part's range.
    frozen: it goes on sending, but has stopped counting. error: what it reports, 0 for well.
    """

    def __init__(
        self,
        world: World,
        journal: Journal,
        name: str = "pms5003",
        version: int = PMS5003_VERSION,
    ) -> None:
        self.frozen = False
        self.error = 0
        self._version = version
        self._counted: tuple[int, ...] = ()
        self._world = world
        self._journal = journal
        self._name = name
        self._line = UartLine(_BAUD)
        self._received = bytearray()
        self._awake_since_us: int | None = 0
        self._active = True
        self._next_us = _PERIOD_US

    def receive(self, data: bytes, now_us: int) -> None:
        """Take bytes from the node; answer what is a command, pass over what is not."""
        self._stream(now_us)
        for byte in data:
            self._received.append(byte)
            del self._received[:-_COMMAND_BYTES]
            if self._is_command():
                self._obey(self._received[2], self._received[4], now_us)
                self._received.clear()

    def transmit(self, now_us: int) -> bytes:
        """Give what has arrived at the node since the last call."""
        self._stream(now_us)
        return self._line.take(now_us)

    def _is_command(self) -> bool:
        received = self._received
        if len(received) < _COMMAND_BYTES or received[:2] != _START:
            return False
        return sum(received[:5]) & 0xFFFF == received[5] << 8 | received[6]

    def _obey(self, command: int, value: int, now_us: int) -> None:
        if command == _SET_SLEEP:
            self._set_awake(value == 1, now_us)
        elif self._awake_since_us is None:
            return  # asleep, it only listens for being woken
        elif command == _SET_MODE:
            self._active = value == 1
            self._next_us = now_us + _PERIOD_US
            self._answer(command, value, now_us)
        elif command == _READ and not self._active:
            self._send_reading(now_us + _ANSWER_DELAY_US, now_us)

    def _set_awake(self, awake: bool, now_us: int) -> None:
        if not awake:
            self._answer(_SET_SLEEP, 0, now_us)
            self._awake_since_us = None
        elif self._awake_since_us is None:
            self._awake_since_us = now_us
            self._active = True
            self._next_us = now_us + _PERIOD_US

    def _answer(self, command: int, value: int, now_us: int) -> None:
        self._line.send(_framed(bytes((command, value))), now_us + _ANSWER_DELAY_US)

    def _stream(self, now_us: int) -> None:
        """In active mode, send what was due since the last call."""
        if self._awake_since_us is None or not self._active:
            return
        if now_us - self._next_us > _MOST_PERIODS * _PERIOD_US:
            missed = (now_us - self._next_us) // _PERIOD_US - _MOST_PERIODS + 1
            self._next_us += missed * _PERIOD_US
        while self._next_us <= now_us:
            self._send_reading(self._next_us, self._next_us)
            self._next_us += _PERIOD_US

    def _send_reading(self, starts_us: int, measured_us: int) -> None:
        masses = [self._mass(size, measured_us) for size in _SIZES]
        for size, mass in zip(_SIZES, masses, strict=True):
            self._journal.note(self._name, size, measured_us, mass)
        words = [_NO_READING if mass is None else min(round(mass), 999) for mass in masses]
        # Standard particles (CF = 1) equal the atmospheric ones in clean air.
        if not self.frozen or not self._counted:
            self._counted = (*words, *words, *_particles(words[1], measured_us))
        body = struct.pack(">12H", *self._counted)
        self._line.send(_framed(body + bytes((self._version, self.error))), starts_us)

    def _mass(self, size: str, t_us: int) -> float | None:
        value = self._world.value(size, t_us / 1e6)
        if value is None or self._awake_since_us is None:
            return None
        return value * min(1.0, (t_us - self._awake_since_us) / _WARM_UP_US)


# Particles over 0.3, 0.5, 1, 2.5, 5 and 10 um in 0.1 l for each ug/m3 of PM2.5.
_PER_UG = (180, 52, 8, 1, 0, 0)


def _particles(mass: int, t_us: int) -> list[int]:
    """Counts that follow the mass roughly, and like all counts of few things are never still."""
    flicker = 1 + t_us // 1_000_000 % 7 if mass else 0
    return [min(mass * per_ug + flicker, 65535) for per_ug in _PER_UG]
