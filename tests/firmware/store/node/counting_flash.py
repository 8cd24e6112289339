# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A simulated flash that counts what is done to it."""

from barri_node.flash_unix import FlashBlockDevice


class CountingFlash(FlashBlockDevice):
    """Counts from 0: reads, read_bytes, programs, programmed_bytes, erases."""

    def __init__(self, path, blocks):
        self.reads = self.read_bytes = self.programs = self.programmed_bytes = self.erases = 0
        super().__init__(path, blocks)

    def readblocks(self, block, buf, offset=0):
        self.reads += 1
        self.read_bytes += len(buf)
        super().readblocks(block, buf, offset)

    def program(self, block, offset, data):
        super().program(block, offset, data)
        self.programs += 1
        self.programmed_bytes += len(data)

    def erase(self, block):
        self.erases += 1
        super().erase(block)
