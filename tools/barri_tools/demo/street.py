# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Who lives in the demo's street: three Things of one household, and what they agree to share."""

from dataclasses import dataclass

CITY = "city"


@dataclass(frozen=True)
class Resident:
    """One Thing and its node. The place is invented, and as exact as a real one would be."""

    node: str
    kit: str
    name: str
    latitude: float
    longitude: float
    height_m: float


@dataclass(frozen=True)
class Wish:
    """A scripted choice of the headless demo: share a quantity, as measured (0) or coarser."""

    thing: str
    quantity: str
    window_s: int


STREET = (
    Resident("aire7h2k", "air", "Balcó del 3r 2a", 41.403_617, 2.154_383, 11.0),
    Resident("soroll4q", "noise", "Façana del pati", 41.403_655, 2.154_519, 4.5),
    Resident("energia9", "energy", "Comptador de casa", 41.403_617, 2.154_383, 1.5),
)
SCHOOL = (Resident("escola5m", "smart_citizen", "Finestra de l'aula", 41.399_182, 2.150_027, 8.0),)


# What a recorded day can be compared by: all that its file has and the city has a type for.
_SCHOOL_SHARES = ("temperature", "humidity", "pressure", "light", "laeq")


def thing_of(resident: Resident) -> str:
    """The Thing's id: a name of the household's own, never the node's."""
    return f"thing-{resident.kit.replace('_', '-')}"


def wishes(window_s: int) -> tuple[Wish, ...]:
    """Something shared as measured, something shared coarser; all else is kept."""
    return (
        Wish("thing-air", "temperature", 0),
        Wish("thing-noise", "laeq", 0),
        Wish("thing-noise", "lafmax", 2 * window_s),
        Wish("thing-energy", "energy_import", 2 * window_s),
        *(Wish("thing-smart-citizen", quantity, 0) for quantity in _SCHOOL_SHARES),
    )
