# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Flash partitions as files beside the stand-in board's folder, for the unix port."""

import os

_BLOCK = 4096
_SIZES = {"barri_log": 32 * _BLOCK, "nvs": 6 * _BLOCK}


class Partition:
    TYPE_DATA = 1

    def __init__(self, label):
        self._label = label
        self._path = f"../{label}.bin"
        try:
            os.stat(self._path)
        except OSError:
            with open(self._path, "wb") as file:
                file.write(b"\xff" * _SIZES[label])

    @staticmethod
    def find(kind, label=None):
        if label is None:
            return [Partition(name) for name in sorted(_SIZES)]
        return [Partition(label)] if label in _SIZES else []

    def info(self):
        return (1, 6, 0, _SIZES[self._label], self._label, False)

    def ioctl(self, operation, block):
        if operation == 4:
            return _SIZES[self._label] // _BLOCK
        with open(self._path, "r+b") as file:  # 6: erase
            file.seek(block * _BLOCK)
            file.write(b"\xff" * _BLOCK)
        return 0

    def readblocks(self, block, buffer, offset=0):
        with open(self._path, "rb") as file:
            file.seek(block * _BLOCK + offset)
            file.readinto(buffer)
