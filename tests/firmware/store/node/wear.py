# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What minute records of the noise kit cost in flash. Prints `name value` lines."""

import gc
import os
import random

import vfs
from counting_flash import CountingFlash

from barri_node.files_unix import filesystem, make_filesystem
from barri_node.store.files import SegmentFiles
from barri_node.store.ringlog import RingLog
from barri_wire.schema import KITS

SEGMENT_BYTES = 4096


def main(arguments):
    path = arguments[0]
    segments, flush_every, records = [int(argument) for argument in arguments[1:]]
    flash = CountingFlash(path, segments + SegmentFiles.overhead_bytes // SEGMENT_BYTES)
    make_filesystem(flash)
    vfs.mount(filesystem(flash), "/flash")
    random.seed(1)
    log = open_log(segments)
    log.next_boot()
    measure(log, records // 4, flush_every)
    before = (flash.programmed_bytes, flash.erases, log._shelf.kept_bytes)
    measure(log, records, flush_every)
    kept = log._shelf.kept_bytes - before[2]
    print("kept_bytes_per_record", kept / records)
    print("write_amplification", (flash.programmed_bytes - before[0]) / kept)
    print("kept_bytes_per_erase", kept / (flash.erases - before[1]))
    print("records_held", log.flushed - log.oldest)
    print("segments_held", len(log._shelf.firsts))
    print("write_failures", log.write_failures)
    log = None
    report_opening(flash, segments)


def report_opening(flash, segments):
    gc.collect()
    free, reads, read_bytes = gc.mem_free(), flash.reads, flash.read_bytes
    log = open_log(segments)
    print("open_reads", flash.reads - reads)
    print("open_read_bytes", flash.read_bytes - read_bytes)
    gc.collect()
    print("open_heap_bytes", free - gc.mem_free())
    reads = flash.reads
    log.read(log.oldest, 30)
    print("first_read_reads", flash.reads - reads)


def open_log(segments):
    return RingLog("/flash/log", segments * SEGMENT_BYTES, KITS["noise"], os.urandom)


def measure(log, records, flush_every):
    """A quiet street: levels that wander by some dB from minute to minute."""
    for i in range(records):
        start_s = 820000000 + 60 * log.next_sequence
        laeq = 520 + random.getrandbits(6)
        temperature = 2150 + random.getrandbits(4)
        values = (
            laeq, laeq + 100 + random.getrandbits(7), laeq - 90 - random.getrandbits(5),
            laeq + 30 + random.getrandbits(4), laeq - 20 - random.getrandbits(4),
            laeq - 60 - random.getrandbits(5), 1000, temperature, 80,
        )  # fmt: skip
        log.append(start_s, 60, values, None)
        log.release(max(0, log.flushed - 5))
        if i % flush_every == flush_every - 1:
            log.flush()
    log.flush()
