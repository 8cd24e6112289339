# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What people desire of a node, taken over the air into its settings; the next boot obeys it.

Only the newest version counts. It stands beside what the cable said, as `desired`, and never makes
a quantity wanted again that is unwanted there. Loaded when such a message comes.
"""

from barri_node.kept_settings import content, replace
from barri_wire.messages_desired import (
    IN_FORCE,
    REFUSED_FLASH,
    REFUSED_OLDER,
    REFUSED_QUANTITY,
    REFUSED_WINDOW,
    Desired,
    decode_desired,
)
from barri_wire.quantities import BY_ID


def take(body: bytes, path: str, in_force: int) -> int:
    """Write a desired state into the settings at `path`. in_force: the version that runs.

    Gives IN_FORCE, and a restart is due, or REFUSED_...: nothing has changed. Raises FrameError.
    """
    desired = decode_desired(body)
    if desired.version <= in_force:
        return REFUSED_OLDER
    if desired.window_s and 86400 % desired.window_s:
        return REFUSED_WINDOW
    if any([quantity_id not in BY_ID for quantity_id in desired.unwanted]):
        return REFUSED_QUANTITY
    try:
        _keep(desired, path)
    except (OSError, ValueError):
        return REFUSED_FLASH
    return IN_FORCE


def _keep(desired: Desired, path: str) -> None:
    given = content(path)
    given["desired"] = {
        "version": desired.version,
        "window_s": desired.window_s,
        "unwanted": [BY_ID[quantity_id].name for quantity_id in desired.unwanted],
    }
    replace(path, given)
