# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Runs on MicroPython: one Sensirion driver, or the gas index alone, at the end of a pipe.

The requests are those of `node_side.py`: "W addr hex", "R addr n", "S ms", "= dict"; and at the
end "H bytes", the heap that the driver took.
"""

import asyncio
import gc
import sys
from binascii import hexlify, unhexlify


def ask(request):
    print(request)
    answer = sys.stdin.readline().strip()
    if answer == "!":
        raise OSError(19)
    return answer


class PipeBus:
    def writeto(self, address, data):
        ask(f"W {address} {hexlify(data).decode()}")

    def readfrom_into(self, address, buffer):
        buffer[:] = unhexlify(ask(f"R {address} {len(buffer)}"))


uptime = [0]


async def sleep_ms(ms):
    uptime[0] = int(ask(f"S {ms}"))


def uptime_ms():
    return uptime[0]


CLASSES = {
    "sht4x": "Sht4x",
    "scd41": "Scd41",
    "scd30": "Scd30",
    "sgp41": "Sgp41",
    "sps30": "Sps30",
    "sen5x": "Sen5x",
}
EXTRAS = {
    "sht4x": (),
    "scd41": (lambda: 9876,),
    "scd30": (lambda: 9876,),
    "sgp41": (uptime_ms, lambda: {"temperature": 1850, "humidity": 612}),
    "sps30": (uptime_ms,),
    "sen5x": (uptime_ms,),
}


def loaded(name):
    """A module of the drivers; only what is asked for is loaded, as on a node."""
    return __import__("barri_node.drivers." + name, None, None, ("*",))


def driver(name):
    make = getattr(loaded(name), CLASSES[name])
    return make(PipeBus(), sleep_ms, *EXTRAS[name])


async def measure(name, times, every_ms):
    gc.collect()
    before = gc.mem_alloc()
    part = driver(name)
    gc.collect()
    print("H", gc.mem_alloc() - before)
    await sleep_ms(3000)
    await part.start()
    for _ in range(times):
        await sleep_ms(every_ms)
        print("=", await part.measure())
    print("F", part.faults, part.last_fault)


def gas(kind):
    """One raw value a line, one index a line; an empty line ends it."""
    gas_index = loaded("gas_index")
    index = gas_index.GasIndex(gas_index.voc() if kind == "voc" else gas_index.nox())
    for line in sys.stdin:
        if not line.strip():
            return
        print(index.add(int(line)) or 0)


if sys.argv[1] == "gas":
    gas(sys.argv[2])
else:
    asyncio.run(measure(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
