# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The gate: what may leave the gateway, and in which form. Everything else stays.

Only this module builds `SharedObservation`, `SharedDatastream` and `SharedThing`, and every exit
takes nothing but these. They carry pseudonyms, never a name, a board, an address or a fine
place. Sharing starts now: what was measured before a choice, or under another one, never leaves.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import InitVar, dataclass
from typing import NamedTuple, NewType

from barri.domain.household import Choice, HouseholdError, Thing
from barri.domain.observation import Datastream, value_text
from barri.domain.place import cell_centre
from barri.domain.windows import Window, is_regular
from barri_wire.schema import KITS

__all__ = [
    "Choice",
    "Era",
    "Gate",
    "Policy",
    "Pseudonym",
    "SharedDatastream",
    "SharedObservation",
    "SharedThing",
    "era_of",
    "pseudonym_of",
]

Era = NewType("Era", str)
Pseudonym = NewType("Pseudonym", str)

_RANDOM_ID = re.compile(r"[0-9a-f]{16}")
_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?")
_PASS = object()  # what only this module has


def _demand_pass(token: object) -> None:
    if token is not _PASS:
        raise TypeError("only barri.domain.sharing decides what may leave")


@dataclass(frozen=True, slots=True)
class SharedObservation:
    """A value that may leave: of a stream (its era), from start_s up to end_s (Unix s)."""

    stream: Era
    start_s: int
    end_s: int
    value_text: str
    revision: int = 0
    token: InitVar[object] = None

    def __post_init__(self, token: object) -> None:
        _demand_pass(token)


@dataclass(frozen=True, slots=True)
class SharedDatastream:
    """A stream that may be announced. window_s: of its values. rule: how they average."""

    stream: Era
    pseudonym_of_thing: Pseudonym
    quantity: str
    unit: str
    window_s: int
    rule: str
    token: InitVar[object] = None

    def __post_init__(self, token: object) -> None:
        _demand_pass(token)


@dataclass(frozen=True, slots=True)
class SharedThing:
    """A Thing that may be announced. place: (lat, lon) of the centre of a 1 km cell, or None."""

    pseudonym: Pseudonym
    kind: str
    place: tuple[float, float] | None
    token: InitVar[object] = None

    def __post_init__(self, token: object) -> None:
        _demand_pass(token)


class Policy(NamedTuple):
    """What somebody is given of a Datastream now. window_s: 0 gives windows as measured.

    since_s: the newest of all choices about it; only what was measured wholly after it counts.
    """

    datastream: Datastream
    recipient: str
    era: Era
    window_s: int
    since_s: int
    pseudonym: Pseudonym


def _random_id(text: str, what: str) -> str:
    """Only 16 hex digits pass, so that no name can hide in an id."""
    if not _RANDOM_ID.fullmatch(text):
        raise HouseholdError(f"{what}: 16 random hex digits are needed; choose again")
    return text


def era_of(text: str) -> Era:
    """The id of a consent era; HouseholdError for anything but 16 hex digits."""
    return Era(_random_id(text, "era"))


def pseudonym_of(text: str) -> Pseudonym:
    """The pseudonym of a Thing; HouseholdError for anything but 16 hex digits."""
    return Pseudonym(_random_id(text, "pseudonym"))


class Gate:
    """Everybody's choices as they stand at one moment."""

    def __init__(
        self,
        choices: Iterable[Choice],
        things: Iterable[Thing] = (),
        pseudonyms: Mapping[tuple[str, str], str] | None = None,
    ) -> None:
        """choices: all ever made, in order. pseudonyms: (Thing id, recipient) -> id."""
        self._things = {thing.id: thing for thing in things}
        self._pseudonyms = dict(pseudonyms or {})
        self._by_era: dict[str, Policy] = {}
        choices = list(choices)
        self._withdrawn = _withdrawn(choices)
        for (datastream, recipient), (choice, since_s) in _newest(choices).items():
            if choice.gives:
                self._admit(datastream, recipient, choice, since_s)

    def _admit(self, datastream: Datastream, recipient: str, choice: Choice, since_s: int) -> None:
        pseudonym = self._pseudonyms.get((datastream.thing, recipient))
        if pseudonym is None:
            return
        policy = Policy(
            datastream,
            recipient,
            era_of(choice.era),
            choice.window_s,
            since_s,
            pseudonym_of(pseudonym),
        )
        self._by_era[policy.era] = policy

    def policies(self) -> list[Policy]:
        """What is given now, each with its own era."""
        return list(self._by_era.values())

    def is_open(self, era: str) -> bool:
        """Say whether the choice with that era is the one in force."""
        return era in self._by_era

    def is_withdrawn(self, era: str) -> bool:
        """Say whether somebody chose to keep after that era: then its recipient has to erase."""
        return era in self._withdrawn

    def decide(self, era: str, window: Window, value: int) -> SharedObservation | None:
        """Turn a window's value (integer steps) into what may leave, or nothing.

        What leaves is the stricter of two policies, that of when it was measured and that of
        now: the same choice must have been in force all the time.
        """
        policy = self._by_era.get(era)
        if policy is None or not _covers(policy, window):
            return None
        text = value_text(value, policy.datastream.about.decimals)
        return SharedObservation(policy.era, *window, text, token=_PASS)

    def release(self, era: str, window: Window, text: str) -> SharedObservation | None:
        """Decide anew, right before sending, about a value that was decided earlier."""
        policy = self._by_era.get(era)
        if policy is None or not _covers(policy, window) or not _NUMBER.fullmatch(text):
            return None
        return SharedObservation(policy.era, *window, text, token=_PASS)

    def announce(self, era: str, window_s: int) -> SharedDatastream | None:
        """How a stream may be registered; window_s: the length of its values."""
        policy = self._by_era.get(era)
        if policy is None:
            return None
        about = policy.datastream.about
        return SharedDatastream(
            policy.era,
            policy.pseudonym,
            about.name,
            about.unit,
            policy.window_s or window_s,
            about.merge,
            token=_PASS,
        )

    def introduce(self, era: str) -> SharedThing | None:
        """How the Thing of a stream may be registered: kind of kit and coarse place only."""
        policy = self._by_era.get(era)
        thing = self._things.get(policy.datastream.thing) if policy else None
        if policy is None or thing is None:
            return None
        kind = thing.kit if thing.kit in KITS else "other"  # a home-made kit may carry a name
        place = None
        if thing.latitude is not None and thing.longitude is not None:
            place = cell_centre(thing.latitude, thing.longitude)
        return SharedThing(policy.pseudonym, kind, place, token=_PASS)


def _newest(
    choices: Iterable[Choice],
) -> dict[tuple[Datastream, str], tuple[Choice, int]]:
    """The choice in force of each Datastream and recipient, and the latest time of any of them.

    The latest time, not the last one's: a clock that was set back must not open the past.
    """
    newest: dict[tuple[Datastream, str], tuple[Choice, int]] = {}
    for choice in choices:
        key = (Datastream(choice.thing, choice.quantity, choice.number), choice.recipient)
        earlier_s = newest[key][1] if key in newest else choice.at_s
        newest[key] = (choice, max(choice.at_s, earlier_s))
    return newest


def _withdrawn(choices: Iterable[Choice]) -> set[str]:
    """The eras that a choice to keep came after, even if something was given again since."""
    given: dict[tuple[str, str, int, str], set[str]] = {}
    withdrawn: set[str] = set()
    for choice in choices:
        if choice.gives:
            given.setdefault(choice.key, set()).add(choice.era)
        else:
            withdrawn |= given.pop(choice.key, set())
    return withdrawn


def _covers(policy: Policy, window: Window) -> bool:
    """Say whether the window has the form chosen and lies wholly after the choice.

    A choice at second 100 may have been made at 100.9, so windows count from 101.
    """
    if policy.window_s == 0:
        right_form = window.length_s > 0 and is_regular(window.start_s, window.length_s)
    else:
        aligned = window.start_s % policy.window_s == 0
        right_form = aligned and window.length_s == policy.window_s
    return right_form and window.start_s > policy.since_s
