# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What the chips can do: which GPIOs must be left alone, and how many buses there are.

Sources: Espressif's datasheets of the ESP32 series, the ESP32-S3 series and the ESP32-C3 series
("Strapping Pins", "Pin Overview", list of peripherals) and of the modules WROOM-32E and
S3-WROOM-1. Data only; imports nothing of ours.
"""

from typing import NamedTuple


class Microcontroller(NamedTuple):
    """gpios: those a module brings out. reserved: GPIO -> why it must be left alone.

    input_only: cannot drive a line. units: per kind of bus, the chip's units free for sensors.
    pulse_counters: in hardware. architecture: what its code is compiled for. image_id: the chip's
    number in the header of a flash image. image_offset: where such an image begins in the flash.
    """

    gpios: frozenset[int]
    reserved: dict[int, str]
    input_only: frozenset[int]
    units: dict[str, frozenset[int]]
    pulse_counters: int
    architecture: str
    image_id: int
    image_offset: int


def _gpios(*spans: tuple[int, int]) -> frozenset[int]:
    return frozenset(gpio for first, last in spans for gpio in range(first, last + 1))


def _reserved(reasons: dict[str, frozenset[int]]) -> dict[int, str]:
    return {gpio: reason for reason, gpios in reasons.items() for gpio in gpios}


# UART 0 is the serial console, through which a board is flashed and provisioned. A sensor on its
# pins could type Ctrl-C and end the program.
_UNITS = {
    "i2c": frozenset({0, 1}),
    "uart": frozenset({1, 2}),
    "i2s": frozenset({0, 1}),
}
_INTERRUPTS = frozenset({0})  # without a counter in hardware the program counts, on one line

MICROCONTROLLERS = {
    "esp32": Microcontroller(
        gpios=_gpios((0, 19), (21, 23), (25, 27), (32, 36), (39, 39)),
        reserved=_reserved(
            {
                "the flash": _gpios((6, 11)),
                "how the chip starts (strapping)": frozenset({0, 2, 5, 12, 15}),
                "the serial console": frozenset({1, 3}),
            }
        ),
        input_only=_gpios((34, 39)),
        units={**_UNITS, "pulse": frozenset(range(8))},
        pulse_counters=8,
        architecture="xtensawin",
        image_id=0,
        image_offset=0x1000,
    ),
    "esp32-s3": Microcontroller(
        gpios=_gpios((0, 21), (26, 48)),
        reserved=_reserved(
            {
                "the flash": _gpios((26, 32)),
                "the octal PSRAM of some modules": _gpios((33, 37)),
                "USB": frozenset({19, 20}),
                "how the chip starts (strapping)": frozenset({0, 3, 45, 46}),
                "the serial console": frozenset({43, 44}),
            }
        ),
        input_only=frozenset(),
        units={**_UNITS, "pulse": frozenset(range(4))},
        pulse_counters=4,
        architecture="xtensawin",
        image_id=9,
        image_offset=0,
    ),
    "esp32-c3": Microcontroller(
        gpios=_gpios((0, 10), (18, 21)),
        reserved=_reserved(
            {
                "USB": frozenset({18, 19}),
                "how the chip starts (strapping)": frozenset({2, 8, 9}),
                "the serial console": frozenset({20, 21}),
            }
        ),
        input_only=frozenset(),
        units={
            "i2c": frozenset({0}),
            "uart": frozenset({1}),
            "i2s": frozenset({0}),
            "pulse": _INTERRUPTS,
        },
        pulse_counters=0,
        architecture="rv32imc",
        image_id=5,
        image_offset=0,
    ),
}
