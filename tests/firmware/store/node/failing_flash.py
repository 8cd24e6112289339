# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Flash that loses its power in the middle of an operation, or refuses to work."""

import random

from barri_node.flash_unix import BLOCK_BYTES, ERASE, UNIT_BYTES, FlashBlockDevice

_EIO = 5


class PowerCutError(Exception):
    """The lights went out."""


class CutFlash(FlashBlockDevice):
    """Cuts the power in its n-th program or erase from `arm(n)` on, and is dead from then on.

    A cut program has a whole front part, one byte with some of its bits programmed, and an
    untouched rest. A cut erase has erased some front part of the block.
    """

    left = -1
    dead = False
    buried = False

    def arm(self, operations):
        self.left = operations

    def program(self, block, offset, data):
        if not self._cut():
            super().program(block, offset, data)
            return
        at = random.randrange(len(data))
        before = bytearray(len(data))
        super().readblocks(block, before, offset)
        torn = before[at] & (data[at] | random.getrandbits(8))
        self.put(block, offset, bytes(data[:at]) + bytes([torn]))
        self._die()

    def erase(self, block):
        if not self._cut():
            super().erase(block)
            return
        for offset in range(0, random.randrange(BLOCK_BYTES), UNIT_BYTES):
            self.put(block, offset, b"\xff" * UNIT_BYTES)
        self._die()

    def bury(self):
        """The node is gone too: finalisers of files that it left open get an error, silently."""
        self.buried = True

    def readblocks(self, block, buf, offset=0):
        return self._dead() or super().readblocks(block, buf, offset)

    def writeblocks(self, block, buf, offset=None):
        return self._dead() or super().writeblocks(block, buf, offset)

    def ioctl(self, request, argument):
        return self._dead() or super().ioctl(request, argument)

    def _dead(self):
        if self.dead and not self.buried:
            raise PowerCutError
        return -_EIO if self.buried else 0

    def _cut(self):
        self.left -= 1
        return self.left == 0

    def _die(self):
        self.dead = True
        raise PowerCutError


class BrokenFlash(FlashBlockDevice):
    """Does `good_operations` programs and erases, then answers errors.

    It answers -EIO. A driver that raises would unwind littlefs itself, leave its open file behind
    and let the collector's finaliser write once more: MicroPython 1.29 crashes on that.
    """

    good_operations = 1 << 30

    def writeblocks(self, block, buf, offset=None):
        return self._refused() or super().writeblocks(block, buf, offset)

    def ioctl(self, request, argument):
        return (request == ERASE and self._refused()) or super().ioctl(request, argument)

    def program(self, block, offset, data):
        """After an error littlefs tries the same place again, reads it back and moves on."""
        before = bytearray(len(data))
        super().readblocks(block, before, offset)
        super().program(block, offset, bytes([before[i] & data[i] for i in range(len(data))]))

    def _refused(self):
        self.good_operations -= 1
        return -_EIO if self.good_operations < 0 else 0


class WornFlash(FlashBlockDevice):
    """Blocks of which one in `one_in` has a bit that can no longer be programmed."""

    one_in = 4

    def put(self, block, offset, data):
        if block % self.one_in == 3 and offset == 64:
            data = bytes([data[0] | 1]) + bytes(data[1:])
        super().put(block, offset, data)
