# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""One line on a Thing's card: what was asked of its board over the air, and whether it does so."""

from barri.domain.desired import Desired, Reported
from barri.web.desk import Look
from barri.web.language import Language
from barri.web.widgets import Text
from barri_wire.messages_desired import REFUSED_OLDER


class AskedLine:
    """Hidden where nothing was asked."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._text = Text("p", "", "hint")
        self._text.set_visibility(False)

    def show(self, look: Look, thing: str) -> None:
        """Bring it up to date."""
        asked = look.asked(thing)
        self._text.set_visibility(bool(asked))
        self._text.say(" ".join(said(self._language, *one) for one in asked))


def said(language: Language, desired: Desired, reported: Reported | None) -> str:
    """What was asked of one board, in words."""
    names = ", ".join(language.quantity(name) for name in desired.unwanted)
    parts = [language("asked.without", names=names) if names else language("asked.everything")]
    if desired.window_s:
        parts.append(language("asked.window", window=language.window(desired.window_s)))
    what = language("asked.what", what="; ".join(parts))
    return f"{what} {language(_state(desired, reported))}"


def _state(desired: Desired, reported: Reported | None) -> str:
    if reported is not None and reported.version >= desired.version:
        return "asked.in_force"
    if reported is not None and reported.result > REFUSED_OLDER and reported.at_s >= desired.at_s:
        return "asked.refused"
    return "asked.waiting"
