# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Runs on MicroPython: a kept file on littlefs, with the power cut at every program and erase.

Each is tried with the last program whole and torn in the middle; that unsynced writes change their
order is not. Prints how many cuts there were, then for how many of them the old state was found,
and for how many the new one.
"""

import vfs

from barri_node.energy.kept_file import KeptFile

BLOCK_BYTES = 4096
BLOCKS = 8
OLD, NEW = b"the old state of 19", b"the new state of 19"


class PowerCutError(Exception):
    pass


class Flash:
    """A block device that loses its power after the operation with number `cut` (0: never).

    torn: of that one only half is done.
    """

    def __init__(self, image=None):
        self.image = bytearray(image or b"\xff" * (BLOCK_BYTES * BLOCKS))
        self.cut = 0
        self.torn = False
        self.operations = 0

    def _use(self):
        self.operations += 1
        if self.cut and self.operations > self.cut:
            raise PowerCutError
        return self.torn and self.operations == self.cut

    def readblocks(self, block, buffer, offset=0):
        start = block * BLOCK_BYTES + offset
        buffer[:] = self.image[start : start + len(buffer)]

    def writeblocks(self, block, data, offset=0):
        half = self._use()
        start = block * BLOCK_BYTES + offset
        kept = len(data) // 2 if half else len(data)
        self.image[start : start + kept] = data[:kept]

    def ioctl(self, operation, argument):
        if operation == 4:
            return BLOCKS
        if operation == 5:
            return BLOCK_BYTES
        if operation == 6:
            self._use()
            start = argument * BLOCK_BYTES
            self.image[start : start + BLOCK_BYTES] = b"\xff" * BLOCK_BYTES
        return 0


def with_flash(flash, act):
    """Mount, act, unmount; a power cut ends the act."""
    vfs.mount(vfs.VfsLfs2(flash, progsize=16, readsize=16), "/cut")
    try:
        return act(KeptFile("/cut/counter"))
    except (PowerCutError, OSError):
        return None
    finally:
        vfs.umount("/cut")


def save_new(kept):
    kept.save(NEW)


def prepared():
    flash = Flash()
    vfs.VfsLfs2.mkfs(flash, progsize=16, readsize=16)
    with_flash(flash, lambda kept: kept.save(OLD))
    return flash.image


def main():
    image = prepared()
    whole = Flash(image)
    with_flash(whole, save_new)
    found = []
    for cut in range(2, 2 * (whole.operations + 1)):
        flash = Flash(image)
        flash.cut, flash.torn = cut // 2, bool(cut % 2)
        with_flash(flash, save_new)
        found.append(with_flash(Flash(flash.image), lambda kept: kept.load()))
    print("=", [len(found), found.count(OLD), found.count(NEW)])


main()
