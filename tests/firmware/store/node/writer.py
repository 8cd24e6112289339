# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Writes records as fast as it can until it is killed; or says what it finds (`look`)."""

import os

from barri_node import files_unix
from barri_node.store.ringlog import RingLog
from barri_wire.schema import KITS


def main(arguments):
    files_unix.mount(arguments[0], "/flash", 64)
    log = RingLog("/flash/log", 32 * 4096, KITS["energy"], os.urandom)
    boot = log.next_boot()
    print("open", boot, log.oldest, log.next_sequence, len(log.lost_ranges()))
    if arguments[1] == "look":
        look(log)
    else:
        write(log)


def look(log):
    sequence = log.oldest
    while True:
        records = log.read(sequence, 30)
        if not records:
            return
        for record in records:
            print("held", record.sequence, record.values[0])
        sequence = records[-1].sequence + 1


def write(log):
    while True:
        sequence = log.append(0, 60, (log.next_sequence, 0, 1, 2, None), log.boot)
        log.flush()
        print("kept", sequence)
