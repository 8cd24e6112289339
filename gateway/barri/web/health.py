# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""How a Thing's board is doing, by its own words: a closed fold below the sharing."""

from barri.domain.observation import Datastream
from barri.services.reading import Latest
from barri.web.language import Language
from barri.web.widgets import Text, box


class BoardHealth:
    """A table with a row for each thing the board says of itself; hidden while it says nothing."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._values: dict[Datastream, Text] = {}
        with box("details", "table") as self._fold:
            Text("summary", language("thing.board"))
            with box("table"):
                self._rows = box("tbody")
        self._fold.set_visibility(False)

    def show(self, latest: dict[Datastream, Latest]) -> None:
        """Bring it up to date."""
        self._fold.set_visibility(bool(latest))
        for datastream, newest in latest.items():
            if datastream not in self._values:
                self._add(datastream)
            number = self._language.value(datastream.quantity, newest.value)
            self._values[datastream].say(f"{number} {self._language.unit(datastream.quantity)}")

    def _add(self, datastream: Datastream) -> None:
        with self._rows, box("tr"):
            Text("th", self._language.quantity(*datastream[1:]))
            self._values[datastream] = Text("td")
