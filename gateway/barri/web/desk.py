# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What every open page works with: one look at the house and its gateway, shared for a second.

All reading and writing happens in threads, so that no page waits for another one's disk.
"""

import asyncio
from dataclasses import dataclass, field

from barri.domain.desired import Desired, Reported
from barri.domain.household import Choice, Recipient, Thing, in_force
from barri.domain.observation import ABOUT_THE_NODE, Datastream, stays_home
from barri.errors import StoreError
from barri.ports import Clock, Household
from barri.services.reading import Alarm, Latest, Overview, Readings, Series
from barri.web.config import WebConfig
from barri.web.made import Making
from barri_wire.quantities import BY_NAME

LOOK_AGE_S = 1.0
HOUSEKEEPING = ("battery", "measured_share")


@dataclass(frozen=True, slots=True)
class Look:
    """The house at one moment. overview: None while the gateway has written nothing.

    nodes: boards by Thing, former ones included; serving: those that are not former.
    serial: grows with every look, so that an older one never replaces a newer one.
    """

    serial: int
    now_s: int
    things: list[Thing]
    recipients: list[Recipient]
    nodes: dict[str, list[str]]
    serving: frozenset[str]
    standing: dict[tuple[str, str, int, str], Choice]
    pseudonyms: dict[tuple[str, str], str]
    overview: Overview | None
    making: Making = field(default_factory=Making)
    desired: dict[str, Desired] = field(default_factory=dict)

    def asked(self, thing: str) -> list[tuple[Desired, Reported | None]]:
        """What is desired of the boards that serve a Thing now, and what each has reported."""
        nodes = self.serving.intersection(self.nodes.get(thing, []), self.desired)
        told = self.overview.reported if self.overview else {}
        return [(self.desired[node], told.get(node)) for node in sorted(nodes)]

    def latest(self, thing: str) -> dict[Datastream, Latest]:
        """The latest values of a Thing: table of quantities, but what serves the board last."""
        return {d: value for d, value in self._known(thing) if not stays_home(d.quantity)}

    def health(self, thing: str) -> dict[Datastream, Latest]:
        """The latest that a Thing's board said of itself. It stays at home."""
        return {d: value for d, value in self._known(thing) if d.about.id in ABOUT_THE_NODE}

    def alarms(self, thing: str) -> list[Alarm]:
        """What the boards that serve a Thing now do, and lately, that needs a person's look."""
        nodes = self.serving.intersection(self.nodes.get(thing, []))
        found = self.overview.alarms if self.overview else []
        return [each for each in found if each.node in nodes and each.is_recent(self.now_s)]

    def _known(self, thing: str) -> list[tuple[Datastream, Latest]]:
        found = self.overview.of_thing(thing) if self.overview else {}
        known = [item for item in found.items() if item[0].quantity in BY_NAME]
        return sorted(known, key=lambda item: _place(item[0]))

    def heard_s(self, thing: str) -> int | None:
        """When any board of a Thing was last heard (Unix s)."""
        return self.overview.last_heard(self.nodes.get(thing, [])) if self.overview else None

    def choice(self, datastream: Datastream, recipient: str) -> Choice | None:
        """The choice in force, None when nobody has chosen: then it is kept."""
        return self.standing.get((*datastream, recipient))

    def sharing(self) -> tuple[int, int]:
        """How many Datastreams are shared with anybody, of how many."""
        gives = {choice.key[:3] for choice in self.standing.values() if choice.gives}
        seen = {
            tuple(datastream)
            for datastream in (self.overview.latest if self.overview else ())
            if datastream.quantity in BY_NAME and not stays_home(datastream.quantity)
        }
        return len(gives), len(gives | seen)


def _place(datastream: Datastream) -> tuple[bool, int, int]:
    about = datastream.about
    return about.name in HOUSEKEEPING, about.id, datastream.number


class Desk:
    """Reads and writes on behalf of all open pages."""

    def __init__(
        self, config: WebConfig, home: Household, readings: Readings, clock: Clock
    ) -> None:
        self.config = config
        self._home = home
        self._readings = readings
        self._clock = clock
        self._look: Look | None = None
        self._looked_s = 0.0
        self._serial = 0
        self._looking = asyncio.Lock()

    async def look(self, fresh: bool = False) -> Look:
        """The house as of now, at most a second ago; fresh: as of this very moment."""
        async with self._looking:
            age_s = asyncio.get_running_loop().time() - self._looked_s
            if fresh or self._look is None or age_s > LOOK_AGE_S:
                self._look = await asyncio.to_thread(self._look_now)
                self._looked_s = asyncio.get_running_loop().time()
            return self._look

    def _look_now(self) -> Look:
        nodes: dict[str, list[str]] = {}
        boards, now_s = self._home.boards(), self._clock.now_s()
        for board in boards:
            nodes.setdefault(board.thing, []).append(board.node)
        self._serial += 1
        return Look(
            serial=self._serial,
            now_s=now_s,
            things=self._home.things(),
            recipients=self._home.recipients(),
            nodes=nodes,
            serving=frozenset(b.node for b in boards if b.to_s is None or b.to_s > now_s),
            standing=in_force(self._home.choices()),
            pseudonyms=self._home.pseudonyms(),
            overview=self._overview(),
            making=Making(self._home.calibrations(), self._home.corrections()),
            desired=self._home.desired(),
        )

    def _overview(self) -> Overview | None:
        try:
            return self._readings.overview()
        except StoreError:  # not started yet, or busy with repair: show what was, ask again
            return self._look.overview if self._look else None

    async def series(self, datastream: Datastream, from_s: int, to_s: int, most: int) -> Series:
        """A stretch of a Datastream; empty while the gateway's file cannot be read."""
        try:
            return await asyncio.to_thread(self._readings.series, datastream, from_s, to_s, most)
        except StoreError:
            return Series(0, [])

    async def choose(
        self, datastream: Datastream, recipient: str, kind: str, window_s: int, measured_s: int
    ) -> Choice:
        """Store a decision; on return it is on the disk."""

        def store() -> Choice:
            return self._home.choose(
                *datastream,
                recipient,
                kind,
                window_s,
                self._clock.now_s(),
                measured_window_s=measured_s,
            )

        return await asyncio.to_thread(store)
