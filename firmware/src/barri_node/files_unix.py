# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The littlefs of a node that runs on a PC, on a simulated flash: the code is the board's own.

Not for boards.
"""

import vfs

from barri_node.flash_unix import UNIT_BYTES, FlashBlockDevice


def filesystem(device: FlashBlockDevice) -> vfs.VfsLfs2:
    """Return the littlefs of a device with the parameters of the ESP32 port."""
    # The stubs make VfsLfs2 abstract, and want a base class that does not exist.
    return vfs.VfsLfs2(  # type: ignore[abstract]
        device,  # type: ignore[arg-type]
        progsize=UNIT_BYTES,
        readsize=UNIT_BYTES,
        lookahead=32,
    )


def make_filesystem(device: FlashBlockDevice) -> None:
    """Format a device as littlefs. Everything on it is gone."""
    vfs.VfsLfs2.mkfs(
        device,  # type: ignore[arg-type]  # as above
        progsize=UNIT_BYTES,
        readsize=UNIT_BYTES,
        lookahead=32,
    )


def mount(path: str, mountpoint: str, blocks: int) -> FlashBlockDevice:
    """Mount the littlefs in the host's file `path` and return its device.

    Formats only when the file is made now: a file system that does not mount raises OSError
    and is never formatted silently, since the records in it could still be saved.
    """
    device = FlashBlockDevice(path, blocks)
    if device.is_new:
        make_filesystem(device)
    vfs.mount(filesystem(device), mountpoint)
    return device
