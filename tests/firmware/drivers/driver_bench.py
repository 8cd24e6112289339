# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What a driver is plugged into here: buses with chip models on them, and simulated time.

The buses speak as machine.I2C and machine.UART do. They can be told to misbehave.
"""

import errno


class Bench:
    """Simulated time, and the coroutine that drivers sleep with."""

    def __init__(self):
        self.now_us = 0

    async def sleep_ms(self, ms):
        self.now_us += ms * 1000

    def uptime_ms(self):
        return self.now_us // 1000


class I2cBus:
    """chips: models by their own address. unplugged: while True nobody acknowledges."""

    def __init__(self, bench, *chips):
        self._bench = bench
        self._chips = {chip.address: chip for chip in chips}
        self.unplugged = False

    def _chip(self, address):
        if self.unplugged or address not in self._chips:
            raise OSError(errno.ENODEV)
        return self._chips[address]

    def writeto(self, address, data):
        self._chip(address).write(bytes(data), self._bench.now_us)

    def writeto_mem(self, address, register, data):
        self.writeto(address, bytes((register,)) + bytes(data))

    def readfrom_into(self, address, buffer):
        buffer[:] = self._chip(address).read(len(buffer), self._bench.now_us)

    def readfrom_mem_into(self, address, register, buffer):
        self.writeto(address, bytes((register,)))
        self.readfrom_into(address, buffer)


class Uart:
    """A receive buffer of `size` bytes: what comes while it is full is lost, as on a board.

    noise: bytes that are put in front of what comes next. cut: while True the line is silent.
    """

    def __init__(self, bench, chip, size=8192):
        self._bench = bench
        self._chip = chip
        self._size = size
        self._buffer = b""
        self.noise = b""
        self.cut = False

    def any(self):
        arrived = self._chip.transmit(self._bench.now_us)
        if not self.cut:
            self._buffer = (self._buffer + self.noise + arrived)[: self._size]
            self.noise = b""
        return len(self._buffer)

    def readinto(self, buffer):
        count = min(self.any(), len(buffer))
        buffer[:count] = self._buffer[:count]
        self._buffer = self._buffer[count:]
        return count or None

    def write(self, data):
        self._chip.receive(bytes(data), self._bench.now_us)


class SteadyWorld:
    """A World that stands still until a test changes it."""

    def __init__(self, **values):
        self.values = values

    def value(self, quantity, t_s):
        return self.values.get(quantity)
