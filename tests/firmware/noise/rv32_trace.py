# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Everything a meter keeps, after every block. Runs on MicroPython and CPython.

As a script: rv32_trace.py SAMPLES RATE SIZES, SIZES being numbers of samples with commas.
"""

import binascii
import json
import sys


def state(thing):
    """Give a meter's numbers by name; arrays as the CRC of their bytes."""
    found = {}
    for name in thing.__dict__:
        value = getattr(thing, name)
        if value is None or isinstance(value, (int, str)):
            found[name] = value
        elif hasattr(value, "__dict__"):
            found[name] = state(value)
        elif not isinstance(value, (dict, tuple)):
            found[name] = binascii.crc32(bytes(memoryview(value)))
    return found


def trace(meter, file, sizes):
    """Feed blocks of these sizes in turn, a window after every seventh; give all states."""
    buffer, turn = memoryview(bytearray(4 * max(sizes))), 0
    while True:
        wanted = 4 * sizes[turn % len(sizes)]
        count = file.readinto(buffer[:wanted])
        meter.feed(buffer, count)
        turn += 1
        yield state(meter)
        if turn % 7 == 0:
            yield meter.close_window()
        if count < wanted:
            break
    yield meter.close_window()


def main(path, rate, sizes):
    from barri_node.noise import kernel  # noqa: PLC0415 - only as a script: the test has its own
    from barri_node.noise.meter import Meter  # noqa: PLC0415

    assert kernel.VIPER, "this MicroPython has no viper"
    with open(path, "rb") as file:
        meter = Meter(int(rate), settle_ms=3)
        for numbers in trace(meter, file, [int(n) for n in sizes.split(",")]):
            print(json.dumps(numbers))


if __name__ == "__main__":
    main(*sys.argv[1:])
