# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What makes a board's wiring impossible, by its chip and by what else sits on it.

Sees a board as `boards.Board` describes it; reads no file.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING, Any

from barri_tools.microcontrollers import MICROCONTROLLERS, Microcontroller

if TYPE_CHECKING:
    from barri_tools.boards import Board, Bus

# What each kit asks the hardware for. A test compares it with what the firmware opens.
KIT_BUSES = {
    "air": ("i2c.0", "uart.1"),
    "noise": ("i2s.0",),
    "energy": ("uart.2",),
}
_INPUTS = {"rx", "sd", "pulse"}  # the board only listens there
_ESP32_DC3 = (0x12, 0x02)  # of the AXP192: the ESP32's own supply


def problems(board: Board) -> Iterator[str]:
    """Every reason why this board cannot work as described."""
    mcu = MICROCONTROLLERS.get(board.mcu)
    if mcu is None:
        yield f"the mcu {board.mcu!r} is not one of {', '.join(sorted(MICROCONTROLLERS))}"
        return
    for bus in board.buses.values():
        yield from _pin_problems(mcu, board, bus)
        yield from _unit_problems(mcu, board, bus)
    for name in sorted(board.one_at_a_time - board.buses.keys()):
        yield f"one_at_a_time names {name}, which this board lacks"
    for one, other in combinations(board.buses.values(), 2):
        if not {one.name, other.name} <= board.one_at_a_time:
            yield from _clashes(one, other)
    for kit in board.kits:
        yield from _kit_problems(board, kit)
    for step in board.fitted.get("power", ()):
        yield from _power_problems(step)


def _pin_problems(mcu: Microcontroller, board: Board, bus: Bus) -> Iterator[str]:
    if len(set(bus.pins.values())) < len(bus.pins):
        yield f"{bus.name} uses a GPIO twice"
    for role, gpio in bus.pins.items():
        owner = mcu.reserved.get(gpio, board.taken.get(gpio))
        if gpio not in mcu.gpios:
            yield f"{bus.name} {role}: there is no GPIO {gpio}"
        elif owner is not None:
            yield f"{bus.name} {role}: GPIO {gpio} belongs to {owner}"
        elif gpio in mcu.input_only and role not in _INPUTS:
            yield f"{bus.name} {role}: GPIO {gpio} can only listen"


def _unit_problems(mcu: Microcontroller, board: Board, bus: Bus) -> Iterator[str]:
    if bus.unit not in mcu.units[bus.kind]:
        yield f"the {board.mcu} has no {bus.kind} unit {bus.unit} to spare"


def _clashes(one: Bus, other: Bus) -> Iterator[str]:
    for gpio in sorted(set(one.pins.values()) & set(other.pins.values())):
        yield f"GPIO {gpio} is used by {one.name} and {other.name}"
    if (one.kind, one.unit) == (other.kind, other.unit):
        yield f"{one.kind} unit {one.unit} is used by {one.name} and {other.name}"


def _kit_problems(board: Board, kit: str) -> Iterator[str]:
    if kit not in KIT_BUSES:
        yield f"there is no kit {kit!r}"
    needed = KIT_BUSES.get(kit, ())
    for name in needed:
        if name not in board.buses:
            yield f"the {kit} kit needs {name}, which this board lacks"
    together = board.one_at_a_time.intersection(needed)
    if len(together) > 1:
        yield f"the {kit} kit needs {' and '.join(sorted(together))} at once"


def _power_problems(step: dict[str, Any]) -> Iterator[str]:
    """A step sets a pin, or writes to a power chip after asking whether it is the one meant."""
    if "pin" in step:
        if step.keys() != {"pin", "on"}:
            yield "a power step with a pin has `on` and nothing else"
        return
    if not {"address", "id_register", "id"} <= step.keys():
        yield "a power step needs a pin, or address, id_register and id"
    for register, bits in step.get("clear", ()):
        if register == _ESP32_DC3[0] and bits & _ESP32_DC3[1]:
            yield "a power step would switch off the ESP32 itself"
