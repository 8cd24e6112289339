# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The page's last part, for whoever keeps the gateway: what is not as it should be, and why.

Empty while all is well.
"""

from barri.services.reading import Overview
from barri.web.desk import Look
from barri.web.language import Language
from barri.web.trouble import TroubleList, of_board, of_sink
from barri.web.widgets import Text, box, facts


class Keeper:
    """Counts, what recipients have to tell, and every board that needs a look."""

    def __init__(self, say: Language) -> None:
        self._say = say
        self._counted: object = None
        with box("section", "keeper") as self._part:
            Text("h2", say("page.counts"), "small")
            self._counts = box("div")
            self._sinks, self._boards = TroubleList(say), TroubleList(say, folded=True)
        self._part.set_visibility(False)

    def show(self, look: Look) -> None:
        """Bring it up to date."""
        overview = look.overview
        if overview is None:
            return
        self._show_counts(overview)
        say = self._say
        self._sinks.show(of_sink(say, look, told) for told in overview.notices)
        self._boards.show(
            of_board(say, alarm, look.now_s, place_of(say, look, alarm.node))
            for alarm in overview.alarms
        )
        wrong = any(overview.counted.values()) or overview.notices or overview.alarms
        self._part.set_visibility(bool(wrong))

    def _show_counts(self, overview: Overview) -> None:
        counted = [(name, count) for name, count in overview.counted.items() if count]
        if counted == self._counted:
            return
        self._counted = counted
        self._counts.clear()
        say = self._say
        with self._counts:
            facts((say(f"counted.{name}"), say.number(count, 0)) for name, count in counted)


def place_of(say: Language, look: Look, node: str) -> str:
    """Where a board is, or was; its id stays off the page."""
    for thing in look.things:
        if node in look.nodes.get(thing.id, []):
            former = node not in look.serving
            return say("trouble.former", thing=thing.name) if former else thing.name
    return say("trouble.no_thing")
