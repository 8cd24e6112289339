# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What people at home have said: their Things, boards, recipients and choices.

Plain values, checked where they are made. Nothing here may leave the gateway: what may is
built by `domain.sharing` alone. Imports nothing of ours but the wire's table of quantities.
"""

import re
from dataclasses import dataclass, field
from typing import Literal

from barri.domain.observation import stays_home
from barri.errors import BarriError
from barri_wire.quantities import BY_NAME

DAY_S = 86_400
NUMBERS = 16  # a Thing has at most this many sensors of one quantity

Kind = Literal["keep", "share", "coarser"]
KINDS: tuple[Kind, ...] = ("keep", "share", "coarser")

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_NODE = re.compile(r"[a-z0-9]{4,16}")
_SEAL_KEY = re.compile(r"(?:[0-9a-f]{32})?")


class HouseholdError(BarriError):
    """What was said cannot be taken as it stands; the text says what to say instead."""


def _demand(condition: bool, advice: str) -> None:
    if not condition:
        raise HouseholdError(advice)


@dataclass(frozen=True, slots=True)
class Thing:
    """Sensors in a place. Latitude and longitude in degrees, both or neither; height in metres."""

    id: str
    name: str
    kit: str
    indoor: bool = False
    latitude: float | None = None
    longitude: float | None = None
    height_m: float | None = None

    def __post_init__(self) -> None:
        _demand(_ID.fullmatch(self.id) is not None, "thing id: use letters, digits, - _ .")
        _demand(0 < len(self.name) <= 80, "thing name: give 1 to 80 characters")
        _demand(_ID.fullmatch(self.kit) is not None, "kit: use letters, digits, - _ .")
        if self.latitude is None or self.longitude is None:
            _demand(self.latitude is self.longitude, "place: give latitude and longitude, or none")
            return
        _demand(abs(self.latitude) <= 90, "latitude: give degrees from -90 to 90")
        _demand(abs(self.longitude) <= 180, "longitude: give degrees from -180 to 180")
        _demand((self.latitude, self.longitude) != (0, 0), "place: 0, 0 is the sea; leave it out")


@dataclass(frozen=True, slots=True)
class Board:
    """A piece of hardware that serves a Thing from one date to another (Unix s; None: still).

    password_hash: Mosquitto's `$7$` form; kept out of `repr`, so out of logs. seal_key: 16 bytes
    as hex, where its messages are sealed; also kept out.
    """

    node: str
    thing: str
    password_hash: str = field(repr=False)
    from_s: int = 0
    to_s: int | None = None
    seal_key: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        _demand(_NODE.fullmatch(self.node) is not None, "node id: use 4 to 16 of a-z and 0-9")
        _demand(self.password_hash.startswith("$7$"), "password: store it as a $7$ hash only")
        _demand(_SEAL_KEY.fullmatch(self.seal_key) is not None, "seal key: 32 hex digits, or none")


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who may be given something. kind: the sort of sink, such as `sentilo`."""

    id: str
    kind: str
    name: str

    def __post_init__(self) -> None:
        _demand(_ID.fullmatch(self.id) is not None, "recipient id: use letters, digits, - _ .")
        _demand(0 < len(self.name) <= 80, "recipient name: give 1 to 80 characters")


@dataclass(frozen=True, slots=True)
class Choice:
    """One decision about one Datastream and one recipient, taken at `at_s` (Unix s).

    window_s: of `coarser`, the window to be given; of `share`, the window as measured (0: any).
    era: 16 hex digits, fresh with every decision to give; empty for `keep`.
    """

    thing: str
    quantity: str
    number: int
    recipient: str
    kind: Kind
    window_s: int
    at_s: int
    era: str

    def __post_init__(self) -> None:
        _demand(self.kind in KINDS, f"kind: say one of {', '.join(KINDS)}")
        _demand(self.quantity in BY_NAME, f"quantity: {self.quantity[:40]!r} is not in the table")
        _demand(not stays_home(self.quantity), f"quantity: {self.quantity} is never shared")
        _demand(0 <= self.number < NUMBERS, f"number: give 0 to {NUMBERS - 1}")
        _demand(self.kind != "coarser" or divides_a_day(self.window_s), "window: divide a day")
        _demand(0 <= self.window_s <= DAY_S, "window: give 0 to 86400 seconds")

    @property
    def gives(self) -> bool:
        """Say whether anything may leave under this choice."""
        return self.kind != "keep"

    @property
    def key(self) -> tuple[str, str, int, str]:
        """Which Datastream and recipient it is about."""
        return self.thing, self.quantity, self.number, self.recipient


def divides_a_day(window_s: int) -> bool:
    """Say whether whole windows of that length fill a day."""
    return 0 < window_s <= DAY_S and DAY_S % window_s == 0


def in_force(choices: list[Choice]) -> dict[tuple[str, str, int, str], Choice]:
    """Of choices in order of decision, the valid one of each key: the last."""
    return {choice.key: choice for choice in choices}
