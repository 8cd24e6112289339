# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The gateway's settings: one TOML file, checked whole before anything starts.

A token is never in this file: it names another file that holds it, readable by the gateway alone.
"""

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from barri.errors import ConfigError


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ClockConfig(_Strict):
    """Where time comes from. trusted: it is kept by other means than the kernel knows of.

    file and speed: simulated time, for demos alone.
    """

    trusted: bool = False
    file: Path | None = None
    speed: float = Field(default=1.0, ge=1.0)


class BrokerConfig(_Strict):
    """Where nodes connect: our own small broker, or a Mosquitto that runs beside the gateway.

    bind: the address the embedded broker listens on; Mosquitto's address otherwise. tls: with a
    certificate of the gateway's own, whose fingerprint nodes are given.
    """

    kind: Literal["embedded", "mosquitto"] = "embedded"
    bind: str = "127.0.0.1"
    port: int = Field(default=1883, ge=1, le=65535)
    password_file: Path | None = None
    tls: bool = False


class PatienceConfig(_Strict):
    """How long a shared window waits for late data, and how much of it must have been measured."""

    live_s: int = Field(default=7200, ge=0)
    backlog_s: int = Field(default=7 * 86400, ge=0)
    capture_percent: int = Field(default=75, ge=1, le=100)


class SentiloConfig(_Strict):
    """A Sentilo platform as a recipient. types: its own sensor type for each of our quantities."""

    recipient: str
    kind: Literal["sentilo"] = "sentilo"
    url: str
    provider: str
    token_file: Path
    types: dict[str, str] = Field(default_factory=dict)
    component_type: str = "generic"
    settle_s: float = Field(default=60.0, gt=0)
    flush_s: float = Field(default=10.0, gt=0)


class UpdatesConfig(_Strict):
    """Firmware for nodes that have a key. directory: holds the release, see docs/updates.md."""

    directory: Path | None = None


class WebConfig(_Strict):
    """The page for the people at home."""

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=1, le=65535)
    banner: str = ""


class Config(_Strict):
    """All settings. data: the folder of the two files. window_s: a record's nominal length."""

    data: Path
    window_s: int = Field(default=60, ge=1, le=3600)
    coarser_s: tuple[int, ...] = (900, 3600)
    clock: ClockConfig = ClockConfig()
    broker: BrokerConfig = BrokerConfig()
    patience: PatienceConfig = PatienceConfig()
    sink: tuple[SentiloConfig, ...] = ()
    web: WebConfig = WebConfig()
    updates: UpdatesConfig = UpdatesConfig()

    @property
    def gateway_db(self) -> Path:
        """The gateway process's file."""
        return self.data / "gateway.db"

    @property
    def home_db(self) -> Path:
        """The web process's file."""
        return self.data / "home.db"


def load(path: Path) -> Config:
    """Read the settings; ConfigError names the setting and says what it must be."""
    try:
        given = tomllib.loads(path.read_text())
    except OSError as error:
        raise ConfigError(
            str(path), f"cannot be read ({error.strerror}): give --config FILE"
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(str(path), f"is not TOML: {error}") from error
    try:
        return Config.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        setting = ".".join(str(part) for part in first["loc"])
        raise ConfigError(setting, first["msg"]) from None
