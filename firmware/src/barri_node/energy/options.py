# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What the settings may say of a meter, checked when they are read.

Only a node's start needs this; it is let go of afterwards.
"""

from micropython import const

from barri_node.errors import SettingsError
from barri_node.settings import Secret

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Iterable

_KEY_DIGITS = const(32)  # AES-128
_MOST_IMPULSES = const(100000)
_LAST_UNIT = const(247)  # Modbus over serial line V1.02, 2.2


def read(given: object) -> "dict[str, object]":
    """Check the table "meter"; give it with its key hidden. Raises SettingsError that names the
    option and what it must be, and never says what it is.

    kind: "p1" (what an empty table means), "p1_old" (before DSMR 4), "pzem004t", "sdm120" or
    "pulse_led". key, of a P1 port that enciphers: 32 hexadecimal digits. unit, of a PZEM-004T or
    an SDM120: its Modbus address. baud, of an SDM120. impulses_per_kwh, of a pulse_led: required.
    """
    if not isinstance(given, dict):
        raise SettingsError("meter", "must hold a kind")
    meter = dict(given)
    kind = meter.get("kind", "p1")
    if kind in ("p1", "p1_old"):
        _only(meter, kind, ("key",))
        if "key" in meter:
            meter["key"] = _key(meter["key"])
    elif kind == "pzem004t":
        _only(meter, kind, ("unit",))
        _number(meter, "unit", _LAST_UNIT)
    elif kind == "sdm120":
        _only(meter, kind, ("unit", "baud"))
        _number(meter, "unit", _LAST_UNIT)
        if meter.get("baud", 2400) not in (2400, 4800, 9600):
            raise SettingsError("meter.baud", "one of 2400, 4800, 9600")
    elif kind == "pulse_led":
        _only(meter, kind, ("impulses_per_kwh",))
        meter.setdefault("impulses_per_kwh")
        _number(meter, "impulses_per_kwh", _MOST_IMPULSES)
    else:
        raise SettingsError("meter.kind", "one of p1, p1_old, pzem004t, sdm120, pulse_led")
    return meter


def _only(meter: "dict[str, object]", kind: object, names: "Iterable[str]") -> None:
    """A misspelt option must not pass for one that nobody has set."""
    for name in meter:
        if name != "kind" and name not in names:
            raise SettingsError("meter", "{} takes {} only".format(kind, ", ".join(names)))


def _number(meter: "dict[str, object]", name: str, highest: int) -> None:
    value = meter.get(name, 1)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= highest:
        raise SettingsError("meter." + name, "must be a whole number from 1 to {}".format(highest))


def _key(given: object) -> Secret:
    if not isinstance(given, str) or len(given) != _KEY_DIGITS or not _all_hex(given):
        raise SettingsError("meter.key", "32 hexadecimal digits from the grid operator")
    return Secret(given)


def _all_hex(text: str) -> bool:
    return all([digit in "0123456789abcdefABCDEF" for digit in text])
