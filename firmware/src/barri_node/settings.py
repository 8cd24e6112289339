# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The node's settings: one JSON file, written when the node is provisioned."""

import json

from micropython import const

from barri_node.errors import SettingsError
from barri_wire.schema import KITS
from barri_wire.topics import is_node_id

_SHORTEST_WINDOW_S = const(1)
_LONGEST_WINDOW_S = const(3600)
_MOST_WIFI_NAME_BYTES = const(32)  # IEEE 802.11; MicroPython cuts longer names without a word


class Secret:
    """A password that does not show itself in texts; `reveal()` gives it to the connection."""

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "Secret(...)"


class Wifi:
    """The network to join: name, password (empty for an open one)."""

    def __init__(self, given: object) -> None:
        if not isinstance(given, dict):
            raise SettingsError("wifi", "must hold name and password")
        self.name = _text(given, "name", "wifi.")
        self.password = Secret(given.get("password", ""))
        if len(self.name.encode()) > _MOST_WIFI_NAME_BYTES:
            raise SettingsError("wifi.name", "at most 32 bytes")
        password = self.password.reveal()
        if not isinstance(password, str) or (password and not 8 <= len(password) <= 63):
            raise SettingsError("wifi.password", "8 to 63 characters, or empty")


class Settings:
    """node, secret, host, port: the line to the gateway. kit, window_s: what is measured.

    wifi: the network that leads there, or None on a PC, which has its own. seal_key: 32 hex
    digits, with which messages are sealed where the line has no TLS; None: they are not.
    gateway_key: the SHA-256 of the gateway's certificate in hex; None: a line without TLS.
    """

    def __init__(self, given: "dict[str, object]") -> None:
        self.node = _text(given, "node")
        self.secret = Secret(_text(given, "secret"))
        self.host = _text(given, "host")
        self.port = _number(given, "port", 1, 65535)
        self.kit = _text(given, "kit")
        self.window_s = _number(given, "window_s", _SHORTEST_WINDOW_S, _LONGEST_WINDOW_S)
        self.wifi = Wifi(given["wifi"]) if "wifi" in given else None
        self.seal_key = Secret(_hex(given, "seal_key", 32)) if given.get("seal_key") else None
        self.gateway_key = _hex(given, "gateway_key", 64) if given.get("gateway_key") else None
        if not is_node_id(self.node):
            raise SettingsError("node", "4 to 16 of a-z and 0-9")
        if self.kit not in KITS:
            raise SettingsError("kit", "one of " + ", ".join(sorted(KITS)))
        if 86400 % self.window_s:
            raise SettingsError("window_s", "must divide a day into equal parts")


def load(path: str) -> Settings:
    """Read the settings; raises SettingsError that names the setting and what it must be."""
    try:
        with open(path) as file:
            given = json.load(file)
    except OSError:
        raise SettingsError(path, "is missing: provision this node")
    except ValueError:
        raise SettingsError(path, "is not JSON: provision this node again")
    if not isinstance(given, dict):
        raise SettingsError(path, "must hold one object")
    return Settings(given)


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
