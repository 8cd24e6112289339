# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Reads the settings: one JSON file, written when the node is provisioned.

Only a node's start needs this; it is let go of afterwards.
"""

from micropython import const

from barri_node.errors import SettingsError
from barri_node.kept_settings import content
from barri_node.settings import Secret, Settings, Wifi
from barri_wire.quantities import BY_NAME
from barri_wire.schema import KITS
from barri_wire.topics import is_node_id

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from typing import Any

    from barri_node.settings import Parts

_SHORTEST_WINDOW_S = const(1)
_LONGEST_WINDOW_S = const(3600)
_MOST_WIFI_NAME_BYTES = const(32)  # IEEE 802.11; MicroPython cuts longer names without a word


def load(path: str) -> Settings:
    """Read the settings; raises SettingsError that names the setting and what it must be."""
    try:
        given = content(path)
    except OSError:
        raise SettingsError(path, "is missing: provision this node")
    except ValueError:
        raise SettingsError(path, "is not JSON: provision this node again")
    if not isinstance(given, dict):
        raise SettingsError(path, "must hold one object")
    return read(given)


def read(given: "dict[str, object]") -> Settings:
    """Check what the file holds; raises SettingsError as `load`."""
    settings = Settings()
    settings.node = _text(given, "node")
    settings.secret = Secret(_text(given, "secret"))
    settings.host = _text(given, "host")
    settings.port = _number(given, "port", 1, 65535)
    settings.kit = _text(given, "kit")
    settings.window_s = _number(given, "window_s", _SHORTEST_WINDOW_S, _LONGEST_WINDOW_S)
    settings.wifi = read_wifi(given["wifi"]) if "wifi" in given else None
    settings.seal_key = Secret(_hex(given, "seal_key", 32)) if given.get("seal_key") else None
    settings.gateway_key = _hex(given, "gateway_key", 64) if given.get("gateway_key") else None
    settings.unwanted = _unwanted(given.get("unwanted", []))
    settings.meter = _meter(given.get("meter", {}))
    settings.parts = _parts(given.get("parts", {}))
    settings.mic_model = _one_of(given, "microphone", ("inmp441", "ics43434", "sph0645"))
    settings.sample_rate_hz = _one_of(given, "sample_rate_hz", (48000, 24000))
    if _one_of(given, "mode", ("mains", "battery")) == "battery":
        settings.report_every = _report_every(given, settings.kit)
    if not is_node_id(settings.node):
        raise SettingsError("node", "4 to 16 of a-z and 0-9")
    if settings.kit not in KITS and settings.kit != "found":
        raise SettingsError("kit", "one of " + ", ".join(sorted(list(KITS) + ["found"])))
    _obey(settings, given.get("desired", {"version": 0}))
    if 86400 % settings.window_s:
        raise SettingsError("window_s", "must divide a day into equal parts")
    return settings


def read_wifi(given: object) -> Wifi:
    """Check the network's part of the settings; raises SettingsError."""
    if not isinstance(given, dict):
        raise SettingsError("wifi", "must hold name and password")
    name, password = _text(given, "name", "wifi."), given.get("password", "")
    if len(name.encode()) > _MOST_WIFI_NAME_BYTES:
        raise SettingsError("wifi.name", "at most 32 bytes")
    if not isinstance(password, str) or (password and not 8 <= len(password) <= 63):
        raise SettingsError("wifi.password", "8 to 63 characters, or empty")
    return Wifi(name, Secret(password))


def _unwanted(given: object) -> "list[str]":
    if not isinstance(given, list) or any([name not in BY_NAME for name in given]):
        raise SettingsError("unwanted", "must be a list of quantities")
    return given


def _obey(settings: Settings, desired: object) -> None:
    """What came over the air stands above the cable's; what either does not want is unwanted."""
    if not isinstance(desired, dict):
        raise SettingsError("desired", "must hold a version")
    settings.desired = _number(desired, "version", 0, 0xFFFFFF)
    if desired.get("window_s"):
        settings.window_s = _number(desired, "window_s", _SHORTEST_WINDOW_S, _LONGEST_WINDOW_S)
    for name in _unwanted(desired.get("unwanted", [])):
        if name not in settings.unwanted:
            settings.unwanted = settings.unwanted + [name]


def _meter(given: object) -> "dict[str, object]":
    if given == {}:
        return {}
    from barri_node.energy.options import read as read_meter

    return read_meter(given)


def _parts(given: object) -> "Parts":
    if given == {}:
        return {}
    from barri_node.parts import read as read_parts

    return read_parts(given)


def _report_every(given: "dict[str, object]", kit: str) -> int:
    """A node on a battery sleeps between its windows: for parts that may sleep with it."""
    if kit != "air":
        raise SettingsError("mode", "mains with this kit: it listens all the time")
    given.setdefault("report_every", 10)
    return _number(given, "report_every", 1, 144)


def _one_of(given: "dict[str, object]", name: str, known: "tuple[Any, ...]") -> "Any":
    """The setting, by default the first of those that are known."""
    value = given.get(name, known[0])
    if value not in known:
        raise SettingsError(name, "one of " + ", ".join([str(one) for one in known]))
    return value


def _text(given: "dict[str, object]", name: str, within: str = "") -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value:
        raise SettingsError(within + name, "must be a text")
    return value


def _hex(given: "dict[str, object]", name: str, length: int) -> str:
    digits = _text(given, name)
    if len(digits) != length or any([digit not in "0123456789abcdef" for digit in digits]):
        raise SettingsError(name, "must be {} hex digits".format(length))
    return digits


def _number(given: "dict[str, object]", name: str, lowest: int, highest: int) -> int:
    value = given.get(name)
    if not isinstance(value, int) or not lowest <= value <= highest:
        raise SettingsError(name, "must be a whole number from {} to {}".format(lowest, highest))
    return value
