# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A second decoder of frames, written from README.md of barri_wire alone.

It takes the tables out of the page's text and uses nothing of barri_wire but which quantities are
counters and which units they have. Its only purpose is to prove that the page says it all.
"""

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "firmware/src/barri_wire/README.md"
CLAMP = 1 << 20


def _tables() -> tuple[list[int], dict[int, tuple[int, ...]]]:
    text = PAGE.read_text(encoding="utf-8")
    rows = {int(r): n.split() for r, n in re.findall(r"row (\d+) +((?:\d+ *){8})", text)}
    chances = [3968, 2048, 4000, 3072]
    for row in range(12):
        chances += [16 * int(number) for number in rows[row]]
    block = text.split("of *these*:")[1].split("Level of")[0]
    priors = re.findall(r"(\d+): (-?\d+) (\d+) (\d+)", block)
    return chances, {int(i): (int(u), int(f), int(n)) for i, u, f, n in priors}


CHANCES, PRIORS = _tables()
T = [0, 1, 2, 3]
while len(T) < 49:
    T.append(2 * T[-2])


def level(total: int, weight: int) -> int:
    """The last level whose threshold the mean reaches."""
    return max(n for n in range(49) if T[n] * weight <= total)


class Bits:
    """Section "Range coder"."""

    def __init__(self, payload: bytes) -> None:
        self.p = list(CHANCES)
        self.payload = payload
        self.read = 0
        self.range = 2**24 - 1
        self.code = 0
        for _ in range(3):
            self.code = self.code * 256 + self.byte()

    def byte(self) -> int:
        self.read += 1
        return self.payload[self.read - 1] if self.read <= len(self.payload) else 0

    def refill(self) -> None:
        while self.range < 2**16:
            self.range *= 256
            self.code = self.code * 256 + self.byte()

    def bit(self, i: int) -> int:
        bound = ((self.range >> 6) * self.p[i]) >> 6
        one = self.code >= bound
        if one:
            self.code -= bound
            self.range -= bound
            self.p[i] -= self.p[i] >> 5
        else:
            self.range = bound
            self.p[i] += (4096 - self.p[i]) >> 5
        self.refill()
        return int(one)

    def direct(self, n: int) -> int:
        value = 0
        while n:
            k = min(8, n)
            n -= k
            self.range >>= k
            part = self.code // self.range
            self.code -= part * self.range
            value = value * 2**k + part
            self.refill()
        return value

    def _digits(self, at: int, extra: int) -> tuple[int, int, int]:
        s = max(at - 10, 0) // 2
        row, d = at - 2 * s, 0
        while self.bit(4 + 8 * row + min(d, 7)):
            d += 1
        if d == 0:
            return 0, 0, s + (extra if s else 0)
        return d, 1, d - 1 + s + extra

    def size(self, at: int) -> int:
        _, top, low = self._digits(at, 0)
        return top << low | self.direct(low)

    def difference(self, at: int) -> int:
        _, top, low = self._digits(at, 1)
        number = top << low | self.direct(low)
        return -(number >> 1) if number & 1 else number >> 1


class Guess:
    """Section "Values": one channel."""

    def __init__(self, prior: tuple[int, ...], counter: bool) -> None:
        self.usual, first, self.total = prior
        self.level = level(16 * first, 1)
        self.counter = counter
        self.seen = False
        self.weight = 1
        self.base = self.last = self.a16 = self.n = self.m = 0
        self.e = [0, 0, 0]

    def value(self, bits: Bits, m: int) -> int:
        if not self.seen:
            value = self.usual + bits.difference(self.level)
            self.seen = True
            self.level = level(self.total, self.weight)
            if self.counter:
                self.base = value
            else:
                self.last, self.a16, self.n = value, 16 * value, 1
            return value
        a = (self.a16 + 8) >> 4
        guesses = [self.last, a, a + (3 * m >> 2)]
        guess = self.base + guesses[self.e.index(min(self.e))]
        value = guess + bits.difference(self.level)
        u = value - self.base
        self.m = u - a
        self.total += 32 * min(abs(value - guess), CLAMP)
        self.weight += 2
        if self.weight > 24:
            self.total, self.weight = (
                self.total - (self.total >> 2),
                self.weight - (self.weight >> 2),
            )
        self.level = level(self.total, self.weight)
        self.e = [
            e + min(abs(u - g), CLAMP) - (e >> 3) for e, g in zip(self.e, guesses, strict=True)
        ]
        self.last, self.n = u, min(self.n + 1, 8)
        self.a16 += (16 * u - self.a16) // self.n
        if self.counter:
            self.base = value
        return value


def decode(frame: bytes, quantities: list[tuple[int, str, bool]]) -> list[list]:
    """Return [sequence, start, duration, values, boot]s; quantities: (id, unit, is counter)s."""
    count, kind = frame[0] & 31, frame[0] >> 5 & 1
    sequence = int.from_bytes(frame[3:8], "big") & (2**22 - 1)
    boot = frame[8] if kind else None
    end, window = int.from_bytes(frame[9 if kind else 8 : 12], "big"), 60
    payload = frame[12:] if count else frame[14:]
    count = count or int.from_bytes(frame[12:14], "big")
    bits = Bits(payload)
    channels = [Guess(PRIORS[i], counter) for i, _, counter in quantities]
    missing = [False] * len(channels)
    records = []
    for i in range(count):
        start, window = _time(bits, end, window)
        end = start + window
        if bits.bit(2):
            missing = [bool(bits.bit(3)) != old for old in missing]
        values, before = [], ("", 0)
        for channel, gone, (_, unit, _) in zip(channels, missing, quantities, strict=True):
            values.append(
                None if gone else channel.value(bits, before[1] if before[0] == unit else 0)
            )
            before = before if gone else (unit, channel.m)
        records.append([sequence + i, start, window, values, boot])
    beyond = bits.read - len(payload)
    assert beyond == 3 or (beyond == 2 and payload[-1] != 0)
    assert bits.code < 2**16
    return records


def _time(bits: Bits, end: int, window: int) -> tuple[int, int]:
    if not bits.bit(0):
        return end, window
    if not bits.bit(1):
        return end + window * (bits.size(6) + 1), window
    window += bits.difference(16)
    return end + bits.difference(16), window
