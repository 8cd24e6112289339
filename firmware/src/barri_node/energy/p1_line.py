# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""One line of a P1 telegram: `1-0:1.8.1(001234.567*kWh)`, medium and channel, OBIS code, value.

Dialects differ in which of these lines they send, in digits and in units; what a line means is the
same in all of them. Imports nothing.
"""

from micropython import const

# OBIS codes in cells of seven bytes; a code's slot is its place. Imported and exported energy as
# a total and in up to four tariffs (which of the first two is the cheap one differs: Dutch meters
# say 1 at night, Belgian ones 2; their sum does not care), power drawn and given, voltage of L1.
_CODES = (
    b"1.8.0  1.8.1  1.8.2  1.8.3  1.8.4  2.8.0  2.8.1  2.8.2  2.8.3  2.8.4  1.7.0  2.7.0  32.7.0 "
)
_CELL_BYTES = const(7)
SLOTS = 13
_EXPORT = const(5)
_POWER = const(10)
_VOLTAGE = const(12)
_MOST_DIGITS = const(17)  # EasyMeter prints 7 decimals of a kWh
_SHORTEST = const(10)


def fixed_point(text: bytes, decimals: int) -> "int | None":
    """Read digits with at most one point as an integer of 10**-decimals; None if it is not that.

    Digits beyond `decimals` are cut off: a counter must never run ahead.
    """
    whole, point, fraction = text.partition(b".")
    if not whole.isdigit() or len(text) > _MOST_DIGITS or (point and not fraction.isdigit()):
        return None
    return int(whole + (fraction + b"0" * decimals)[:decimals])


def read_line(line: bytearray, count: int, values: "list[int | None]") -> None:
    """Put the value of a line that we know into its slot, in Wh, W or 0.1 V; pass over others.

    Of lines with the same code the first counts.
    """
    # The medium electricity, of channel 0 or (Switzerland) 1.
    if count < _SHORTEST or line[0] != 0x31 or line[1] != 0x2D or line[2] not in b"01":
        return
    code, _, content = bytes(line[4:count]).rstrip().partition(b"(")
    slot = _slot(code.partition(b"*")[0])  # "*255" after a code means the present value
    if slot is None or values[slot] is not None or line[3] != 0x3A or content[-1:] != b")":
        return
    number, _, unit = content[:-1].partition(b"*")
    decimals = _decimals(slot, unit.rstrip())
    if decimals is not None:
        values[slot] = fixed_point(number, decimals)


def _slot(code: bytes) -> "int | None":
    at = _CODES.find(code + b" ") if code and b" " not in code else -1
    return None if at % _CELL_BYTES else at // _CELL_BYTES


def _decimals(slot: int, unit: bytes) -> "int | None":
    """How many digits after the point of what is printed make our step; None: a wrong unit."""
    if slot == _VOLTAGE:
        return 1 if unit == b"V" else None
    base = b"W" if slot >= _POWER else b"Wh"
    return 3 if unit == b"k" + base else 0 if unit == base else None


def strip_parity(line: bytearray, count: int) -> bool:
    """Take the parity bit off `count` bytes, in place; say whether it was even in all of them."""
    odd = 0
    for at in range(count):
        byte = line[at]
        folded = byte ^ byte >> 4
        folded ^= folded >> 2
        odd |= folded ^ folded >> 1
        line[at] = byte & 0x7F
    return odd & 1 == 0


def _energy(values: "list[int | None]", total: int) -> "int | None":
    """The total if the meter sends one, else both tariffs and further ones, if there are any."""
    if values[total] is not None:
        return values[total]
    tariff_1, tariff_2 = values[total + 1], values[total + 2]
    if tariff_1 is None or tariff_2 is None:
        return None
    return tariff_1 + tariff_2 + (values[total + 3] or 0) + (values[total + 4] or 0)


def quantities(values: "list[int | None]") -> "dict[str, int | None]":
    """Give what a whole telegram says, by quantity name."""
    return {
        "energy_import": _energy(values, 0),
        "energy_export": _energy(values, _EXPORT),
        "power_import": values[_POWER],
        "power_export": values[_POWER + 1],
        "voltage": values[_VOLTAGE],
    }
