# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Switches on the supply of what is wired to a board: a pin, or registers of a power chip.

The steps are those of `board.json`. A chip is asked who it is first, since one address may be
either of two; steps for another chip are passed over. Imports no hardware.
"""

from micropython import const

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Callable

    from barri_node.life.ports import PowerBus, PowerStep


def switch_on(
    steps: "list[PowerStep]",
    open_bus: "Callable[[], PowerBus]",
    set_pin: "Callable[[int, int], object]",
) -> None:
    """Do all steps. open_bus(): the I2C bus of power chips, asked for only if there is a step for
    one. Nothing is raised for a chip that does not answer: the board then has none of that kind.
    """
    for step in steps:
        if "pin" in step:
            set_pin(step["pin"], step["on"])
            continue
        try:
            _set_up(step, open_bus())
        except OSError:
            continue


def _set_up(step: "PowerStep", bus: "PowerBus") -> None:
    address = step["address"]
    if _read(bus, address, step["id_register"]) != step["id"]:
        return
    for register, value in step.get("write", ()):
        _write(bus, address, register, value)
    for register, bits in step.get("set", ()):
        _write(bus, address, register, _read(bus, address, register) | bits)
    for register, bits in step.get("clear", ()):
        _write(bus, address, register, _read(bus, address, register) & ~bits & 255)


def _read(bus: "PowerBus", address: int, register: int) -> int:
    value: int = bus.readfrom_mem(address, register, 1)[0]
    return value


def _write(bus: "PowerBus", address: int, register: int, value: int) -> None:
    bus.writeto_mem(address, register, bytes((value,)))
