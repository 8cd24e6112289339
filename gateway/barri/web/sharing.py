# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The switch: who may see one Datastream, how finely, and exactly what they see.

Giving takes two steps (see what would leave, then confirm), stopping takes one. What is shown
before a choice comes from the gate itself, what is shown after it from what really left.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from nicegui import ui

from barri.domain.household import Choice, Recipient, Thing
from barri.domain.observation import Datastream
from barri.errors import BarriError
from barri.services.preview import Preview, coarser_windows, preview
from barri.services.reading import CityStream, Latest
from barri.web.desk import Desk, Look
from barri.web.language import Language
from barri.web.widgets import Radios, Text, attributes, box, button, facts, table
from barri_wire.quantities import NEVER

Form = tuple[str, int]  # kind and window (s)
KEEP: Form = ("keep", 0)


class SharingRow:
    """One Datastream in the list: its state at a glance, the switch inside."""

    def __init__(
        self, desk: Desk, language: Language, thing: Thing, datastream: Datastream
    ) -> None:
        self._desk, self._language = desk, language
        self._thing, self._datastream = thing, datastream
        self._switches: list[Switch] = []
        with box("details", "sharing-row") as details, box("summary"):
            Text("span", language.quantity(*datastream[1:]), "sharing-name")
            self._state = Text("span", "", "state")
        with details:
            self._inside = box("div", "sharing-inside")
        details.on("toggle", self._open, args=[])

    async def _open(self) -> None:
        """Build the switches when somebody looks for them."""
        look = await self._desk.look()
        if self._switches or self._datastream not in look.latest(self._thing.id):
            return
        with self._inside:
            for recipient in look.recipients:
                what = (self._thing, self._datastream, recipient)
                self._switches.append(Switch(self._desk, self._language, what, look))
            if not look.recipients:
                Text("p", self._language("share.nobody"), "hint")

    def show(self, look: Look, latest: Latest) -> None:
        """Bring it up to date."""
        choices = [look.choice(self._datastream, recipient.id) for recipient in look.recipients]
        given = [choice for choice in choices if choice is not None and choice.gives]
        self._state.say(self._state_text(given, latest))
        self._state.classes(**{"add" if given else "remove": "shared"})
        for switch in self._switches:
            switch.show(look)

    def _state_text(self, given: list[Choice], latest: Latest) -> str:
        if not given:
            return self._language("share.state_keep")
        finest = min(choice.window_s or latest.window_s for choice in given)
        return self._language("share.state_share", window=self._language.window(finest))


class Switch:
    """One Datastream and one recipient."""

    def __init__(
        self,
        desk: Desk,
        language: Language,
        what: tuple[Thing, Datastream, Recipient],
        look: Look,
    ) -> None:
        self._desk, self._language = desk, language
        self._thing, self._datastream, self._recipient = what
        self._look = look
        self._sample = secrets.token_hex(8)
        self._pending: Form | None = None
        self._drawn: object = None
        self._names = {
            "quantity": language.quantity(*self._datastream[1:]),
            "recipient": self._recipient.name,
        }
        with box("div", "switch"):
            legend, options = self._say("share.with"), self._options()
            self._radios = Radios(self._sample, legend, options, self._standing, self._pick)
            with box("div", "switch-panel"):
                self._answer = Text("p", "", "answer")
                attributes(self._answer, role="status", tabindex="-1")
                self._panel = box("div")
        self._draw()

    def _say(self, key: str, **values: object) -> str:
        return self._language(key, **self._names, **values)

    @property
    def _latest(self) -> Latest:
        return self._look.latest(self._thing.id)[self._datastream]

    @property
    def _standing(self) -> Form:
        choice = self._look.choice(self._datastream, self._recipient.id)
        return (choice.kind, choice.window_s) if choice is not None and choice.gives else KEEP

    def _options(self) -> Iterator[tuple[Form, str, str]]:
        measured_s = self._latest.window_s
        yield KEEP, self._say("share.keep"), self._say("share.keep_hint")
        hint = self._say("share.share_hint", window=self._language.window(measured_s))
        yield ("share", measured_s), self._say("share.share"), hint
        offered_s = self._desk.config.coarser_windows_s
        longest_s = self._latest.longest_s
        for window_s in coarser_windows(self._datastream, measured_s, offered_s, longest_s):
            label = self._say("share.coarser", window=self._language.window(window_s))
            yield ("coarser", window_s), label, self._say("share.coarser_hint")

    async def _pick(self, form: Form) -> None:
        """Stop at once; ask again before anything is given."""
        self._answer.say("")
        self._pending = None if form == self._standing else form
        self._draw()
        if self._pending == KEEP:
            await self._confirm()

    async def _confirm(self) -> None:
        if self._pending is not None:
            await self._decide(self._pending)
        self._pending = None
        self._draw()

    def _cancel(self) -> None:
        self._pending = None
        self._draw()

    async def _decide(self, form: Form) -> None:
        """Store it and answer what has happened."""
        before = self._stream()
        try:
            await self._desk.choose(
                self._datastream, self._recipient.id, *form, self._latest.window_s
            )
        except BarriError as error:
            self._answer.say(self._say("answer.failed", reason=error))
        else:
            self._look = await self._desk.look(fresh=True)
            self._answer.say(self._started(form) if form != KEEP else self._stopped(before))
        ui.run_javascript(f"getHtmlElement({self._answer.id})?.focus()")

    def _started(self, form: Form) -> str:
        window = self._language.window(form[1] or self._latest.window_s)
        return self._say("answer.started", window=window)

    def _stopped(self, before: CityStream | None) -> str:
        text = self._say("answer.stopped") + " "
        if before is None or not before.arrived + before.waiting:
            return text + self._say("answer.stopped_nothing")
        counts = {"arrived": before.arrived, "waiting": before.waiting}
        return text + self._say("answer.stopped_counts", **counts)

    def _stream(self) -> CityStream | None:
        choice = self._look.choice(self._datastream, self._recipient.id)
        if choice is None or not choice.gives or self._look.overview is None:
            return None
        return self._look.overview.stream(choice.era)

    def show(self, look: Look) -> None:
        """Bring it up to date, unless somebody is about to decide."""
        if self._pending is None and look.serial > self._look.serial:
            self._look = look
            self._draw()

    def _draw(self) -> None:
        form = self._pending or self._standing
        self._radios.show(form)
        held = None if self._pending else (self._stream(), self._ended())
        drawn = (form, self._pending, held)
        if drawn == self._drawn:
            return
        self._drawn = drawn
        self._panel.clear()
        with self._panel:
            if form == KEEP:
                self._draw_ended()
            elif self._pending:
                self._draw_pending(form)
            else:
                self._draw_standing(form)

    def _ended(self) -> list[CityStream]:
        overview = self._look.overview
        return overview.ended(self._datastream, self._recipient.id) if overview else []

    def _draw_ended(self) -> None:
        for erased, key in ((False, "answer.erasing"), (True, "answer.erased")):
            arrived = sum(stream.arrived for stream in self._ended() if stream.erased == erased)
            if arrived:
                names = {**self._names, "arrived": arrived}
                Text("p", self._language.counted(key, arrived, **names), "hint")

    def _draw_pending(self, form: Form) -> None:
        with self._sheet("preview.would_see"):
            shown = self._preview(form)
            if shown is None:
                Text("p", self._say("share.no_values"))
                return
            facts([*self._facts(shown), self._example(shown)])
            Text("p", self._say("preview.nothing_else"), "hint")
        with box("div", "forever"):
            Text("h4", self._say("confirm.forever_title"))
            Text("p", self._say("confirm.forever"))
        with box("div", "buttons"):
            button(self._say("confirm.start"), self._confirm, "primary")
            button(self._say("confirm.cancel"), self._cancel)

    def _draw_standing(self, form: Form) -> None:
        stream = self._stream()
        with self._sheet("preview.sees"):
            shown = self._preview(form)
            if shown is not None:
                facts(self._facts(shown))
            if stream is None or not stream.last:
                Text("p", self._say("preview.none_yet"), "hint")
            else:
                self._draw_last(stream)
            Text("p", self._say("preview.nothing_else"), "hint")

    @contextmanager
    def _sheet(self, title: str) -> Iterator[None]:
        with box("div", "sheet"):
            Text("h4", self._say(title))
            yield

    def _draw_last(self, stream: CityStream) -> None:
        say = self._language
        rows = (
            (
                say.clock(value.end_s),
                value.value_text,
                say(f"preview.{'arrived' if value.arrived else 'on_its_way'}"),
            )
            for value in stream.last
        )
        with box("div", "table-frame"):
            heads = (say("preview.ends"), say("preview.sent"), say("preview.state"))
            table(say("preview.last"), heads, rows)
        Text("p", say("preview.times_utc"), "hint")

    def _preview(self, form: Form) -> Preview | None:
        name = self._look.pseudonyms.get((self._thing.id, self._recipient.id), self._sample)
        return preview(self._thing, self._datastream, form[1], name, self._latest)

    def _facts(self, shown: Preview) -> list[tuple[str, str]]:
        say, given = self._language, shown.datastream
        counted = given.rule == NEVER and given.window_s > self._latest.window_s
        averaged = say(f"rule.{'counted' if counted else given.rule}")
        return [
            (say("preview.name"), self._shown_name(shown)),
            (say("preview.series"), self._shown_series()),
            (say("preview.quantity"), given.quantity),
            (say("preview.unit"), given.unit),
            (say("preview.window"), f"{say.window(given.window_s)}, {averaged}"),
            (say("preview.kind"), shown.thing.kind),
            (say("preview.place"), self._shown_place(shown)),
        ]

    def _shown_name(self, shown: Preview) -> str:
        name = str(shown.thing.pseudonym)
        made_up = name == self._sample
        return self._say("preview.name_new", pseudonym=name) if made_up else name

    def _shown_series(self) -> str:
        choice = self._look.choice(self._datastream, self._recipient.id)
        if self._pending or choice is None or not choice.gives:
            return self._say("preview.series_new")
        return choice.era

    def _shown_place(self, shown: Preview) -> str:
        if shown.thing.place is None:
            return self._say("preview.place_none")
        latitude, longitude = (
            self._language.number(round(degrees * 100_000), 5) for degrees in shown.thing.place
        )
        return self._say("preview.place_cell", latitude=latitude, longitude=longitude)

    def _example(self, shown: Preview) -> tuple[str, str]:
        leaving, term = shown.observation, self._say("preview.example")
        if leaving is None:
            return term, "–"
        return term, f"{leaving.value_text} · {self._language.moment(leaving.end_s)}"
