# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A few bytes in a file that is whole after any power cut: written beside it, then renamed."""

import os

from micropython import const

_MOST_BYTES = const(64)


class KeptFile:
    """The keeper of a counter. path: on a file system whose rename replaces, as littlefs' does."""

    def __init__(self, path: str) -> None:
        self._path = path

    def load(self) -> "bytes | None":
        """Give what was saved last, or None if nothing was or it cannot be read."""
        try:
            with open(self._path, "rb") as file:
                state: bytes = file.read(_MOST_BYTES)
                return state
        except OSError:
            return None

    def save(self, state: bytes) -> None:
        """Keep `state`. Raises OSError when the flash is full or fails; the old one stays then."""
        beside = self._path + ".new"
        with open(beside, "wb") as file:
            file.write(state)
        os.rename(beside, self._path)
