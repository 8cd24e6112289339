# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Reads what a switched-off node holds in its flash, with a MicroPython of its own."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from barri_tools.firmware import FirmwareError, program

_SCRIPT = """
import json, os, sys
from barri_node import files_unix, flash_unix
from barri_node.store.ringlog import RingLog
from barri_wire.schema import KITS
if sys.argv[5] == "raw":
    from barri_node.store.partition import RingPartition
    medium = RingPartition(flash_unix.FlashBlockDevice(sys.argv[1], int(sys.argv[3]), 1))
else:
    files_unix.mount(sys.argv[1], "/data", int(sys.argv[3]))
    medium = "/data/log"
schema = KITS[sys.argv[2] if sys.argv[2] in KITS else "air"]  # for records to come: there are none
log = RingLog(medium, int(sys.argv[4]), schema, os.urandom)
print(json.dumps([log.store_id, log.oldest, log.next_sequence, log.released, log.lost_total]))
"""


@dataclass(frozen=True)
class FlashContent:
    """What a node's ring log holds. Sequences: oldest held, next, and the acknowledged mark."""

    store_id: int
    oldest: int
    next_sequence: int
    acknowledged: int
    lost: int


def read(
    image: Path,
    kit: str,
    firmware: Path,
    blocks: int = 256,
    log_bytes: int = 640 * 1024,
    raw: bool = False,
) -> FlashContent:
    """Open a copy of the image, so that the node's own flash stays as it was.

    raw: the image is a ring's partition of `blocks` blocks, not a littlefs.
    """
    micropython = program("micropython")
    if micropython is None:
        raise FirmwareError("micropython is missing")
    copy = image.with_suffix(".reading")
    copy.write_bytes(image.read_bytes())
    arguments = [str(copy), kit, str(blocks), str(log_bytes), "raw" if raw else "littlefs"]
    try:
        done = subprocess.run(  # noqa: S603
            [str(micropython), "-c", _SCRIPT, *arguments],
            env={**os.environ, "MICROPYPATH": f"{firmware}:.frozen"},
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
    finally:
        copy.unlink()
    if done.returncode:
        raise FirmwareError(f"{image.name} cannot be read: {done.stderr.strip()[-300:]}")
    return FlashContent(*json.loads(done.stdout))
