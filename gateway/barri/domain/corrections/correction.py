# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What a correction is: a pure function with a name, a version, a source and stated limits.

The raw value stays in the log of frames, whatever is made of it. Floats are physical values, not
steps. Imports nothing of ours but errors.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from barri.errors import BarriError

Values = Mapping[str, float | None]


class CorrectionError(BarriError):
    """A correction was asked for in a way that cannot work: a setting has to change."""


@dataclass(frozen=True, slots=True)
class Input:
    """One value a correction needs, and within which limits it is valid.

    name: of a quantity, or of a constant from the sensor's own calibration sheet. unit: UCUM.
    low, high: both included. default: what to take where no value is given.
    """

    name: str
    unit: str
    low: float
    high: float
    default: float | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """One version of one correction; the two together never change their meaning.

    quantity, unit: what comes out. source: where the formula is published. formula: takes the
    inputs by position; None where it has no answer. sensors: the parts it is valid for; empty:
    any. outdoors: it is valid there alone.
    """

    name: str
    version: str
    quantity: str
    unit: str
    inputs: tuple[Input, ...]
    source: str
    formula: Callable[..., float | None]
    sensors: tuple[str, ...] = ()
    outdoors: bool = False

    def __call__(self, values: Values) -> float | None:
        """Correct. values: by input name, more than the inputs are allowed; None is no reading.

        Gives None if a value is no reading or outside of its limits. Raises CorrectionError if one
        is not there at all.
        """
        arguments = [self._value(needed, values) for needed in self.inputs]
        return None if None in arguments else self.formula(*arguments)

    def _value(self, needed: Input, values: Values) -> float | None:
        if needed.name not in values and needed.default is None:
            raise CorrectionError(
                f"{self.name} {self.version} needs {needed.name} in {needed.unit}; give it, or "
                "take the correction off this sensor"
            )
        value = values.get(needed.name, needed.default)
        if value is None or not math.isfinite(value):
            return None
        return value if needed.low <= value <= needed.high else None
