# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A Thing's card: how it is, what it measures now, its day, and what of it is shared."""

from barri.domain.household import Thing
from barri.domain.observation import Datastream
from barri.services.reading import KEEPING, MOST_SILENT_S, NOT_MEASURING, Latest, status
from barri.web.asked import AskedLine
from barri.web.chart import DayChart
from barri.web.desk import Desk, Look
from barri.web.health import BoardHealth
from barri.web.language import Language
from barri.web.sharing import SharingRow
from barri.web.widgets import Text, attributes, box

FIRST_SHOWN = ("laeq", "temperature", "power_import")  # whose day is drawn first


class ThingCard:
    """Built once per page; rebuilt only when the Thing measures something new."""

    def __init__(self, desk: Desk, language: Language, thing: Thing) -> None:
        self._desk, self._language, self._thing = desk, language, thing
        self._tiles: dict[Datastream, Tile] = {}
        self._rows: dict[Datastream, SharingRow] = {}
        self._chart: DayChart | None = None
        self._made: Text | None = None
        self._picked: Datastream | None = None
        with box("article", "thing") as card:
            with box("header", "thing-head"):
                with box("div"):
                    heading = Text("h2", thing.name)
                    Text("p", self._siting(), "hint")
                self._status = StatusSign(language)
            self._asked = AskedLine(language)
            self._body = box("div")
            self._health = BoardHealth(language)
        attributes(card, aria_labelledby=f"c{heading.id}")

    def _siting(self) -> str:
        say, thing = self._language, self._thing
        kit = f"kit.{thing.kit}"
        parts = [say(kit) if kit in say.texts else thing.kit]
        parts.append(say("thing.indoor" if thing.indoor else "thing.outdoor"))
        if thing.height_m is not None:
            height = say.number(round(thing.height_m * 10), 1).removesuffix(
                f"{say('format.decimal')}0"
            )
            parts.append(say("thing.height", height=height))
        return " · ".join(parts)

    async def show(self, look: Look) -> None:
        """Bring it up to date."""
        latest = look.latest(self._thing.id)
        self._status.show(look, self._thing.id, latest)
        self._asked.show(look, self._thing.id)
        if latest and list(latest) != list(self._tiles):
            await self._rebuild(look, list(latest))
        for datastream, newest in latest.items():
            self._tiles[datastream].show(newest, look)
            self._rows[datastream].show(look, newest)
        self._health.show(look, self._thing.id)
        self._say_how_made(look)
        if self._chart is not None:
            await self._chart.refresh(look.now_s)

    def _say_how_made(self, look: Look) -> None:
        """Under the values: what the one that was picked was made with."""
        newest = look.latest(self._thing.id).get(self._picked) if self._picked else None
        if self._made is not None and newest is not None:
            text = look.making.in_full(self._language, newest.made_with)
            self._made.say(text)
            self._made.set_visibility(bool(text))

    async def _rebuild(self, look: Look, datastreams: list[Datastream]) -> None:
        self._body.clear()
        say = self._language
        with self._body:
            with box("div", "section-head"):
                Text("h3", say("thing.values"))
                Text("p", say("thing.values_note"), "hint")
            with box("div", "tiles"):
                self._tiles = {d: Tile(say, d, self._pick) for d in datastreams}
            self._made = Text("p", "", "hint made")
            self._chart = DayChart(self._desk, say)
            with box("section", "sharing"):
                Text("h3", say("thing.sharing"))
                self._rows = {d: SharingRow(self._desk, say, self._thing, d) for d in datastreams}
        await self._pick(min(datastreams, key=_first_shown), look)

    async def _pick(self, datastream: Datastream, look: Look | None = None) -> None:
        self._picked = datastream
        for each, tile in self._tiles.items():
            tile.press(each == datastream)
        look = look or await self._desk.look()
        self._say_how_made(look)
        if self._chart is not None:
            await self._chart.show(datastream, look.now_s)


def _first_shown(datastream: Datastream) -> int:
    known = datastream.quantity in FIRST_SHOWN
    return FIRST_SHOWN.index(datastream.quantity) if known else len(FIRST_SHOWN)


class StatusSign:
    """The three words, each with its own shape, and when the Thing was last seen."""

    def __init__(self, language: Language) -> None:
        self._language = language
        with box("div", "status"):
            with box("p", "status-word"):
                self._shape = box("span", "shape")
                self._word = Text("span")
            self._heard = Text("p", "", "hint")
            self._note = Text("p", "", "hint")
        attributes(self._shape, aria_hidden="true")

    def show(self, look: Look, thing: str, latest: dict[Datastream, Latest]) -> None:
        """Say how the Thing is."""
        say = self._language
        heard_s = look.heard_s(thing)
        ends = [each.valued_s for each in latest.values() if each.valued_s is not None]
        seen_s = max([*ends, *([heard_s] if heard_s is not None else [])], default=None)
        word = status(latest.values(), heard_s, look.now_s)
        self._word.say(say(f"status.{word}"))
        self._shape.classes(replace=f"shape {word}")
        seen = (
            say("status.never")
            if seen_s is None
            else say("status.heard", moment=say.seen(seen_s, look.now_s))
        )
        self._heard.say(seen)
        note = say(f"status.{word}_note") if word in (KEEPING, NOT_MEASURING) else ""
        self._note.say(note)


class Tile:
    """A live value; pressing it shows its day."""

    def __init__(self, language: Language, datastream: Datastream, on_pick) -> None:  # type: ignore[no-untyped-def]
        self._language, self._datastream = language, datastream
        with box("button", "tile") as self._button:
            Text("span", language.quantity(*datastream[1:]), "tile-name")
            with box("span", "tile-value"):
                self._number = Text("span", "–", "number")
                Text("span", language.unit(datastream.quantity), "unit")
            self._when = Text("span", "", "hint")
            self._made = Text("span", "", "hint")
        attributes(self._button, type="button", aria_pressed="false")
        self._button.on("click", lambda: on_pick(datastream), args=[])

    def press(self, pressed: bool) -> None:
        """Say whether its day is the one drawn."""
        attributes(self._button, aria_pressed="true" if pressed else "false")

    def show(self, latest: Latest, look: Look) -> None:
        """Bring it up to date; an old value says when it was, a corrected one that it is."""
        say, now_s = self._language, look.now_s
        self._number.say(say.value(self._datastream.quantity, latest.value))
        old = now_s - latest.end_s > max(MOST_SILENT_S, 4 * latest.window_s)
        window = say.window(latest.window_s)
        self._when.say(say.clock(latest.end_s) if old else say("thing.per_window", window=window))
        made = look.making.in_short(say, latest.made_with)
        self._made.say(made)
        self._made.set_visibility(bool(made))
