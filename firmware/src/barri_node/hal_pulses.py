# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Counts pulses on a pin of an ESP32 family board: the chip does it where it can.

NOT YET RUN ON A BOARD, as `hal_esp32.py`. Only a meter that blinks loads this.
"""

import time

import machine
from micropython import const

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from barri_node.energy.pulse_led import PulseCounter
    from barri_node.ports import Pins

_FILTER_NS = const(12787)  # the longest of the hardware: 1023 periods of 80 MHz
# Mains light flickers every 10 ms; 30 kW at 4000 pulses per kWh are 30 ms apart.
_BOUNCE_MS = const(20)


def counter(pins: "Pins") -> "PulseCounter":
    """Begin to count the rising edges of a line. An ESP32-C3 has no counter in hardware."""
    pin = machine.Pin(pins["pulse"], machine.Pin.IN)
    if hasattr(machine, "Counter"):
        return HardwareCounter(pins["unit"], pin)
    return InterruptCounter(pin)


class HardwareCounter:
    """The chip's own counter. It misses nothing while the program is busy."""

    def __init__(self, unit: int, pin: machine.Pin) -> None:
        self._counter = machine.Counter(unit, pin, filter_ns=_FILTER_NS)

    def count(self) -> int:
        value: int = self._counter.value()
        return value


class InterruptCounter:
    """Counts when the program gets to it: MicroPython keeps a few edges for later, and pulses
    that it comes to late and close together are taken for one. What is missed is never made up.
    """

    def __init__(self, pin: machine.Pin) -> None:
        self._count = 0
        self._last_ticks = time.ticks_ms()
        pin.irq(self._edge, machine.Pin.IRQ_RISING)

    def _edge(self, _: machine.Pin) -> None:
        """An edge so soon after another one is no pulse: light that flickers counts nothing."""
        ticks = time.ticks_ms()
        if not 0 <= time.ticks_diff(ticks, self._last_ticks) < _BOUNCE_MS:
            self._count += 1
        self._last_ticks = ticks

    def count(self) -> int:
        return self._count
