# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A small file beside a database: one process at a time may write, and did it end properly?"""

import fcntl
import os
from pathlib import Path

from barri.errors import StoreError

CLEAN = b"closed\n"
RUNNING = b"running\n"


class RunningMarker:
    """Held while a database is open for writing. Raises StoreError when another has it.

    `was_unclean`: the last holder did not close properly (power cut, crash), or was before
    this marker existed.
    """

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(database.name + ".state")
        self._fd = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o640)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._fd)
            raise StoreError(
                f"{database} is in use by another gateway: stop that one first"
            ) from error
        self.was_unclean = os.pread(self._fd, 16, 0) != CLEAN
        self._note(RUNNING)

    def release(self, clean: bool) -> None:
        """Let others in. clean: nothing needs to be checked at the next start."""
        if clean:
            self._note(CLEAN)
        os.close(self._fd)

    def _note(self, state: bytes) -> None:
        os.pwrite(self._fd, state, 0)
        os.ftruncate(self._fd, len(state))
        os.fsync(self._fd)
