# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What a value was made with, in words: which calibration or correction, of when, and how.

A value states names; who, where and by which board stay out of the words.
"""

from collections.abc import Iterable

from barri.domain.calibration import Calibration, offset_text
from barri.domain.corrections.chosen import ChosenCorrection
from barri.domain.rollup import RAW, names_of
from barri.web.language import Language, local

MINUS = "\u2212"
HOW = {"calibrator": "made.calibrator", "comparison": "made.comparison"}
WHY = {"epa": "made.epa", "humidity": "made.growth"}  # by how names of corrections begin


class Making:
    """All that people at home have ever recorded, by the names that values state."""

    def __init__(
        self, calibrations: Iterable[Calibration] = (), chosen: Iterable[ChosenCorrection] = ()
    ) -> None:
        self._calibrations = {one.name: one for one in calibrations if one.method}
        self._chosen = {one.said: one for one in chosen if one.name}

    def in_short(self, say: Language, made_with: str) -> str:
        """A word or two; empty for a value as it came."""
        names = [name for name in names_of(made_with) if name != RAW]
        if not names:
            return ""
        calibration = self._calibrations.get(names[0])
        if len(names) > 1 or calibration is None:
            return say("made.corrected")
        return say("made.calibrated", offset=_offset(say, calibration))

    def in_full(self, say: Language, made_with: str) -> str:
        """A sentence for each; empty for a value as it came."""
        names = sorted(names_of(made_with), key=lambda name: name == RAW)
        return " ".join(self._sentence(say, name) for name in names)

    def _sentence(self, say: Language, name: str) -> str:
        if name == RAW:
            return say("made.raw")
        if calibration := self._calibrations.get(name):
            day = say.day(local(calibration.from_s).date())
            return say(HOW[calibration.method], day=day, offset=_offset(say, calibration))
        if chosen := self._chosen.get(name):
            return _corrected(say, chosen)
        return say("made.unknown")


def _corrected(say: Language, chosen: ChosenCorrection) -> str:
    key = WHY.get(chosen.name.split("_")[0], "made.other")
    day = say.day(local(chosen.from_s).date())
    return say(key, name=chosen.name, version=chosen.version, day=day)


def _offset(say: Language, calibration: Calibration) -> str:
    text = offset_text(calibration.offset_ddb or 0)
    return text.replace("-", MINUS).replace(".", say("format.decimal"))
