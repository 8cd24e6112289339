# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Runs inside MicroPython (and CPython): feeds a file of samples to the firmware, prints JSON.

levels FILE RATE BLOCK_BYTES WINDOW_SAMPLES SETTLE_MS    one line of levels per window
energy FILE RATE SKIP_SAMPLES                            sum of energies after a skip, and count
trace FILE RATE BLOCK_BYTES                              every number the kernels leave behind
speed RATE SECONDS                                       ns per sample and bytes of heap
"""

import gc
import json
import sys
import time

from barri_node.noise import kernel, kernel_plain
from barri_node.noise import memory as at
from barri_node.noise.coefficients import A
from barri_node.noise.meter import Meter


def levels(path, rate, block_bytes, window_samples, settle_ms):
    meter = Meter(rate, settle_ms=settle_ms)
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


def _passes(functions, path, rate, block_bytes):
    """Yield (pairs, energies, all memories) after each block."""
    high_pass, top_energy, time_weight = functions
    weighting = at.weigh_memory(A[rate])
    following = at.time_weight_memory(A[rate]["full_scale"] - 81633)
    filtered, energies = at.zeros(block_bytes // 4), at.zeros(2 * at.MOST_SUB_BLOCKS)
    histogram = at.zeros(at.LOUDEST_DDB + 1)
    buffer = bytearray(block_bytes)
    with open(path, "rb") as samples:
        got = samples.readinto(buffer)
        while got:
            high_pass(weighting, buffer, got // 4, filtered)
            pairs = top_energy(weighting, filtered, got // 4, energies)
            time_weight(following, energies, pairs, histogram)
            yield pairs, energies, (weighting, following, filtered, histogram)
            following[at.SUM_HIGH] = following[at.SUM_LOW] = 0
            got = samples.readinto(buffer)


def energy(path, rate, skip_samples):
    functions = kernel.high_pass, kernel.top_energy, kernel.time_weight
    skip = skip_samples // A[rate]["sub_block"]
    total = count = 0
    for pairs, energies, _ in _passes(functions, path, rate, 8000):
        for i in range(pairs):
            if skip:
                skip -= 1
                continue
            total += energies[2 * i] + (energies[2 * i + 1] << 18)
            count += 1
    print(json.dumps([total, count]))


def trace(path, rate, block_bytes, plain):
    functions = kernel.high_pass, kernel.top_energy, kernel.time_weight
    if plain:
        functions = kernel_plain.high_pass, kernel_plain.top_energy, kernel_plain.time_weight
    for pairs, energies, memories in _passes(functions, path, rate, block_bytes):
        weighting, following, filtered, histogram = memories
        for numbers in (energies[: 2 * pairs], weighting, following, filtered):
            print(json.dumps(list(numbers)))
        print(json.dumps([(i, histogram[i]) for i in range(len(histogram)) if histogram[i]]))


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
        known[command](arguments[0], *[int(a) for a in arguments[1:]])


main(*sys.argv[1:])
