# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The file of settings in flash: what it says, and how it is replaced. The one before is kept.

Wherever the power goes, the old settings or the new ones are found at the next start. Not in
memory while the app runs.
"""

import json
import os

from micropython import const

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from typing import Any


def previous(path: str) -> str:
    """Where the settings before these are: `settings.previous.json`."""
    return path.replace(".json", ".previous.json")


def content(path: str) -> "Any":
    """What the file holds; if it cannot be read, what the one before holds.

    Raises OSError or ValueError as the file itself does, if neither can be read.
    """
    try:
        return _json(path)
    except (OSError, ValueError) as error:
        try:
            return _json(previous(path))
        except (OSError, ValueError):
            raise error


def replace(path: str, given: "dict[str, object]") -> None:
    """Put settings in the place of those that are there. Raises OSError; the old ones stay then.

    Between the two renames there is only the one before, which `content` then gives.
    """
    with open(path + ".new", "w") as file:
        file.write(json.dumps(given))
    if _is_sound(path):
        os.rename(path, previous(path))
    os.rename(path + ".new", path)


def _json(path: str) -> "Any":
    with open(path) as file:
        return json.load(file)


def _is_sound(path: str) -> bool:
    """Whether it is worth keeping: the last good settings may be the ones before it."""
    try:
        _json(path)
    except (OSError, ValueError):
        return False
    return True
