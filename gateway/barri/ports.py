# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What the services ask of the world, as protocols. Imports only the domain."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, TypeVar

from barri.domain.calibration import Calibration
from barri.domain.corrections.chosen import ChosenCorrection
from barri.domain.desired import Desired
from barri.domain.holding import Holding, Key
from barri.domain.household import Board, Choice, Recipient, Thing
from barri.domain.ranges import Ranges
from barri.domain.sharing import (
    Era,
    Pseudonym,
    SharedDatastream,
    SharedObservation,
    SharedThing,
)
from barri.errors import SinkRefusedError
from barri_wire.messages import Hello
from barri_wire.schema import Schema

T = TypeVar("T")


class Clock(Protocol):
    """Civil and elapsed time. Tests and demos inject their own."""

    def now_s(self) -> int:
        """Unix time in whole seconds."""

    def now_ms(self) -> int:
        """Unix time in milliseconds."""

    def monotonic_s(self) -> float:
        """Seconds that never go back; only differences mean something."""

    async def sleep(self, seconds: float) -> None:
        """Let that much of this clock's time pass."""

    def synchronised(self) -> bool:
        """Say whether the time can be trusted. Until then nothing is dated, nothing leaves."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message as it came from a node. `settled` is called once it is safely stored."""

    node: str
    kind: str
    payload: bytes
    arrival_s: int
    settled: Callable[[], None]


class Inbox(Protocol):
    """Where sources put what arrives. Bounded: a refusal is the back-pressure."""

    def offer(self, arrival: Arrival) -> bool:
        """Take an arrival, or say False when full; nothing is kept then."""


class Source(Protocol):
    """A way in: an embedded broker, Mosquitto, later a radio."""

    async def run(self, inbox: Inbox) -> None:
        """Receive until cancelled."""

    async def send(self, node: str, kind: str, payload: bytes) -> None:
        """Send a message down to a node; lost silently when it is away: nodes ask again."""


class Registry(Protocol):
    """Which nodes may speak."""

    def password_hash(self, node: str) -> str | None:
        """The node's password in Mosquitto's `$7$` form, or None for a stranger."""


@dataclass
class LogState:
    """What the receiver keeps in memory of the log. newest_arrival_s: Unix, -1 for none yet."""

    next_frame_id: int
    newest_arrival_s: int
    held: dict[Key, Holding]


@dataclass(frozen=True, slots=True)
class NewFrame:
    """A frame to be stored. fresh: which records are new, as ranges.pack_fresh says; None: all."""

    id: int
    key: Key
    first: int
    count: int
    fresh: bytes | None
    arrival_s: int
    body: bytes


class Reject(NamedTuple):
    """What cannot be used, and why."""

    node: str
    kind: str
    reason: str
    arrival_s: int
    body: bytes


class LogWriter(Protocol):
    """What one commit may do to the log. Times are Unix seconds, -1 for unknown."""

    def append_frame(self, frame: NewFrame) -> None:
        """Add a frame at the end."""

    def frame_body(self, frame_id: int) -> bytes | None:
        """Return the bytes of a stored frame, or None when it is gone."""

    def add_void(self, key: Key, first: int, count: int, reason: int, arrival_s: int) -> None:
        """Note sequences that will never come."""

    def quarantine(self, reject: Reject) -> bool:
        """Keep what cannot be used; the same bytes again only count. False: no room for more."""

    def save_hello(self, node: str, hello: Hello, arrival_s: int, body: bytes) -> bool:
        """Keep the newest hello and its anchors. False for one that came before."""

    def save_schema(self, node: str, schema: Schema) -> bool:
        """Keep a schema that a node announced. False when it has announced too many."""

    def schema(self, node: str, schema_id: int) -> Schema | None:
        """Return the schema that a node means by an id, or None."""

    def alarm(self, key: Key, kind: str, now_s: int) -> None:
        """Raise or renew an alarm that a person has to look at."""

    def checkpoint(
        self, through_id: int, newest_arrival_s: int, changed: dict[Key, Ranges]
    ) -> None:
        """Save the stored ranges that changed since the last checkpoint."""


class Log(Protocol):
    """The append-only log of what nodes sent."""

    def state(self) -> LogState:
        """Return what the receiver keeps in memory, as of the last commit."""

    async def write(self, fn: Callable[[LogWriter], T]) -> T:
        """Run `fn` in the next commit; return after it. Raises StoreError when it failed."""


class Household(Protocol):
    """What people at home have said, and where they say it."""

    def things(self) -> list[Thing]:
        """All Things, by name."""

    def boards(self) -> list[Board]:
        """All boards, those that no longer serve included."""

    def recipients(self) -> list[Recipient]:
        """All recipients, by name."""

    def choices(self) -> list[Choice]:
        """All choices ever made, in order; the last one of each key is valid."""

    def pseudonyms(self) -> dict[tuple[str, str], str]:
        """The pseudonym of each (Thing id, recipient id) that something is shared of."""

    def calibrations(self) -> list[Calibration]:
        """All calibrations ever recorded, in order."""

    def corrections(self) -> list[ChosenCorrection]:
        """All corrections ever chosen, in order."""

    def desired(self) -> dict[str, Desired]:
        """What is desired of boards, by node."""

    def choose(
        self,
        thing: str,
        quantity: str,
        number: int,
        recipient: str,
        kind: str,
        window_s: int,
        now_s: int,
        *,
        measured_window_s: int = 1,
    ) -> Choice:
        """Store a decision for good, return the one in force; HouseholdError if it cannot be."""


class Home(Protocol):
    """What people at home have said, read anew each time. Raises StoreError when it cannot be."""

    def things(self) -> list[Thing]:
        """All Things."""

    def boards(self) -> list[Board]:
        """All boards, retired ones included."""

    def choices(self) -> list[Choice]:
        """All choices ever made, in order."""

    def pseudonyms(self) -> dict[tuple[str, str], str]:
        """The pseudonym of each (Thing id, recipient id) that something is shared of."""


class CalibratedHome(Home, Protocol):
    """What those who derive may know besides. Who forwards is given a `Home`, without this."""

    def calibrations(self) -> list[Calibration]:
        """All calibrations ever recorded, in order."""

    def corrections(self) -> list[ChosenCorrection]:
        """All corrections ever chosen, in order."""


@dataclass(frozen=True)
class Receipt:
    """What a sink says of a batch: all stored, but for the values of these streams.

    unknown: it does not know them (yet). off: it knows them, and they are switched off there.
    """

    unknown: frozenset[Era] = frozenset()
    off: frozenset[Era] = frozenset()


@dataclass(frozen=True)
class Registration:
    """What became of streams to be registered. refused: and why. The others: ask once more."""

    known: frozenset[str] = frozenset()
    refused: Mapping[str, SinkRefusedError] = field(default_factory=dict)


class Sink(Protocol):
    """A platform. Takes only what the gate has built. Nothing is retried inside.

    Raises the subclasses of SinkError, and nothing else.
    """

    name: str  # the recipient's id
    retention_s: int  # how long the platform can be asked what it holds
    most_rows: int  # values in one request
    most_rows_of_stream: int  # values of one stream in one request, so that they can be read back
    most_bytes: int  # of one request's body

    def encode(self, shared: Sequence[SharedObservation]) -> bytes:
        """The exact body of the request that carries these values."""

    async def send(self, body: bytes) -> Receipt:
        """Send a body that was made by `encode` and committed."""

    async def read_back(self, stream: Era, ends_s: Sequence[int]) -> dict[int, set[str]]:
        """What the platform holds of a stream at these moments (Unix s): texts by moment."""

    async def known(self, thing: SharedThing) -> set[str]:
        """Which streams of a Thing the platform shows already."""

    async def register(
        self, thing: SharedThing, streams: Sequence[SharedDatastream]
    ) -> Registration:
        """Make streams known that are not yet, in one request."""

    async def erase(self, streams: Sequence[Era], things: Sequence[Pseudonym]) -> None:
        """Ask to erase streams and Things; what is not there counts as erased."""
