# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Runs on MicroPython: one driver, whose bus and time are the test at the other end of a pipe.

Each request is a line on standard output, each answer a line on standard input:
"W addr hex" and "R addr n" (I2C; "!" is no acknowledge), "U hex" and "V n" (UART out and in),
"S ms" (let time pass; the answer is the uptime), "= dict" (a measurement; no answer).
"""

import asyncio
import sys
from binascii import hexlify, unhexlify

from barri_node.drivers import detection
from barri_node.drivers.alphasense import Alphasense
from barri_node.drivers.bh1750 import Bh1750
from barri_node.drivers.bme280 import INDOOR, Bme280
from barri_node.drivers.bme680 import Bme680
from barri_node.drivers.max17048 import Max17048
from barri_node.drivers.pms5003 import Pms5003
from barri_node.drivers.sds011 import Sds011
from barri_node.energy.meter import P1Meter


def ask(request):
    print(request)
    answer = sys.stdin.readline().strip()
    if answer == "!":
        raise OSError(19)
    return answer


class PipeBus:
    def writeto(self, address, data):
        ask(f"W {address} {hexlify(data).decode()}")

    def writeto_mem(self, address, register, data):
        self.writeto(address, bytes((register,)) + bytes(data))

    def readfrom_into(self, address, buffer):
        buffer[:] = unhexlify(ask(f"R {address} {len(buffer)}"))

    def readfrom_mem_into(self, address, register, buffer):
        self.writeto(address, bytes((register,)))
        self.readfrom_into(address, buffer)


class PipeUart:
    def __init__(self):
        self._buffer = b""

    def any(self):
        self._buffer += unhexlify(ask("V 256"))
        return len(self._buffer)

    def readinto(self, buffer):
        count = min(len(self._buffer), len(buffer))
        buffer[:count] = self._buffer[:count]
        self._buffer = self._buffer[count:]
        return count or None

    def write(self, data):
        ask("U " + hexlify(data).decode())


uptime = [0]


async def sleep_ms(ms):
    uptime[0] = int(ask(f"S {ms}"))


def uptime_ms():
    return uptime[0]


def driver(name):
    if name == "bme280":
        return Bme280(PipeBus(), sleep_ms, 0x76, INDOOR)
    if name == "bme680":
        return Bme680(PipeBus(), sleep_ms)
    if name == "ads1115":
        return Alphasense(PipeBus(), sleep_ms)
    if name == "sds011":
        return Sds011(PipeUart(), sleep_ms, uptime_ms)
    if name == "bh1750":
        return Bh1750(PipeBus(), sleep_ms)
    if name == "max17048":
        return Max17048(PipeBus())
    if name == "pms5003":
        return Pms5003(PipeUart(), sleep_ms, uptime_ms)
    return P1Meter(PipeUart(), sleep_ms)


async def found():
    """The drivers of what is on the bus, in the order they were found."""
    parts = []
    for one in await detection.find(PipeBus(), sleep_ms, uptime_ms, lambda line: None):
        parts.append(one[0]())
    return parts


async def main():
    part = (await found())[0] if sys.argv[1] == "found" else driver(sys.argv[1])
    await sleep_ms(10)
    await part.start()
    for _ in range(int(sys.argv[2])):
        await sleep_ms(int(sys.argv[3]))
        print("=", await part.measure())


asyncio.run(main())
