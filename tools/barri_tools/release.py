# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Makes a release of the firmware that nodes can fetch over the air.

A folder for each architecture: the compiled tree, and a MANIFEST with hash and size of each file.
The gateway offers what lies in such a folder; what the words mean says `messages_update`.
"""

import ast
import hashlib
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from barri_tools.firmware import BOARD_ARCHITECTURES, FirmwareError, compile_to, source_directory
from barri_wire.errors import FrameError
from barri_wire.messages_update import (
    ARCHITECTURES,
    FILES_MAX,
    MANIFEST_MAX_BYTES,
    SERIAL_LIMIT,
    parse_head,
    parse_line,
)

MANIFEST = "MANIFEST"
_LAST = "main.py"  # without it a tree starts nowhere, so that half a tree never passes for a whole
_BY_CABLE_ONLY = ("boot.py", "boot.mpy")


def make(
    directory: Path,
    serial: int,
    architectures: tuple[str, ...] = BOARD_ARCHITECTURES,
    step: Callable[[str], AbstractContextManager[object]] = nullcontext,
) -> None:
    """Make a release of this firmware under `directory`, in place of the one that was there.

    serial: above that of every release before. step: entered with each architecture's name. All
    are made before the first is put in place. Raises FirmwareError that says what to do, OSError.
    """
    with tempfile.TemporaryDirectory(prefix=".making-", dir=directory) as beside:
        made = Path(beside)
        for architecture in architectures:
            with step(architecture):
                compile_to(made / architecture, architecture)
                seal_tree(made / architecture, version(), serial, architecture)
                _open_to_readers(made / architecture)
        for architecture in architectures:
            _put(made / architecture, directory / architecture, made / f"{architecture}.old")


def seal_tree(tree: Path, version: str, serial: int, architecture: str) -> None:
    """Write the MANIFEST of a compiled tree; its boot.py, which only comes by cable, goes."""
    if not 0 < serial < SERIAL_LIMIT or architecture not in ARCHITECTURES:
        raise FirmwareError(f"serial 1 to {SERIAL_LIMIT - 1}; one of {', '.join(ARCHITECTURES)}")
    for name in _BY_CABLE_ONLY:
        (tree / name).unlink(missing_ok=True)
    files = [path for path in tree.rglob("*") if path.is_file() and path.name != MANIFEST]
    names = sorted((path.relative_to(tree).as_posix() for path in files), key=_order)
    if not names or names[-1] != _LAST:
        raise FirmwareError(f"{tree} has no {_LAST}: compile the firmware into it first")
    lines = [f"barri {version} {serial} {architecture}\n"]
    lines += [_line(tree, name) for name in names]
    _check(lines)
    (tree / MANIFEST).write_bytes("".join(lines).encode())


def version() -> str:
    """The version that the firmware says it has."""
    text = (source_directory() / "barri_node" / "__init__.py").read_text()
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "VERSION":
            return str(ast.literal_eval(node.value))
    raise FirmwareError("barri_node/__init__.py has no VERSION")


def _open_to_readers(tree: Path) -> None:
    """The gateway may run as another user than who makes a release. There is no secret in it."""
    for path in (tree, *tree.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def _put(tree: Path, place: Path, old: Path) -> None:
    """Two renames, so that the gateway finds a whole tree or, for a moment, none."""
    if place.exists():
        place.rename(old)
    tree.rename(place)


def _order(name: str) -> tuple[bool, str]:
    return name == _LAST, name


def _line(tree: Path, name: str) -> str:
    content = (tree / name).read_bytes()
    return f"{hashlib.sha256(content).hexdigest()} {len(content)} {name}\n"


def _check(lines: list[str]) -> None:
    """What a node would refuse is not released."""
    try:
        parse_head(lines[0].encode())
        for line in lines[1:]:
            parse_line(line.encode())
    except FrameError as error:
        raise FirmwareError(f"nodes would not take this release: {error}") from error
    if len(lines) > FILES_MAX or sum(map(len, lines)) > MANIFEST_MAX_BYTES:
        raise FirmwareError("too many files for one release")
