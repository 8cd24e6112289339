# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What the chips really gave out, as they gave it: the truth that reports are computed from."""

import json
from collections import deque
from pathlib import Path
from threading import Lock
from typing import NamedTuple, TextIO


class Entry(NamedTuple):
    """One physical value that a chip's reading stood for; None: the chip had no reading."""

    chip: str
    quantity: str
    t_us: int
    value: float | None


class Journal:
    """The newest `limit` entries in memory and, if a path is given, every entry in a file.

    The file has one JSON array a line: chip, quantity, t_us, value. `dropped` counts what has left
    the memory. Safe to use from several threads.
    """

    def __init__(self, path: Path | None = None, limit: int = 200_000) -> None:
        self._entries: deque[Entry] = deque(maxlen=limit)
        self._lock = Lock()
        self._file: TextIO | None = path.open("w", encoding="utf-8") if path else None
        self.dropped = 0

    def note(self, chip: str, quantity: str, t_us: int, value: float | None) -> None:
        """Add one entry. t_us: the simulated moment that the value belongs to."""
        entry = Entry(chip, quantity, t_us, value)
        with self._lock:
            self.dropped += len(self._entries) == self._entries.maxlen
            self._entries.append(entry)
            if self._file is not None:
                self._file.write(json.dumps(entry) + "\n")

    def entries(self, chip: str | None = None, quantity: str | None = None) -> list[Entry]:
        """Give the entries in the order noted, all or those of one chip or quantity."""
        with self._lock:
            found = list(self._entries)
        return [e for e in found if chip in (None, e.chip) and quantity in (None, e.quantity)]

    def close(self) -> None:
        """Write out and close the file; entries in memory stay readable."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None
