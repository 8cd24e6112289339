# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Flash whose power is cut before a given operation, or in the middle of a write.

The folder is a real one; the modules under test get `open` and `os` from here.
"""

import os

from barri_node.update import fetching, slots, staging


class PowerCutError(Exception):
    """What the node is doing ends here."""


class Flash:
    """left: how many changes to flash still succeed; None: all. full: writes raise ENOSPC.

    torn: a write that the cut hits leaves half of its bytes, as littlefs would not.
    """

    def __init__(self):
        self.root = "/tmp/barri-update-" + "".join([f"{b:02x}" for b in os.urandom(6)])
        os.mkdir(self.root)
        self.left = None
        self.torn = False
        self.full = False
        self.changes = 0
        self.free = None
        for module in (slots, staging, fetching):
            module.open = self.open
        for module in (slots, staging):
            module.os = self

    # --- what the modules call ---

    def open(self, path, mode="r"):
        if "w" not in mode:
            return open(path, mode)
        self.change()
        return _File(self, open(path, mode))

    def stat(self, path):
        return os.stat(path)

    def listdir(self, path):
        return os.listdir(path)

    def statvfs(self, path):
        found = os.statvfs(path)
        return found if self.free is None else (4096, 4096, 0, self.free // 4096)

    def rename(self, old, new):
        self.change()
        os.rename(old, new)

    def remove(self, path):
        self.change()
        os.remove(path)

    def mkdir(self, path):
        self.change()
        os.mkdir(path)

    def rmdir(self, path):
        self.change()
        os.rmdir(path)

    def getcwd(self):
        return os.getcwd()

    def change(self):
        if self.full:
            raise OSError(28)
        self.changes += 1
        if self.left is not None:
            if not self.left:
                raise PowerCutError()
            self.left -= 1

    # --- what the tests look at ---

    def put(self, path, content):
        whole = self.root + "/" + path
        parts = path.split("/")[:-1]
        for i in range(len(parts)):
            folder = self.root + "/" + "/".join(parts[: i + 1])
            if not _exists(folder):
                os.mkdir(folder)
        with open(whole, "wb") as file:
            file.write(content)

    def files(self, folder=""):
        """All files below a folder of the root: path to content."""
        found = {}
        _collect(self.root + folder, "", found)
        return found

    def remove_all(self):
        _remove(self.root)
        for module in (slots, staging, fetching):
            del module.open
        for module in (slots, staging):
            module.os = os


class _File:
    def __init__(self, flash, file):
        self._flash = flash
        self._file = file

    def write(self, content):
        try:
            self._flash.change()
        except PowerCutError:
            if self._flash.torn:
                self._file.write(content[: len(content) // 2])
            self._file.close()
            raise
        return self._file.write(content)

    def close(self):
        self._file.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._file.close()


def _exists(path):
    try:
        os.stat(path)
    except OSError:
        return False
    return True


def _collect(path, name, found):
    if not _exists(path):
        return
    for kind, inner in [(row[1], row[0]) for row in os.ilistdir(path)]:
        below = name + "/" + inner if name else inner
        if kind == 0x4000:
            _collect(path + "/" + inner, below, found)
        else:
            with open(path + "/" + inner, "rb") as file:
                found[below] = file.read()


def _remove(path):
    for row in list(os.ilistdir(path)):
        if row[1] == 0x4000:
            _remove(path + "/" + row[0])
        else:
            os.remove(path + "/" + row[0])
    os.rmdir(path)
