# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What the settings may say of parts that a node cannot find out by itself, checked when they are
read.

Only a node's start needs this; it is let go of afterwards.
"""

from micropython import const

from barri_node.errors import SettingsError

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from barri_node.settings import Parts

# Of each part: what has to be said of it, and what may be.
_OPTIONS = {
    "alphasense": ((), ("inputs",)),
    "ina219": (("shunt_uohm",), ()),
    "ina226": (("shunt_uohm",), ()),
    "pms5003": (("uart",), ("cycle_s",)),
    "sds011": (("uart",), ("cycle_s",)),
}
_RANGES = {"cycle_s": (120, 86400), "shunt_uohm": (500, 10000000), "uart": (1, 2)}


def read(given: object) -> "Parts":
    """Check the table "parts", by part its options. Raises SettingsError that names the option and
    what it must be.

    pms5003, sds011: on a line; uart: which; cycle_s: how often its fan runs, if not always.
    ina219, ina226: shunt_uohm, of the resistor. alphasense: inputs of the converter, in the order
    of the driver's electrodes, if they are not 0, 1, 2, 3.
    """
    if not isinstance(given, dict) or not all([name in _OPTIONS for name in given]):
        raise SettingsError("parts", "takes " + ", ".join(sorted(_OPTIONS)))
    if "pms5003" in given and "sds011" in given:
        raise SettingsError("parts", "pms5003 or sds011: both measure particles")
    for name, options in given.items():
        _check(name, options)
    return given


def _check(name: str, options: object) -> None:
    """A misspelt option must not pass for one that nobody has set."""
    setting, (needed, possible) = "parts." + name, _OPTIONS[name]
    known = needed + possible
    if not isinstance(options, dict) or not all([option in known for option in options]):
        raise SettingsError(setting, "takes " + ", ".join(known))
    for option in needed:
        if option not in options:
            raise SettingsError(setting, "needs " + option)
    for option, value in options.items():
        if option == "inputs":
            _check_inputs(value)
        else:
            _check_number(setting + "." + option, value, *_RANGES[option])


def _check_inputs(value: object) -> None:
    four = isinstance(value, list) and len(value) == 4
    if not four or not all([number in value for number in range(4)]):  # type: ignore[operator]
        raise SettingsError("parts.alphasense.inputs", "must hold each of 0, 1, 2, 3 once")


def _check_number(setting: str, value: object, lowest: int, highest: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
        advice = "must be a whole number from {} to {}".format(lowest, highest)
        raise SettingsError(setting, advice)
