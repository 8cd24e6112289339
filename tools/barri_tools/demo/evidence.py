# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What a run leaves behind that does not come from the system under test.

The chip models' journal says what was measured, the choices say what was agreed, the city's own
record says what it got, and the gateway's log is read as bytes, not asked. Plain data; all times
are Unix seconds.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Reading:
    """A chip gave a node a value (None: it had no reading) of a quantity at a moment."""

    thing: str
    quantity: str
    at_s: float
    value: float | None


@dataclass(frozen=True)
class Measured:
    """A whole window for which a node ran and its chips were read: a record must exist."""

    thing: str
    start_s: int
    end_s: int


@dataclass(frozen=True)
class Kept:
    """A record as the gateway's log holds it, decoded anew from its bytes."""

    thing: str
    store_id: int
    sequence: int
    start_s: int | None
    duration_s: int
    values: dict[str, int | None]


@dataclass(frozen=True)
class Agreement:
    """What a citizen agreed to give: until None is "still". window_s: of the values given."""

    era: str
    thing: str
    quantity: str
    window_s: int
    from_s: int
    until_s: int | None = None


@dataclass(frozen=True)
class Arrived:
    """An observation as the city stored it; end_s is its timestamp."""

    sensor: str
    end_s: int
    value: str


@dataclass
class Evidence:
    """Everything an audit needs. secrets: texts that must appear in no request to the city."""

    window_s: int
    measured: list[Measured] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    agreements: list[Agreement] = field(default_factory=list)
    arrived: list[Arrived] = field(default_factory=list)
    requests: list[bytes] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    held: int = 0
    acknowledged: int = 0
    void: int = 0
    unresolved: int = 0
    ended_s: int = 0
