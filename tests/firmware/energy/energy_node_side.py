# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Runs on MicroPython: one driver of the energy room, or one of its pure parts.

The bus and time of a driver are the test at the other end of a pipe. Each request is a line on
standard output, each answer a line on standard input: "W addr hex" and "R addr n" (I2C), "U hex"
and "V n" (UART out and in), "C" (a pulse counter), "S ms" (let time pass; the answer is the
uptime), "= value" (a result; no answer).
"""

import asyncio
import gc
import sys
from binascii import hexlify, unhexlify

from barri_node.drivers.ina219 import Ina219
from barri_node.drivers.ina226 import Ina226
from barri_node.energy.decipher import Decipher, aes_128
from barri_node.energy.fit import Fitting
from barri_node.energy.meter import P1Meter
from barri_node.energy.modbus import scaled_float
from barri_node.energy.monotonic import Monotonic
from barri_node.energy.options import read
from barri_node.energy.p1 import TelegramParser
from barri_node.energy.pulse_led import PulseLed
from barri_node.energy.pzem004t import Pzem004t
from barri_node.energy.sdm120 import Sdm120


def ask(request):
    print(request)
    return sys.stdin.readline().strip()


class PipeBus:
    def writeto_mem(self, address, register, data):
        ask(f"W {address} {hexlify(bytes((register,)) + bytes(data)).decode()}")

    def readfrom_mem_into(self, address, register, buffer):
        ask(f"W {address} {hexlify(bytes((register,))).decode()}")
        buffer[:] = unhexlify(ask(f"R {address} {len(buffer)}"))


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


class PipeCounter:
    def count(self):
        return int(ask("C"))


class PipeHal:
    async def sleep_ms(self, ms):
        await sleep_ms(ms)

    def uart(self, bus, baudrate, **options):
        return PipeUart()

    def pulses(self, bus):
        return PipeCounter()


uptime = [0]


async def sleep_ms(ms):
    uptime[0] = int(ask(f"S {ms}"))


def uptime_ms():
    return uptime[0]


def driver(name):
    if name == "p1":
        return P1Meter(PipeUart(), sleep_ms)
    if name == "pzem004t":
        return Pzem004t(PipeUart(), sleep_ms)
    if name == "sdm120":
        return Sdm120(PipeUart(), sleep_ms)
    if name == "pulse_led":
        return PulseLed(PipeCounter(), uptime_ms, 1000)
    if name == "ina219":
        return Ina219(PipeBus(), sleep_ms)
    return Ina226(PipeBus(), sleep_ms)


def fitted(folder, given, recorded):
    """What the settings name. given, recorded: as `Fitting` has them, in Python."""
    return Fitting(read(eval(given)), PipeHal(), uptime_ms, folder, eval(recorded)).driver()


async def measure(part, times, every_ms):
    await sleep_ms(10)
    await part.start()
    for _ in range(times):
        await sleep_ms(every_ms)
        print("=", await part.measure())


def parse(path):
    """Say what the telegrams of a file say, and what reading them left on the heap."""
    parser = TelegramParser()
    buffer = bytearray(512)
    gc.collect()
    before = gc.mem_alloc()
    with open(path, "rb") as file:
        count = file.readinto(buffer)
        while count:
            reading = parser.feed(buffer, count)
            if reading:
                print("=", reading)
            count = file.readinto(buffer)
    reading = None
    gc.collect()
    print("=", gc.mem_alloc() - before)


def decipher(path, key):
    """Say how the plain text of a file of frames begins."""
    frames = Decipher(aes_128(unhexlify(key)))
    plain = b""
    with open(path, "rb") as file:
        data = bytearray(file.read())
    for at in range(0, len(data), 256):
        piece = data[at : at + 256]
        plain += piece[: frames.feed(piece, len(piece))]
    print("=", plain.decode().split("\r\n"))


class Shelf:
    def __init__(self):
        self.state = None

    def load(self):
        return self.state

    def save(self, state):
        self.state = state


def count(readings):
    """Take each reading; a negative one is a reboot."""
    shelf = Shelf()
    counter = Monotonic(5000, 10000, patience=2, keeper=shelf)
    for raw in readings:
        if raw < 0:
            counter = Monotonic(5000, 10000, patience=2, keeper=shelf)
        else:
            print("=", counter.read(raw))
    print("=", hexlify(shelf.state).decode())


def decode(words):
    for bits in words:
        print("=", scaled_float(bits.to_bytes(4, "big"), 0, 1000))


def main(task, *arguments):
    if task == "measure":
        asyncio.run(measure(driver(arguments[0]), int(arguments[1]), int(arguments[2])))
    elif task == "fitted":
        part = fitted(*arguments[2:])
        asyncio.run(measure(part, int(arguments[0]), int(arguments[1])))
    elif task == "parse":
        parse(arguments[0])
    elif task == "decipher":
        decipher(*arguments)
    else:
        numbers = [int(argument) for argument in arguments]
        (count if task == "count" else decode)(numbers)


main(*sys.argv[1:])
