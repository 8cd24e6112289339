# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Somebody chooses a correction for a Thing, or none: checked against what it is valid for.

Only a correction that works on what one record carries can be chosen; what else one may need, such
as a cell's own sheet, the gateway does not keep. Imports only the domain.
"""

import re
from dataclasses import dataclass

from barri.domain.calibration import demand_past
from barri.domain.corrections import Correction, CorrectionError, correction
from barri.domain.household import NUMBERS, HouseholdError, Thing
from barri.domain.observation import Datastream
from barri_wire.quantities import BY_NAME

_SENSOR = re.compile(r"[a-z0-9_-]{0,20}")


@dataclass(frozen=True, slots=True)
class ChosenCorrection:
    """How a Datastream's values are corrected for what is measured from `from_s` on (Unix s).

    name, version: of the correction; both empty: values stay as they come. sensor: the part that
    measures, such as `pms5003`, as people at home say it. at_s: when it was chosen (Unix s).
    Raises CorrectionError, HouseholdError.
    """

    thing: str
    quantity: str
    from_s: int
    at_s: int
    name: str = ""
    version: str = ""
    sensor: str = ""
    number: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.number < NUMBERS:
            raise HouseholdError(f"number: give 0 to {NUMBERS - 1}")
        if self.quantity not in BY_NAME:
            raise HouseholdError(f"quantity: {self.quantity[:40]!r} is not in the table")
        if not _SENSOR.fullmatch(self.sensor):
            raise HouseholdError("sensor: give its name in small letters, such as pms5003")
        demand_past(self.from_s, self.at_s)
        if self.correction is not None:
            _demand_fit(self.correction, self.quantity)
            _demand_sensor(self.correction, self.sensor)

    @property
    def correction(self) -> Correction | None:
        """The correction, or None where values stay as they come."""
        return correction(self.name, self.version) if self.name else None

    @property
    def datastream(self) -> Datastream:
        """What it is about."""
        return Datastream(self.thing, self.quantity, self.number)

    @property
    def said(self) -> str:
        """How a roll-up states it: name and version."""
        return f"{self.name} {self.version}"

    @property
    def needs(self) -> list[str]:
        """What else has to be in the same record, by quantity."""
        inputs = self.correction.inputs if self.correction else ()
        names = [needed.name for needed in inputs if needed.default is None]
        return [name for name in names if name != self.quantity]

    def demand_valid_for(self, thing: Thing) -> None:
        """Refuse a correction that does not hold where the Thing is. Raises CorrectionError."""
        if self.correction is not None and self.correction.outdoors and thing.indoor:
            raise CorrectionError(
                f"{self.said} is valid outdoors, and {thing.id} is indoors: choose another one"
            )


def _demand_fit(chosen: Correction, quantity: str) -> None:
    """Refuse one that makes something else, or of what no record carries."""
    said = f"{chosen.name} {chosen.version}"
    if chosen.quantity != quantity:
        raise CorrectionError(f"{said} corrects {chosen.quantity}, not {quantity}")
    for needed in chosen.inputs:
        if needed.default is None and needed.name not in BY_NAME:
            raise CorrectionError(
                f"{said} needs {needed.name} in {needed.unit}, which no node sends: choose another"
            )


def _demand_sensor(chosen: Correction, sensor: str) -> None:
    if chosen.sensors and sensor not in chosen.sensors:
        raise CorrectionError(
            f"{chosen.name} {chosen.version} is valid for {', '.join(chosen.sensors)}, not for"
            f" {sensor or 'a sensor that nobody named'}: say which sensor it is, or choose"
            " another correction"
        )
