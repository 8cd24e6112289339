# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The page's settings. Imports nothing of ours but the errors."""

from dataclasses import dataclass
from pathlib import Path

from barri.errors import ConfigError

LANGUAGES = ("ca", "es", "en")


@dataclass(frozen=True, slots=True)
class WebConfig:
    """How `barri web` runs.

    host: address to listen on; anybody who reaches it may choose, so it is this machine alone
    unless somebody decides otherwise. hosts: further names the page may be opened by.
    language: for browsers that ask for none of ours. coarser_windows_s: what "share coarser"
    offers, as far as it fits the Datastream. simulated: say so on the page, with `notice`.
    """

    gateway_db: Path
    home_db: Path
    host: str = "127.0.0.1"
    port: int = 8080
    hosts: tuple[str, ...] = ()
    language: str = "ca"
    coarser_windows_s: tuple[int, ...] = (60, 900, 3600)
    simulated: bool = False
    notice: str = ""

    def __post_init__(self) -> None:
        if self.language not in LANGUAGES:
            raise ConfigError("web.language", f"choose one of {', '.join(LANGUAGES)}")
        if not 0 < self.port < 65536:
            raise ConfigError("web.port", "choose a number from 1 to 65535")
        if any(window_s <= 0 or 86_400 % window_s for window_s in self.coarser_windows_s):
            raise ConfigError("web.coarser_windows_s", "choose seconds that divide a day")
