# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Puts the compiled firmware and board.json onto a board's file system, and nothing twice.

main.py goes first off the board and comes last onto it: a board that is unplugged half-way starts
nothing, and the next run continues where this one ended.
"""

import hashlib
import json
import tempfile
from pathlib import Path
from typing import NamedTuple

from barri_tools.boards import Board, board_json
from barri_tools.firmware import compile_to
from barri_tools.microcontrollers import MICROCONTROLLERS
from barri_tools.node.console import Console
from barri_tools.node.errors import WrongPythonError
from barri_tools.node.loader import Progress

_MAIN = "main.py"
# Without these nothing of ours starts: what came over the air, too, gives way to the cable.
_STARTS = ("slots", "a/main.py", "b/main.py", _MAIN)
_OURS = ("barri_node/", "barri_wire/", "a/", "b/", "slots")
_MPY_VERSION = 6 | 3 << 8  # version and sub-version that mpy-cross 1.28 and 1.29 write
_MPY_ARCHITECTURES = {"xtensawin": 10, "rv32imc": 11}  # py/persistentcode.h

Tree = dict[str, bytes]  # name on the board -> content


class Copied(NamedTuple):
    """Numbers of files."""

    written: int
    kept: int
    removed: int


def build(board: Board) -> Tree:
    """All files of a board but its settings, compiled for its chip. Raises FirmwareError."""
    with tempfile.TemporaryDirectory() as directory:
        target = Path(directory) / "tree"
        compile_to(target, MICROCONTROLLERS[board.mcu].architecture)
        tree = {
            path.relative_to(target).as_posix(): path.read_bytes()
            for path in target.rglob("*")
            if path.is_file()
        }
    tree["board.json"] = json.dumps(board_json(board), separators=(",", ":")).encode()
    return tree


def copy(console: Console, tree: Tree, progress: Progress) -> Copied:
    """Make the board's files those of the tree, no others touched. Raises NodeToolError."""
    present = console.hashes()
    wanted = {name: octets for name, octets in tree.items() if not _same(present, name, octets)}
    stale = sorted(name for name in present if name.startswith(_OURS) and name not in tree)
    if not wanted and not stale:
        return Copied(0, len(tree), 0)
    starts = [name for name in _STARTS if name in present]
    if starts:
        _park(console, starts)
    for name in stale:
        if name not in starts:
            console.remove(name)
    wanted[_MAIN] = tree[_MAIN]
    _write_all(console, wanted, progress)
    return Copied(len(wanted), len(tree) - len(wanted), len(stale))


def differences(present: dict[str, str], tree: Tree) -> list[str]:
    """Names of files that are missing, other than they should be, or left over."""
    differing = [name for name, octets in tree.items() if not _same(present, name, octets)]
    left = [name for name in present if name.startswith(_OURS) and name not in tree]
    return sorted([*differing, *left])


def demand_python(console: Console, board: Board) -> None:
    """Raises WrongPythonError if the board's MicroPython cannot load our files."""
    mpy = int(console.ask("getattr(__import__('sys').implementation, '_mpy', 0)"))
    architecture = MICROCONTROLLERS[board.mcu].architecture
    if mpy & 0x3FF != _MPY_VERSION or mpy >> 10 & 0x0F != _MPY_ARCHITECTURES[architecture]:
        raise WrongPythonError(
            "the MicroPython on this board cannot load files for"
            f" {board.title}: is it another board? If not, run barri node flash with --image"
        )


def _same(present: dict[str, str], name: str, octets: bytes) -> bool:
    return present.get(name) == hashlib.sha256(octets).hexdigest()


def _park(console: Console, starts: list[str]) -> None:
    """Restart without our program: what it started (a watchdog, the radio) ends with it."""
    for name in starts:
        console.remove(name)
    console.restart()
    console.connect()


def _write_all(console: Console, wanted: Tree, progress: Progress) -> None:
    total = sum(len(octets) for octets in wanted.values()) or 1
    done = 0

    def sent(count: int) -> None:
        nonlocal done
        done += count
        progress(done / total)

    for name in sorted(wanted, key=lambda name: (name == _MAIN, name)):
        console.write(name, wanted[name], sent)
