# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The one page: its promise, its Things, its small print. Asks for news every two seconds."""

from nicegui import ui

from barri.web.config import LANGUAGES
from barri.web.desk import Desk, Look
from barri.web.keeper import Keeper
from barri.web.language import Language, language, offset
from barri.web.palette import custom_properties
from barri.web.thing import ThingCard
from barri.web.widgets import Text, attributes, box

NEWS_S = 2.0


class Page:
    """One browser's view of the house, in one language."""

    def __init__(self, desk: Desk, say: Language) -> None:
        self._desk, self._say = desk, say
        self._cards: dict[str, ThingCard] = {}

    async def build(self) -> None:
        """Lay the page out and fill it."""
        head(self._say)
        with box("div", "page"):
            self._build_top()
            self._main = box("div", "things")
            with box("footer", "foot"):
                self._times = Text("p")
                self._keeper = Keeper(self._say)
        look = await self._desk.look()
        await self._show(look)
        ui.timer(NEWS_S, self._news)

    def _build_top(self) -> None:
        say = self._say
        with box("header", "top"):
            with box("div", "bar"):
                Text("p", "barri", "brand")
                languages(say)
            Text("h1", say("page.promise"))
            self._shared = Text("p", "", "lead")
            if self._desk.config.simulated:
                with box("p", "banner"):
                    Text("strong", say("page.simulated"))
                    Text("span", self._desk.config.notice or say("page.simulated_text"))
            self._hint = Text("p", "", "banner")

    async def _news(self) -> None:
        await self._show(await self._desk.look())

    async def _show(self, look: Look) -> None:
        shared, everything = look.sharing()
        key = "page.shared_some" if shared else "page.shared_none"
        self._shared.say(self._say.counted(key, shared, shared=shared, all=everything))
        self._times.say(self._say("page.times", offset=offset(look.now_s)))
        self._show_hint(look)
        for thing in look.things:
            if thing.id not in self._cards:
                with self._main:
                    self._cards[thing.id] = ThingCard(self._desk, self._say, thing)
            await self._cards[thing.id].show(look)
        self._keeper.show(look)

    def _show_hint(self, look: Look) -> None:
        text = "" if look.overview else self._say("page.no_data")
        if not look.things:
            text = self._say("page.no_things")
        self._hint.say(text)
        self._hint.set_visibility(bool(text))


def head(say: Language) -> None:
    """Style sheet, palette, and what people without JavaScript read."""
    ui.add_head_html(f"<style>{custom_properties()}</style>")
    ui.add_head_html('<link rel="stylesheet" href="/static/barri.css">')
    promise, script = say("page.promise"), say("page.no_script")
    ui.add_body_html(f"<noscript><p>{promise}</p><p>{script}</p></noscript>")


def languages(say: Language) -> None:
    """Links to the same page in the other languages."""
    with box("nav", "languages") as nav:
        attributes(nav, aria_label=say("page.languages"))
        for code in LANGUAGES:
            link = Text("a", language(code)("page.own_name"))
            attributes(link, href=f"/{code}", lang=code, hreflang=code)
            if code == say.code:
                attributes(link, aria_current="page")
