# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The node's settings, as its parts read them. `settings_file` makes them."""

from micropython import const

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from typing import Any

    Parts = dict[str, dict[str, Any]]  # by part its options


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

    def __init__(self, name: str, password: Secret) -> None:
        self.name = name
        self.password = password


class Settings:
    """node, secret, host, port: the line to the gateway. kit, window_s: what is measured.

    wifi: the network that leads there, or None on a PC, which has its own. seal_key: 32 hex
    digits, with which messages are sealed where the line has no TLS; None: they are not.
    gateway_key: the SHA-256 of the gateway's certificate in hex; None: a line without TLS.
    desired: version of what people asked for over the air and is in force, 0 for nothing.
    unwanted: names of quantities that are not to be measured. meter: of the energy kit, see
    `energy/options.py`. parts: of the kit "found", see `parts.py`. mic_model, sample_rate_hz: of
    the noise kit, see `noise/meter.py`. report_every: on a battery, so many records go out
    together; 0 on mains.
    """

    node: str
    secret: Secret
    host: str
    port: int
    kit: str
    window_s: int
    wifi: "Wifi | None"
    seal_key: "Secret | None"
    gateway_key: "str | None"
    desired: int
    unwanted: "list[str]"
    meter: "dict[str, object]"
    parts: "Parts"
    mic_model: str
    sample_rate_hz: int
    report_every = 0
