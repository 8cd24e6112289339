# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What a person says of parts that a node of the kit "found" cannot find out by itself.

On the command line `NAME:OPTION=NUMBER`, in the settings by name an object of options. A test
compares the checks with the firmware's own (`barri_node/parts.py`).
"""

import re
from collections.abc import Iterable, Iterator
from itertools import permutations
from typing import Any

from barri_tools.node.errors import NodeSettingsError

Parts = dict[str, dict[str, Any]]  # by part its options

KIT = "found"
ON_A_LINE = ("pms5003", "sds011")
# Of each part: what has to be said of it, and what may be.
_OPTIONS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "alphasense": ((), ("inputs",)),
    "ina219": (("shunt_uohm",), ()),
    "ina226": (("shunt_uohm",), ()),
    "pms5003": (("uart",), ("cycle_s",)),
    "sds011": (("uart",), ("cycle_s",)),
}
_RANGES = {"cycle_s": (120, 86_400), "shunt_uohm": (500, 10_000_000), "uart": (1, 2)}
NAMES = tuple(_OPTIONS)
EXAMPLES = "sds011:uart=1, pms5003:uart=1,cycle_s=600, ina219:shunt_uohm=100000, alphasense"
_ORDERS = [list(order) for order in permutations(range(4))]
_OPTION = re.compile(r"([a-z_]+)=(\d{1,9})")


def parse(wanted: Iterable[str]) -> Parts:
    """What `--part` says, once for each part. Raises NodeSettingsError that says what it takes."""
    parts: Parts = {}
    for text in wanted:
        name, _, options = text.partition(":")
        found = [_OPTION.fullmatch(option) for option in options.split(",") if option]
        if name in parts or not all(found):
            raise NodeSettingsError(f"--part is NAME:OPTION=NUMBER, once a part: {EXAMPLES}")
        parts[name] = {one[1]: int(one[2]) for one in found if one is not None}
    wrong = list(problems(parts))
    if wrong:
        raise NodeSettingsError(f"--part cannot work: {'; '.join(wrong)}. It takes {EXAMPLES}")
    return parts


def buses(parts: Parts) -> dict[str, str]:
    """What each part on a line is wired to: its name -> a bus of the board."""
    return {name: f"uart.{parts[name]['uart']}" for name in ON_A_LINE if name in parts}


def problems(given: object) -> Iterator[str]:
    """What is wrong with the settings' table "parts"."""
    if not isinstance(given, dict) or not given.keys() <= _OPTIONS.keys():
        yield f"parts: of {', '.join(NAMES)}"
        return
    if set(ON_A_LINE) <= given.keys():
        yield f"parts: {' or '.join(ON_A_LINE)}, both measure particles"
    for name, options in given.items():
        needed, possible = _OPTIONS[name]
        if not isinstance(options, dict) or not options.keys() <= {*needed, *possible}:
            yield f"parts.{name}: takes {', '.join(needed + possible)}"
            continue
        yield from (f"parts.{name}: needs {one}" for one in needed if one not in options)
        for option, value in options.items():
            yield from _value_problems(f"parts.{name}.{option}", option, value)


def _value_problems(setting: str, option: str, value: object) -> Iterator[str]:
    if option == "inputs":
        if not isinstance(value, list) or value not in _ORDERS:
            yield f"{setting}: each of 0, 1, 2, 3 once"
        return
    lowest, highest = _RANGES[option]
    if type(value) is not int or not lowest <= value <= highest:
        yield f"{setting}: a number from {lowest} to {highest}"
