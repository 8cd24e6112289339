# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The boards barri runs on: reads `firmware/boards/*.toml`, refuses wiring that cannot work, and
makes the `board.json` that a node reads its pins from.

`python -m barri_tools.boards NAME` prints that file.
"""

import json
import sys
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from barri_tools import board_rules
from barri_tools.firmware import FirmwareError, source_directory

ROLES = {
    "i2c": ("sda", "scl"), "uart": ("rx", "tx"), "i2s": ("sck", "ws", "sd"), "pulse": ("pulse",),
}  # fmt: skip
KIT_BUSES = board_rules.KIT_BUSES
_TEXTS = ("name", "title", "part", "mcu", "image", "usb")
_FITTED = ("led", "button", "lora", "power")


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
    """A board. part: its part number; image: the official MicroPython build that it runs.

    usb: which socket, which driver. taken: GPIO -> the part of the board that sits there.
    labels: GPIO -> the board's own name of it. one_at_a_time: buses that share pins or a unit, of
    which a kit may use one. fitted: what else the node may want to know: `led` (pin, level that
    lights it), `button` (pin, low when pressed), `lora` (chip, pins), `power` (steps that switch
    the supply of what is wired on).
    """

    name: str
    title: str
    part: str
    mcu: str
    flash_mb: int
    image: str
    kits: tuple[str, ...]
    buses: dict[str, Bus]
    usb: str
    taken: dict[int, str]
    labels: dict[int, str]
    one_at_a_time: frozenset[str]
    fitted: dict[str, Any]


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
    problems = list(board_rules.problems(board))
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
    return {**described, **board.fitted}


def _board(given: dict[str, Any]) -> Board:
    texts = {name: _text(given, name) for name in _TEXTS}
    buses = [
        _bus(kind, number, values)
        for kind in ROLES
        for number, values in given.get(kind, {}).items()
    ]
    return Board(
        flash_mb=_number(given, "flash_mb"),
        kits=tuple(given["kits"]),
        buses={bus.name: bus for bus in buses},
        taken=_by_gpio(given, "taken"),
        labels=_by_gpio(given, "labels"),
        one_at_a_time=frozenset(given.get("one_at_a_time", ())),
        fitted={name: given[name] for name in _FITTED if name in given},
        **texts,
    )


def _by_gpio(given: dict[str, Any], name: str) -> dict[int, str]:
    table = given.get(name, {})
    return {int(gpio): _text(table, gpio) for gpio in table}


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
