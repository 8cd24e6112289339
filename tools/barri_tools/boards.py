# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The boards barri runs on: reads `firmware/boards/*.toml`, refuses wiring that cannot work, and
makes the `board.json` that a node reads its pins from.

`python -m barri_tools.boards NAME` prints that file.
"""

import json
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from barri_tools.firmware import FirmwareError, source_directory
from barri_tools.microcontrollers import MICROCONTROLLERS, Microcontroller

ROLES = {"i2c": ("sda", "scl"), "uart": ("rx", "tx"), "i2s": ("sck", "ws", "sd")}
_INPUTS = {"rx", "sd"}  # the board only listens there
# What each kit asks the hardware for. A test compares it with what the firmware opens.
KIT_BUSES = {
    "air": ("i2c.0", "uart.1"),
    "noise": ("i2c.0", "i2s.0"),
    "energy": ("i2c.0", "uart.2"),
}


class BoardError(Exception):
    """A board's file is wrong; the text names the file, and says all that is wrong with it."""


class Bus(NamedTuple):
    """kind.number as the firmware asks for it; unit: the chip's; pins: role -> GPIO."""

    kind: str
    number: str
    unit: int
    pins: dict[str, int]
    inverted: bool

    @property
    def name(self) -> str:
        return f"{self.kind}.{self.number}"


class Board(NamedTuple):
    """A board. part: its part number; image: the official MicroPython build that it runs."""

    name: str
    title: str
    part: str
    mcu: str
    flash_mb: int
    image: str
    kits: tuple[str, ...]
    buses: dict[str, Bus]


def boards_directory() -> Path:
    """Where the boards are described: beside the firmware's source folder."""
    directory = source_directory().parent / "boards"
    if not directory.is_dir():
        raise BoardError(
            "firmware/boards is missing: install barri again, or use a whole checkout"
        )
    return directory


def board_names() -> list[str]:
    return sorted(path.stem for path in boards_directory().glob("*.toml"))


def load_board(name: str) -> Board:
    """Read and check one board. Raises BoardError."""
    if name not in board_names():
        raise BoardError(f"there is no board {name!r}: use one of {', '.join(board_names())}")
    return read_board(boards_directory() / f"{name}.toml")


def read_board(path: Path) -> Board:
    """Read and check a board's file. Raises BoardError that says all that is wrong with it."""
    try:
        board = _board(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BoardError(f"{path.name}: {error}") from error
    except KeyError as error:
        raise BoardError(f"{path.name}: {error.args[0]} is missing") from error
    except (TypeError, ValueError, AttributeError) as error:
        raise BoardError(f"{path.name}: a value is of the wrong kind ({error})") from error
    problems = list(_problems(board))
    if board.name != path.stem:
        problems.insert(0, f"its name {board.name!r} is not that of the file")
    if problems:
        raise BoardError(f"{path.name}: {'; '.join(problems)}")
    return board


def board_json(board: Board) -> dict[str, Any]:
    """What a node needs to know of its board; the firmware's `Board` reads it."""
    described: dict[str, Any] = {"name": board.name, "mcu": board.mcu}
    for bus in board.buses.values():
        pins: dict[str, Any] = {"unit": bus.unit, **bus.pins}
        if bus.inverted:
            pins["inverted"] = True
        described.setdefault(bus.kind, {})[bus.number] = pins
    return described


def _board(given: dict[str, Any]) -> Board:
    texts = {name: _text(given, name) for name in ("name", "title", "part", "mcu", "image")}
    buses = [
        _bus(kind, number, values)
        for kind in ROLES
        for number, values in given.get(kind, {}).items()
    ]
    return Board(
        flash_mb=_number(given, "flash_mb"),
        kits=tuple(given["kits"]),
        buses={bus.name: bus for bus in buses},
        **texts,
    )


def _bus(kind: str, number: str, values: dict[str, Any]) -> Bus:
    try:
        pins = {role: _number(values, role) for role in ROLES[kind]}
        unit = _number(values, "unit")
    except KeyError as error:
        raise KeyError(f"{kind}.{number}.{error.args[0]}") from error
    inverted = values.get("inverted", False)
    if type(inverted) is not bool or (inverted and kind != "uart"):
        raise TypeError(f"{kind}.{number}.inverted is true or false, and for a uart only")
    return Bus(kind, number, unit, pins, inverted)


def _text(given: dict[str, Any], name: str) -> str:
    if not isinstance(given[name], str):
        raise TypeError(f"{name} must be a text")
    return str(given[name])


def _number(given: dict[str, Any], name: str) -> int:
    if type(given[name]) is not int:
        raise TypeError(f"{name} must be a whole number")
    return int(given[name])


def _problems(board: Board) -> Iterator[str]:
    mcu = MICROCONTROLLERS.get(board.mcu)
    if mcu is None:
        yield f"the mcu {board.mcu!r} is not one of {', '.join(sorted(MICROCONTROLLERS))}"
        return
    for bus in board.buses.values():
        yield from _pin_problems(mcu, bus)
    yield from _shared(board)
    yield from _unit_problems(mcu, board)
    yield from _kit_problems(board)


def _pin_problems(mcu: Microcontroller, bus: Bus) -> Iterator[str]:
    for role, gpio in bus.pins.items():
        if gpio not in mcu.gpios:
            yield f"{bus.name} {role}: there is no GPIO {gpio}"
        elif gpio in mcu.reserved:
            yield f"{bus.name} {role}: GPIO {gpio} belongs to {mcu.reserved[gpio]}"
        elif gpio in mcu.input_only and role not in _INPUTS:
            yield f"{bus.name} {role}: GPIO {gpio} can only listen"


def _shared(board: Board) -> Iterator[str]:
    uses = Counter(gpio for bus in board.buses.values() for gpio in bus.pins.values())
    for gpio, times in uses.items():
        if times > 1:
            yield f"GPIO {gpio} is used {times} times"


def _unit_problems(mcu: Microcontroller, board: Board) -> Iterator[str]:
    units = Counter((bus.kind, bus.unit) for bus in board.buses.values())
    for (kind, unit), times in units.items():
        if unit not in mcu.units[kind]:
            yield f"the {board.mcu} has no {kind} unit {unit} to spare"
        if times > 1:
            yield f"{kind} unit {unit} is used {times} times"


def _kit_problems(board: Board) -> Iterator[str]:
    for kit in board.kits:
        if kit not in KIT_BUSES:
            yield f"there is no kit {kit!r}"
        for name in KIT_BUSES.get(kit, ()):
            if name not in board.buses:
                yield f"the {kit} kit needs {name}, which this board lacks"


def main(arguments: list[str]) -> int:
    try:
        (name,) = arguments
        described = board_json(load_board(name))
    except ValueError:
        sys.stderr.write(f"usage: python -m barri_tools.boards {'|'.join(board_names())}\n")
        return 2
    except (BoardError, FirmwareError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(json.dumps(described, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
