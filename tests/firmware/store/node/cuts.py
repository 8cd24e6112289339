# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Lives of a node that each end in a power cut, all on one flash. Keeps a journal outside of it:

open STORE BOOT OLDEST NEXT RELEASED    held SEQUENCE CONTENT    lost FIRST COUNT
append SEQUENCE CONTENT                 flushed NEXT             released MARK     cut
"""

import os
import random

import vfs
from failing_flash import CutFlash, PowerCutError

from barri_node.files_unix import filesystem, make_filesystem
from barri_node.store.partition import RingPartition
from barri_node.store.ringlog import RingLog
from barri_wire.schema import KITS

BLOCKS = 40
CAPACITY_BYTES = 4 * 4096
LONGEST_LIFE = 160  # programs and erases; a segment takes about 250
FLUSHES = 200


def main(arguments):
    path, journal_path, seed, lives, medium = arguments
    random.seed(int(seed))
    live = {"raw": live_raw, "littlefs": live_on_littlefs}[medium]
    if medium == "littlefs":
        make_filesystem(CutFlash(path, BLOCKS))
    with open(journal_path, "w") as journal:
        for life in range(int(lives) + 1):
            live(path, Journal(journal), life < int(lives))


class Journal:
    def __init__(self, file):
        self._file = file

    def note(self, *words):
        self._file.write(" ".join([str(word) for word in words]) + "\n")


def live_raw(path, journal, cut):
    """Open the log in a raw partition, say what it holds and measure until the power goes."""
    flash = CutFlash(path, CAPACITY_BYTES // 4096, 1)
    if cut:
        flash.arm(random.randrange(1, LONGEST_LIFE))
    try:
        log = RingLog(RingPartition(flash), CAPACITY_BYTES, KITS["noise"], os.urandom)
        report(log, journal)
        if cut:
            measure(log, journal)
    except PowerCutError:
        journal.note("cut")
    flash.close()


def live_on_littlefs(path, journal, cut):
    """Open the log, say what it holds and go on measuring until the power goes."""
    flash = CutFlash(path, BLOCKS)
    if cut:
        flash.arm(random.randrange(1, LONGEST_LIFE))
    try:
        vfs.mount(filesystem(flash), "/flash")
        log = RingLog("/flash/log", CAPACITY_BYTES, KITS["noise"], os.urandom)
        report(log, journal)
        if cut:
            measure(log, journal)
    except PowerCutError:
        journal.note("cut")
    flash.bury()
    vfs.umount("/flash")
    flash.close()


def report(log, journal):
    boot = log.next_boot()
    sequence = log.oldest
    while True:
        records = log.read(sequence, 30)
        for record in records:
            journal.note("held", record.sequence, content(record))
        if not records:
            break
        sequence = records[-1].sequence + 1
    for first, count, _ in log.lost_ranges():
        journal.note("lost", first, count)
    journal.note("open", log.store_id, boot, log.oldest, log.next_sequence, log.released)


def measure(log, journal):
    for _ in range(FLUSHES):
        for _ in range(random.choice((1, 1, 1, 3, 12))):
            append(log, journal)
        log.flush()
        journal.note("flushed", log.flushed)
        chance = random.getrandbits(3)
        if chance == 0:
            log.note_anchor(log.boot, random.getrandbits(20), 800000000)
        elif chance == 1:
            mark = random.randrange(log.released, log.flushed + 1)
            journal.note("released", mark)
            log.release(mark)


def append(log, journal):
    boot = random.choice((None, log.boot))
    start_s = random.getrandbits(24) + (0 if boot else 800000000)
    values = [500 + random.getrandbits(8) for _ in range(9)]
    values[random.randrange(9)] = random.choice((None, -5000, 2147483647, -2147483648))
    duration_s = random.choice((60, 60, 60, 59, 86400))
    sequence = log.append(start_s, duration_s, tuple(values), boot)
    journal.note("append", sequence, written(start_s, duration_s, values, boot))


def content(record):
    return written(record.start_s, record.duration_s, record.values, record.boot)


def written(start_s, duration_s, values, boot):
    parts = [boot, start_s, duration_s]
    parts.extend(values)
    return ",".join([str(part) for part in parts])
