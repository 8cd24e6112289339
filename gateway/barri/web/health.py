# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""How a Thing's board is doing: its own words, and what the gateway noticed. A closed fold.

The fold says from outside when there is something to look at.
"""

from barri.domain.observation import Datastream
from barri.services.reading import Latest
from barri.web.desk import Look
from barri.web.language import Language
from barri.web.trouble import TroubleList, of_board
from barri.web.widgets import Text, box

RESETS = ("unknown", "power", "reset", "watchdog", "sleep", "restart")  # as boards number them


class BoardHealth:
    """A table with a row for each thing the board says of itself; hidden while all is silent."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._values: dict[Datastream, Text] = {}
        with box("details", "table") as self._fold:
            with box("summary"):
                Text("span", language("thing.board"))
                self._sign = Text("span", language("thing.needs_look"), "sign-look")
            self._troubles = TroubleList(language)
            with box("table") as self._table:
                self._rows = box("tbody")
        self._fold.set_visibility(False)

    def show(self, look: Look, thing: str) -> None:
        """Bring it up to date."""
        latest, alarms = look.health(thing), look.alarms(thing)
        self._fold.set_visibility(bool(latest or alarms))
        self._sign.set_visibility(bool(alarms))
        self._troubles.show(of_board(self._language, alarm, look.now_s) for alarm in alarms)
        self._table.set_visibility(bool(latest))
        self._show_values(latest)

    def _show_values(self, latest: dict[Datastream, Latest]) -> None:
        for datastream, newest in latest.items():
            if datastream not in self._values:
                self._add(datastream)
            self._values[datastream].say(self._text(datastream.quantity, newest.value))

    def _text(self, quantity: str, value: int | None) -> str:
        say = self._language
        if quantity == "reset_cause" and value is not None and 0 <= value < len(RESETS):
            return say(f"reset.{RESETS[value]}")
        return f"{say.value(quantity, value)}\u00a0{say.unit(quantity)}".rstrip()

    def _add(self, datastream: Datastream) -> None:
        with self._rows, box("tr"):
            Text("th", self._language.quantity(*datastream[1:]))
            self._values[datastream] = Text("td")
