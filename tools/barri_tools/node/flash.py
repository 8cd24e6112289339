# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""`barri node flash`: the official image with our partition table, then our files.

Everything of the world comes in: a Loader, a Console, Steps and a question to ask.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

from barri_tools.boards import Board
from barri_tools.node import deploy, image
from barri_tools.node.console import Console
from barri_tools.node.errors import ImageError, OccupiedError, WrongChipError
from barri_tools.node.loader import Chip, Loader
from barri_tools.node.partitions import (
    TABLE_BYTES,
    TABLE_OFFSET,
    PartitionError,
    Table,
    parse_table,
)
from barri_tools.node.progress import Steps

Agree = Callable[[str], bool]  # asks a person; True is yes
_LARGEST_IMAGE_BYTES = 16 << 20


def read_image(path: Path, board: Board) -> image.Image:
    """Read and check an image file. Raises ImageError, FlashTooSmallError."""
    try:
        if path.stat().st_size > _LARGEST_IMAGE_BYTES:
            raise ImageError(f"{path.name} is too large: {image.what_to_get(board)}")
        octets = path.read_bytes()
    except OSError as error:
        raise ImageError(
            f"{path} cannot be read ({error.strerror}): {image.what_to_get(board)}"
        ) from error
    return image.prepare(octets, board)


def describe(path: Path, prepared: image.Image) -> str:
    """What a person can compare with the download page, which shows no checksum of its own."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    untested = "" if image.is_tested(prepared.version) else " (barri is tested with 1.28 and 1.29)"
    return f"MicroPython {prepared.version}{untested}, SHA-256 of the file {digest}"


def write_image(
    loader: Loader, board: Board, prepared: image.Image, erase: bool, agree: Agree, steps: Steps
) -> bool:
    """Write the image; True if the board was erased. Records and settings stay if the board has
    our partition table already, unless erase. Raises NodeToolError.
    """
    with steps.step("Looking at the board"):
        chip = loader.identify()
        demand_chip(chip, board)
        image.demand_room(prepared, chip.flash_bytes)
        present = _present(loader)
    erase = erase or present != prepared.table
    if erase and present and not agree(_loss(present)):
        raise OccupiedError("nothing was changed. To replace what is on the board, add --erase")
    with steps.step("Writing MicroPython") as progress:
        loader.write(prepared.offset, prepared.octets, erase, progress)
    return erase


def write_files(console: Console, board: Board, tree: deploy.Tree, steps: Steps) -> deploy.Copied:
    """Copy the firmware's files and start them. Raises NodeToolError."""
    with steps.step("Waiting for MicroPython"):
        console.connect()
        deploy.demand_python(console, board)
    with steps.step("Copying barri") as progress:
        copied = deploy.copy(console, tree, progress)
    console.restart()
    return copied


def demand_chip(chip: Chip, board: Board) -> None:
    """Raises WrongChipError."""
    if chip.mcu != board.mcu:
        raise WrongChipError(
            f"this board has an {chip.mcu}, and {board.title} has an {board.mcu}: give the right"
            " board's name; barri node boards lists them"
        )


def _present(loader: Loader) -> Table | None:
    """The table on the board; None if there is none, as on an empty flash."""
    try:
        return parse_table(loader.read(TABLE_OFFSET, TABLE_BYTES))
    except PartitionError:
        return None


def _loss(present: Table) -> str:
    names = ", ".join(partition.name for partition in present)
    return (
        f"The board is laid out otherwise (its partitions: {names}). Flashing erases all of"
        " it, kept records and settings included. Go on?"
    )
