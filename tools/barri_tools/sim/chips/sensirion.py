# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What the models of Sensirion's I2C parts have in common: commands, words of 16 bits with a CRC-8
each, being busy, and measuring in a rhythm. The parts' datasheets say all of it in the same words.
"""

import errno
import struct
from typing import NoReturn

from barri_tools.sim.journal import Journal
from barri_tools.sim.world import World


def crc8(data: bytes) -> int:
    """Polynomial 0x31, start value 0xFF, nothing reflected."""
    crc = 0xFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ 0x31 if crc & 0x80 else crc << 1) & 0xFF
    return crc


def packed(*words: int) -> bytes:
    """Words as they travel, high byte first, each followed by its checksum."""
    pairs = (word.to_bytes(2, "big") for word in words)
    return b"".join(pair + bytes((crc8(pair),)) for pair in pairs)


def unpacked(data: bytes) -> list[int]:
    """The words in `data`; raises OSError (no acknowledge) for a wrong checksum or a torn word."""
    words = []
    for at in range(0, len(data), 3):
        pair, check = data[at : at + 2], data[at + 2 : at + 3]
        if bytes((crc8(pair),)) != check:
            raise OSError(errno.ENODEV, "a word with a wrong checksum")
        words.append(int.from_bytes(pair, "big"))
    return words


def text_words(text: str, words: int) -> list[int]:
    """ASCII, padded with zeros, two characters a word."""
    data = text.encode("ascii").ljust(2 * words, b"\0")
    return [int.from_bytes(data[at : at + 2], "big") for at in range(0, 2 * words, 2)]


def float_words(value: float) -> list[int]:
    """An IEEE 754 number of 32 bits as two words."""
    high, low = struct.unpack(">HH", struct.pack(">f", value))
    return [high, low]


class WordChip:
    """A part without what it measures. Subclasses say `_power_on` and `_obey`.

    gone: while True nothing acknowledges. damaged_answers: so many of the next answers come with a
    wrong checksum.
    """

    command_bytes = 2

    def __init__(self, world: World, journal: Journal, address: int, name: str) -> None:
        self.address = address
        self.gone = False
        self.damaged_answers = 0
        self._world = world
        self._journal = journal
        self._name = name
        self._measured = 0
        self.power_cycle(0)

    def power_cycle(self, now_us: int) -> None:
        """Take the supply away and give it back."""
        self._busy_until_us = now_us
        self._answer: bytes | None = None
        self._answer_at_us = 0
        self._power_on(now_us)

    def write(self, data: bytes, now_us: int) -> None:
        """Take a command and its words."""
        self._acknowledge(now_us)
        command = int.from_bytes(data[: self.command_bytes], "big")
        words = unpacked(data[self.command_bytes :])
        self._answer = None
        self._obey(command, words, now_us)

    def read(self, n: int, now_us: int) -> bytes:
        """Give the answer to the newest command, once."""
        self._acknowledge(now_us)
        if self._answer is None or now_us < self._answer_at_us:
            raise OSError(errno.ENODEV, "there is nothing to read")
        answer, self._answer = self._answer, None
        if self.damaged_answers:
            self.damaged_answers -= 1
            answer = answer[:2] + bytes((answer[2] ^ 0x01,)) + answer[3:]
        return (answer + b"\xff" * n)[:n]

    def _power_on(self, now_us: int) -> None:
        raise NotImplementedError

    def _obey(self, command: int, words: list[int], now_us: int) -> None:
        raise NotImplementedError

    def _acknowledge(self, now_us: int) -> None:
        if self.gone or now_us < self._busy_until_us:
            raise OSError(errno.ENODEV, "no acknowledge")

    def _refuse(self) -> NoReturn:
        raise OSError(errno.ENODEV, "not now, or not this command")

    def _busy(self, now_us: int, duration_us: int) -> None:
        """Acknowledge nothing for a while."""
        self._busy_until_us = now_us + duration_us

    def _give(self, words: list[int], now_us: int, after_us: int = 0) -> None:
        """Have an answer ready; read earlier it is not acknowledged."""
        self._answer = packed(*words)
        self._answer_at_us = now_us + after_us

    def _truth(self, quantity: str, t_us: int) -> float | None:
        """What the World holds; it counts as given out."""
        value = self._world.value(quantity, t_us / 1e6)
        self._journal.note(self._name, quantity, t_us, value)
        return value

    def _flicker(self, word: int) -> int:
        """A real part's last bit is never still."""
        return word ^ self._measured & 1


class Rhythm:
    """When a part that measures by itself has a new value; what has been read is old."""

    def __init__(self, period_us: int) -> None:
        self.period_us = period_us
        self._started_us: int | None = None
        self._taken = 0
        self.paused_until_us = 0

    @property
    def running(self) -> bool:
        """Whether it measures at all."""
        return self._started_us is not None

    def start(self, now_us: int) -> None:
        """The first value comes a period later."""
        self._started_us, self._taken = now_us, 0

    def stop(self) -> None:
        """Measure no more, and forget what was not read."""
        self._started_us = None

    def ready(self, now_us: int) -> bool:
        """Whether there is a value that was not read."""
        return now_us >= self.paused_until_us and self._newest(now_us) > self._taken

    def take(self, now_us: int) -> int:
        """Read the newest value: the moment that it is of, in us."""
        if self._started_us is None or self._newest(now_us) < 1:
            raise OSError(errno.ENODEV, "there is no value yet")
        self._taken = self._newest(now_us)
        return self._started_us + self._taken * self.period_us

    def since_us(self, now_us: int) -> int:
        """How long it has been measuring."""
        return 0 if self._started_us is None else now_us - self._started_us

    def _newest(self, now_us: int) -> int:
        return self.since_us(now_us) // self.period_us
