# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Takes from a board what is personal: records, keys, Wi-Fi. The firmware stays.

Files that are deleted stay in the flash until something is written over them, so what is free is
filled once. No proof against a laboratory: a flash chip may keep old pages.
"""

from barri_tools.node.console import Console
from barri_tools.node.loader import Progress
from barri_tools.node.partitions import LOG_NAME

# The program; a node that wipes itself keeps the same (`barri_node/life/wipe.py`).
_PROGRAM = ("boot.py", "main.py", "main.mpy", "lib", "barri_node", "barri_wire", "a", "b", "slots")
KEPT = (*_PROGRAM, "board.json")  # trees that came over the air included
_DATA = "data"
_COUNTERS = ("energy_", "pulses_")  # what a meter has counted, by `barri_node/energy/fit.py`
_NVS = "nvs"  # where the chip itself keeps the last Wi-Fi name and password
_FILL = "fill.new"
_BLOCKS_A_TIME = 8  # an erase takes 45 ms, up to 400 ms on an old chip

_CODE = f"""\
def _partition(label):
    try:
        from esp32 import Partition
    except ImportError:
        return None
    found = Partition.find(Partition.TYPE_DATA, label=label)
    return found[0] if found else None
def _blocks(label):
    partition = _partition(label)
    return partition.ioctl(4, 0) if partition else 0
def _erase(label, first, last):
    partition = _partition(label)
    for block in range(first, last):
        partition.ioctl(6, block)
def _remove_all(path):
    try:
        entries = list(os.ilistdir(path))
    except OSError:
        return
    for entry in entries:
        name = path + "/" + entry[0]
        if entry[1] & 0x4000:
            if entry[0] not in (".", ".."):
                _remove_all(name)
                os.rmdir(name)
        else:
            os.remove(name)
def _remove_all_but(kept):
    for entry in list(os.ilistdir()):
        if entry[0] in kept or entry[0] in (".", ".."):
            continue
        if entry[1] & 0x4000:
            _remove_all(entry[0])
            os.rmdir(entry[0])
        else:
            os.remove(entry[0])
def _remove_named(starts):
    for entry in list(os.ilistdir()):
        if entry[0].startswith(starts):
            os.remove(entry[0])
def _fill(most_bytes):
    block, written = bytes(4096), 0
    try:
        with open("{_FILL}", "ab") as file:
            while written < most_bytes:
                file.write(block)
                written += 4096
    except OSError:
        return False
    return True
"""
_FILL_BYTES = 64 * 1024  # a call, so that the board answers now and then
_MOST_FILLS = 256  # 16 MB


def erase_records(console: Console, progress: Progress = lambda _: None) -> None:
    """Empty the log, in its partition and in files, and forget what a meter has counted: the next
    household's series is not to begin with the energy of the last. Raises NodeToolError.
    """
    console.run(_CODE)
    _erase(console, LOG_NAME, progress)
    console.run(f"_remove_all({_DATA!r})")
    console.run(f"_remove_named({_COUNTERS!r})")


def wipe(console: Console, progress: Progress = lambda _: None) -> None:
    """Erase records, settings and the chip's own store of Wi-Fi. Raises NodeToolError."""
    erase_records(console, lambda share: progress(share * 0.6))
    console.run(f"_remove_all_but({KEPT!r})")
    _erase(console, _NVS, lambda _: None)
    for turn in range(_MOST_FILLS):
        progress(0.6 + 0.4 * turn / _MOST_FILLS)
        if not console.ask(f"_fill({_FILL_BYTES})"):
            break
    console.remove(_FILL)
    progress(1.0)


def _erase(console: Console, label: str, progress: Progress) -> None:
    blocks = int(console.ask(f"_blocks({label!r})"))
    for first in range(0, blocks, _BLOCKS_A_TIME):
        last = min(blocks, first + _BLOCKS_A_TIME)
        console.run(f"_erase({label!r}, {first}, {last})")
        progress(last / blocks)
