# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What would leave if somebody chose so: asked of the gate itself, so that it cannot differ.

The gate is given one made-up choice that is stored nowhere. Must not import adapters or web.
"""

from dataclasses import dataclass

from barri.domain.household import Choice, Kind, Thing
from barri.domain.observation import Datastream
from barri.domain.sharing import Gate, SharedDatastream, SharedObservation, SharedThing
from barri.domain.windows import HOUR_S, window_at
from barri.services.reading import Latest
from barri_wire.quantities import NEVER

SAMPLE_ERA = "0" * 16


@dataclass(frozen=True, slots=True)
class Preview:
    """What a recipient would be given: the Thing, the stream, and a value as it would leave."""

    thing: SharedThing
    datastream: SharedDatastream
    observation: SharedObservation | None


def preview(
    thing: Thing, datastream: Datastream, window_s: int, pseudonym: str, latest: Latest
) -> Preview | None:
    """Show a choice's consequence, with the latest value standing for the ones to come.

    window_s: 0 as measured. pseudonym: 16 hex digits. None when nothing would leave.
    """
    kind: Kind = "coarser" if window_s else "share"
    choice = Choice(*datastream, "recipient", kind, window_s, 0, SAMPLE_ERA)
    gate = Gate([choice], [thing], {(thing.id, "recipient"): pseudonym})
    introduced = gate.introduce(SAMPLE_ERA)
    announced = gate.announce(SAMPLE_ERA, latest.window_s)
    if introduced is None or announced is None:
        return None
    window = window_at(latest.start_s, announced.window_s)
    leaving = None if latest.value is None else gate.decide(SAMPLE_ERA, window, latest.value)
    return Preview(introduced, announced, leaving)


def coarser_windows(
    datastream: Datastream, measured_s: int, offered_s: tuple[int, ...], longest_s: int = 0
) -> tuple[int, ...]:
    """Of the windows offered, those that whole measured windows fill.

    Percentiles: whole hours, where there are such values. longest_s: the longest window there is.
    """
    fitting = tuple(w for w in offered_s if w > measured_s and w % measured_s == 0)
    if datastream.about.merge != NEVER:
        return fitting
    counted = longest_s > measured_s and longest_s % HOUR_S == 0
    return tuple(w for w in fitting if w % HOUR_S == 0 and counted)
