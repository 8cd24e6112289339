# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""`settings.json`, a node's settings: made, checked as the node checks it, and put on a board.

Written beside the old file, checked, then renamed; the previous one is kept as
`settings.previous.json`. Values never reach an error text. A test compares the checks with the
firmware's own (`barri_node/settings_file.py`).
"""

import json
from collections.abc import Iterator
from typing import Any

from barri_tools.node import parts
from barri_tools.node.console import Console
from barri_tools.node.errors import NodeSettingsError
from barri_tools.node.fitting import MICROPHONES, SAMPLE_RATES_HZ
from barri_tools.node.meter_options import problems as meter_problems
from barri_wire.quantities import BY_NAME
from barri_wire.schema import KITS
from barri_wire.topics import is_node_id

NAME = "settings.json"
PREVIOUS_NAME = "settings.previous.json"
_DAY_S = 86_400
_LONGEST_WINDOW_S = 3600
_SLEEPING_KITS = ("air",)
_MOST_IN_A_REPORT = 144
_WIFI_NAME_BYTES = 32
_WIFI_PASSWORD = range(8, 64)
_KEYS = {"seal_key": 32, "gateway_key": 64}  # hex digits; either may be missing or empty


def problems(given: object) -> list[str]:
    """What is wrong with settings, by the settings' names; never their values."""
    if not isinstance(given, dict):
        return ["the file does not hold one object"]
    found = [f"{name} is missing" for name in ("node", "secret", "host") if not _text(given, name)]
    if _text(given, "node") and not is_node_id(given["node"]):
        found.append("node: 4 to 16 of a-z and 0-9")
    if not _text(given, "kit") or given["kit"] not in {*KITS, parts.KIT}:
        found.append(f"kit: one of {', '.join(sorted({*KITS, parts.KIT}))}")
    if not _number(given, "port", 65535):
        found.append("port: a number from 1 to 65535")
    if not _number(given, "window_s", _LONGEST_WINDOW_S) or _DAY_S % given["window_s"]:
        found.append(f"window_s: 1 to {_LONGEST_WINDOW_S}, and it divides a day")
    found += [
        f"{name}: {digits} hex digits, or leave it out"
        for name, digits in _KEYS.items()
        if given.get(name) and not _hex(given[name], digits)
    ]
    found += _part_problems(given)
    return found + (_wifi_problems(given["wifi"]) if "wifi" in given else [])


def encode(given: dict[str, Any]) -> bytes:
    """The file's bytes. Raises NodeSettingsError that names what is wrong."""
    found = problems(given)
    if found:
        raise NodeSettingsError(f"these settings cannot work: {'; '.join(found)}")
    return json.dumps(given, ensure_ascii=False, separators=(",", ":")).encode()


def load(console: Console) -> dict[str, Any] | None:
    """The settings on a board; None if there are none, or none that can be used."""
    if not console.exists(NAME):
        return None
    try:
        given = json.loads(console.read(NAME))
    except ValueError:
        return None
    return given if isinstance(given, dict) and not problems(given) else None


def store(console: Console, given: dict[str, Any]) -> None:
    """Put settings on a board; a power cut leaves the old or the new. Raises NodeToolError."""
    octets = encode(given)
    if console.exists(NAME):
        console.write(PREVIOUS_NAME, console.read(NAME))
    console.write(NAME, octets)


def _part_problems(given: dict[str, Any]) -> Iterator[str]:
    """Of the sensors: what is fitted, and what of it nobody wants measured."""
    if given.get("microphone", MICROPHONES[0]) not in MICROPHONES:
        yield f"microphone: one of {', '.join(MICROPHONES)}"
    if given.get("sample_rate_hz", SAMPLE_RATES_HZ[0]) not in SAMPLE_RATES_HZ:
        yield f"sample_rate_hz: one of {', '.join(map(str, SAMPLE_RATES_HZ))}"
    yield from meter_problems(given.get("meter", {}))
    yield from parts.problems(given.get("parts", {}))
    yield from _mode_problems(given)
    unwanted = given.get("unwanted", [])
    if not isinstance(unwanted, list) or not all(_is_quantity(name) for name in unwanted):
        yield "unwanted: a list of quantities"


def _mode_problems(given: dict[str, Any]) -> Iterator[str]:
    """A node on a battery sleeps between its windows, and so must its parts."""
    if given.get("mode", "mains") not in ("mains", "battery"):
        yield "mode: mains or battery"
    elif given.get("mode") == "battery":
        if given.get("kit") not in _SLEEPING_KITS:
            yield "mode: mains with this kit: it listens all the time"
        if not _number({"report_every": 10, **given}, "report_every", _MOST_IN_A_REPORT):
            yield f"report_every: 1 to {_MOST_IN_A_REPORT}"


def _is_quantity(name: object) -> bool:
    return isinstance(name, str) and name in BY_NAME


def _wifi_problems(wifi: object) -> list[str]:
    if not isinstance(wifi, dict) or not _text(wifi, "name"):
        return ["wifi.name is missing"]
    found = []
    if len(wifi["name"].encode()) > _WIFI_NAME_BYTES:
        found.append(f"wifi.name: at most {_WIFI_NAME_BYTES} bytes")
    password = wifi.get("password", "")
    if not isinstance(password, str) or (password and len(password) not in _WIFI_PASSWORD):
        found.append("wifi.password: 8 to 63 characters, or empty for an open network")
    return found


def _text(given: dict[str, Any], name: str) -> bool:
    return isinstance(given.get(name), str) and bool(given[name])


def _hex(value: object, digits: int) -> bool:
    return isinstance(value, str) and len(value) == digits and not value.strip("0123456789abcdef")


def _number(given: dict[str, Any], name: str, highest: int) -> bool:
    value = given.get(name)
    return type(value) is int and 1 <= value <= highest
