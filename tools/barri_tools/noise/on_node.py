# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
# mypy: ignore-errors
# ruff: noqa: T201 - what it prints is its result
"""Runs inside MicroPython (and CPython): feeds a file of samples to the firmware, prints JSON.

levels FILE RATE MICROPHONE BLOCK_BYTES WINDOW_SAMPLES SETTLE_MS SLOW   levels, a line a window
energy FILE RATE MICROPHONE PART_BYTES SKIP_BYTES      [A, C] energy of each part, count
trace FILE RATE MICROPHONE BLOCK_BYTES PLAIN           every number the kernels leave behind
speed RATE SECONDS                                     ns per sample, bytes of heap, viper or not
"""

import gc
import json
import sys
import time

from barri_node.noise import kernel, kernel_plain
from barri_node.noise import memory as at
from barri_node.noise.coefficients import AT_24000, AT_48000
from barri_node.noise.meter import Meter


def row(rate, microphone):
    return (AT_48000 if rate == 48000 else AT_24000)[microphone]


def levels(path, rate, microphone, block_bytes, window_samples, settle_ms, slow):
    meter = Meter(rate, microphone, settle_ms=settle_ms, slow=bool(slow))
    buffer = memoryview(bytearray(block_bytes))
    missing = 4 * (window_samples + rate * settle_ms // 1000)
    with open(path, "rb") as samples:
        while True:
            got = samples.readinto(buffer[: min(block_bytes, missing)])
            meter.feed(buffer, got)
            missing -= got
            if missing == 0 or got == 0:
                print(json.dumps(meter.close_window()))
                missing = 4 * window_samples
            if got == 0:
                return


def energy(path, rate, microphone, part_bytes, skip_bytes):
    """The file is parts of sound; each starts with something to skip, filters run on."""
    weighing = at.weigh_memory(row(rate, microphone))
    buffer = memoryview(bytearray(40 * 47 * 4))
    energies = at.zeros(4 * (40 * 47 // 24 + 1))
    with open(path, "rb") as samples:
        done, sums = 0, [0, 0, 0]
        while True:
            got = samples.readinto(buffer[: min(len(buffer), part_bytes - done)])
            if not got:
                return
            count = kernel.weigh(0, 0, weighing, buffer, got // 4, energies)
            if done >= skip_bytes:
                for i in range(count):
                    sums[0] += energies[4 * i] + (energies[4 * i + 1] << 18)
                    sums[1] += energies[4 * i + 2] + (energies[4 * i + 3] << 18)
                sums[2] += count
            done += got
            if done == part_bytes:
                print(json.dumps(sums))
                done, sums = 0, [0, 0, 0]


def trace(path, rate, microphone, block_bytes, plain):
    weigh, time_weight = kernel.weigh, kernel.time_weight
    if plain:
        weigh, time_weight = kernel_plain.weigh, kernel_plain.time_weight
    weighing = at.weigh_memory(row(rate, microphone))
    fast, slow = at.time_weight_memory(), at.time_weight_memory(True)
    energies, marks = at.zeros(4 * (block_bytes // 80)), at.zeros(40)
    buffer = bytearray(block_bytes)
    with open(path, "rb") as samples:
        got = samples.readinto(buffer)
        while got:
            count = weigh(0, 0, weighing, buffer, got // 4, energies)
            print(json.dumps([count, list(energies[: 4 * count]), list(weighing)]))
            for following in (fast, slow):
                marked = time_weight(following, energies, count, marks)
                print(json.dumps([marked, list(marks[: 2 * marked]), list(following)]))
            got = samples.readinto(buffer)


def speed(rate, seconds):
    gc.collect()
    before = gc.mem_alloc() if hasattr(gc, "mem_alloc") else 0
    meter = Meter(rate, settle_ms=0)
    gc.collect()
    heap = gc.mem_alloc() - before if hasattr(gc, "mem_alloc") else 0
    block = bytearray(bytes(range(256)) * 37)  # 2,368 samples
    start_s = time.time()
    for _ in range(seconds * rate // (len(block) // 4)):
        meter.feed(block, len(block))
    print(json.dumps([(time.time() - start_s) * 1e9 / (seconds * rate), heap, kernel.VIPER]))


def main(command, *arguments):
    if command == "speed":
        speed(*[int(a) for a in arguments])
    else:
        known = {"levels": levels, "energy": energy, "trace": trace}
        path, rate, microphone = arguments[:3]
        known[command](path, int(rate), microphone, *[int(a) for a in arguments[3:]])


if __name__ == "__main__":
    main(*sys.argv[1:])
