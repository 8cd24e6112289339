# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Which program tree runs: the one that came by cable, `/a` or `/b`. Imports only `os`.

One line in the file `slots` says so, replaced as a whole by a rename: a power cut leaves the old
line or the new one. `boot.py` uses the cable's copy of this file with trees of later releases, so
that what the line looks like can never change.
"""

import os
from binascii import crc32

CABLE = "-"
_FILE = "slots"
_FIELDS = ("run", "serial", "trial", "next", "tried", "failed", "times")
_DIGITS_MAX = 8
_LINE_BYTES = 200


class Slots:
    """root: the folder that holds boot.py, `a` and `b`. Reading never fails: what cannot be read
    means the tree that came by cable.

    run, serial: the tree that has proven itself, and its release's serial number (0 by cable).
    trial, next: the tree to be tried, or CABLE for none. tried: 1, it has been started. failed,
    times: the serial whose trial failed last, and how often.
    """

    def __init__(self, root: str) -> None:
        self._root = root.rstrip("/") + "/"
        self._forget()
        self.read()

    def _forget(self) -> None:
        self.run, self.serial = CABLE, 0
        self.trial, self.next, self.tried = CABLE, 0, 0
        self.failed, self.times = 0, 0

    @property
    def spare(self) -> str:
        """The tree that may be written: never the one that runs."""
        return "b" if self.run == "a" else "a"

    def path(self, tree: str) -> str:
        """The folder of a tree, with a slash at its end."""
        return self._root if tree == CABLE else self._root + tree + "/"

    def is_whole(self, tree: str) -> bool:
        """Say whether a tree has a main.py: it comes last, and goes first where one is erased."""
        try:
            size: int = os.stat(self.path(tree) + "main.py")[6]
        except OSError:
            return False
        return size > 0

    def begin(self) -> "tuple[str, bool]":
        """A boot begins: give the tree to run, and whether this is its trial.

        A trial is noted before it starts; one that was noted and not confirmed has failed. Where
        that cannot be noted nothing is tried.
        """
        if self.trial != CABLE:
            try:
                if self._begin_trial():
                    return self.trial, True
            except OSError:
                pass  # flash refuses: the proven tree needs no note
        for tree in (self.run, CABLE, "a", "b"):  # the latter where somebody has deleted things
            if self.is_whole(tree):
                return tree, False
        return CABLE, False

    def _begin_trial(self) -> bool:
        if self.tried or not self.is_whole(self.trial):
            self._give_up_trial()
            return False
        self.tried = 1
        self._write()
        return True

    def _give_up_trial(self) -> None:
        self.times = self.times + 1 if self.failed == self.next else 1
        self.failed = self.next
        self.trial, self.next, self.tried = CABLE, 0, 0
        self._write()

    def note_trial(self, serial: int) -> None:
        """The spare tree is whole and verified: the next boot tries it. Raises OSError."""
        self.trial, self.next, self.tried = self.spare, serial, 0
        self._write()

    def confirm(self) -> None:
        """The tree on trial has proven itself, and runs from now on. Raises OSError."""
        self.run, self.serial = self.trial, self.next
        self.trial, self.next, self.tried = CABLE, 0, 0
        self.failed, self.times = 0, 0
        self._write()

    # --- the line ---

    def _line(self) -> str:
        words = ["{}={}".format(name, getattr(self, name)) for name in _FIELDS]
        text = " ".join(words)
        return "{} crc={:08x}\n".format(text, crc32(text.encode()))

    def _write(self) -> None:
        path = self._root + _FILE
        with open(path + ".new", "wb") as file:
            file.write(self._line().encode())
        os.rename(path + ".new", path)

    def read(self) -> None:
        """Take what flash says now."""
        try:
            with open(self._root + _FILE, "rb") as file:
                line: bytes = file.read(_LINE_BYTES)
        except OSError:
            line = b""
        self._forget()
        if not self._take(line):
            self._forget()

    def _take(self, line: bytes) -> bool:
        """Take the fields of a line; False unless we could have written it to the letter."""
        words = line.split(b" ")
        if len(words) != len(_FIELDS) + 1:
            return False
        for name, word in zip(_FIELDS, words):  # noqa: B905  # the last word is the sum
            value = word[len(name) + 1 :]
            if name in ("run", "trial"):
                if value not in (b"-", b"a", b"b"):
                    return False
                setattr(self, name, value.decode())
            elif 0 < len(value) <= _DIGITS_MAX and value.isdigit():
                setattr(self, name, int(value.decode()))
            else:
                return False
        clash = self.trial != CABLE and self.trial == self.run
        return not clash and self._line().encode() == line
