# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A node whose flash is worn, or refuses to work now and then. Prints what it refused and kept."""

import os
import random

import vfs
from failing_flash import BrokenFlash, WornFlash

from barri_node.files_unix import filesystem, make_filesystem
from barri_node.store.errors import StoreError
from barri_node.store.ringlog import RingLog
from barri_wire.schema import KITS

BLOCKS = 64


def main(arguments):
    path, kind, seed = arguments
    random.seed(int(seed))
    device = {"broken": BrokenFlash, "worn": WornFlash}[kind]
    make_filesystem(device(path, BLOCKS))
    flash = device(path, BLOCKS)
    log = mounted(flash)
    for n in range(600):
        # It breaks after some operations, so in the middle of what littlefs does.
        flash.good_operations = random.randrange(5) if n % 40 > 30 else 1 << 30
        log.append(n, 60, (n, 0, 0, 0, None), 1)
        try:
            log.flush()
        except StoreError:
            print("refused", n)
    flash.good_operations = 1 << 30
    log.flush()
    print("flushed", log.flushed)
    vfs.umount("/flash")
    report(mounted(device(path, BLOCKS)))


def mounted(flash):
    vfs.mount(filesystem(flash), "/flash")
    return RingLog("/flash/log", 24 * 4096, KITS["energy"], os.urandom)


def report(log):
    sequence = log.oldest
    while True:
        records = log.read(sequence, 30)
        if not records:
            break
        for record in records:
            print("held", record.sequence, record.values[0])
        sequence = records[-1].sequence + 1
    for first, count, _ in log.lost_ranges():
        print("lost", first, count)
