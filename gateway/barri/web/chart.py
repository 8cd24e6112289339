# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A day of one Datastream: line chart, the same values as a table, and the days around it."""

from datetime import date, timedelta
from typing import Any

from nicegui import ui

from barri.domain.observation import Datastream
from barri.services.reading import Series
from barri.web.desk import Desk
from barri.web.language import ZONE, Language, day_bounds, local, shown_decimals
from barri.web.palette import COLOURS
from barri.web.widgets import Text, attributes, box, button, table

MOST_POINTS = 1500
MOST_ROWS = 48


class DayChart:
    """The chart of a Thing's card. `show` says of what, `refresh` brings it up to date."""

    def __init__(self, desk: Desk, language: Language) -> None:
        self._desk = desk
        self._language = language
        self._datastream: Datastream | None = None
        self._day: date | None = None  # None: today
        self._today = date.min
        self._drawn: object = None
        with box("section", "day"):
            self._build()

    def _build(self) -> None:
        with box("div", "day-head"):
            with box("div"):
                self._title = Text("h3")
                self._axis = Text("p", "", "hint")
            with box("div", "day-buttons"):
                button("‹", lambda: self._move(-1), "sign", self._language("chart.previous"))
                self._next = button(
                    "›", lambda: self._move(1), "sign", self._language("chart.next")
                )
        self._empty = Text("p", self._language("chart.empty"), "hint empty")
        with box("div", "chart") as self._frame:
            self._chart = ui.echart(_options(self._language), renderer="svg")
        with box("details", "table") as self._details:
            Text("summary", self._language("chart.table"))
            self._table = box("div", "table-frame")
        attributes(self._frame, role="img")
        attributes(self._chart, aria_hidden="true")

    async def show(self, datastream: Datastream, now_s: int) -> None:
        """Draw another Datastream."""
        self._datastream = datastream
        await self.refresh(now_s)

    async def _move(self, days: int) -> None:
        wanted = (self._day or self._today) + timedelta(days=days)
        self._day = wanted if wanted < self._today else None
        await self._draw()

    async def refresh(self, now_s: int) -> None:
        """Draw what has come since."""
        self._today = local(now_s).date()
        await self._draw()

    async def _draw(self) -> None:
        if self._datastream is None:
            return
        datastream, day = self._datastream, self._day or self._today
        bounds = day_bounds(day)
        line = await self._desk.series(datastream, *bounds, MOST_POINTS)
        rows = await self._desk.series(datastream, *bounds, MOST_ROWS)
        drawn = (datastream, day, line, rows)
        if drawn == self._drawn or datastream != self._datastream:
            return
        self._drawn = drawn
        self._draw_head(datastream, day, line)
        self._draw_line(datastream, line)
        self._draw_table(datastream, day, rows)

    def _draw_head(self, datastream: Datastream, day: date, line: Series) -> None:
        say = self._language
        named = {"quantity": say.quantity(*datastream[1:]), "day": say.day(day)}
        unit, window = say.unit(datastream.quantity), say.window(line.window_s)
        self._title.say(say("chart.title", **named))
        self._axis.say(say("chart.axis", unit=unit, window=window) if line.points else "")
        attributes(self._next, disabled=day >= self._today)
        values = [value for _, value in line.points if value is not None]
        self._empty.set_visibility(not values)
        self._frame.set_visibility(bool(values))
        self._details.set_visibility(bool(values))
        if values:
            low, high = (say.value(datastream.quantity, end(values)) for end in (min, max))
            text = say("chart.description", unit=unit, low=low, high=high, **named)
            attributes(self._frame, aria_label=text)

    def _draw_line(self, datastream: Datastream, line: Series) -> None:
        decimals = shown_decimals(datastream.quantity)
        scale = 10**decimals
        data: list[list[float | None]] = []
        for start_s, value in line.points:
            if data and start_s * 1000 - (data[-1][0] or 0) > 1500 * line.window_s:
                data.append([start_s * 1000 - 1000 * line.window_s, None])  # a gap stays a gap
            data.append([start_s * 1000, None if value is None else value / scale])
        self._chart.options["series"][0]["data"] = data
        self._chart.options["tooltip"][":valueFormatter"] = _number(self._language.code, decimals)
        self._chart.update()

    def _draw_table(self, datastream: Datastream, day: date, rows: Series) -> None:
        say = self._language
        self._table.clear()
        caption = say(
            "chart.caption",
            quantity=say.quantity(*datastream[1:]),
            unit=say.unit(datastream.quantity),
            day=say.day(day),
            window=say.window(rows.window_s),
        )
        with self._table:
            table(
                caption,
                (say("chart.from"), say("chart.value")),
                (
                    (say.clock(start_s), say.value(datastream.quantity, value))
                    for start_s, value in reversed(rows.points)
                ),
            )


def _number(code: str, decimals: int) -> str:
    """JavaScript that writes a number as people of that language do."""
    digits = f"minimumFractionDigits: {decimals}, maximumFractionDigits: {decimals}"
    return f"v => v == null ? '–' : v.toLocaleString('{code}', {{{digits}}})"


def _clock(code: str, seconds: bool) -> str:
    """JavaScript that writes a time (ms) as Madrid's clocks show it."""
    parts = "hour: '2-digit', minute: '2-digit'" + (", second: '2-digit'" if seconds else "")
    form = f"{{timeZone: '{ZONE.key}', hourCycle: 'h23', {parts}}}"
    return f"v => new Date(v).toLocaleTimeString('{code}', {form})"


def _options(language: Language) -> dict[str, Any]:
    quiet = {"color": COLOURS["soft"], "fontSize": 12, "hideOverlap": True}
    code = language.code
    return {
        "animation": False,
        "grid": {"left": 4, "right": 24, "top": 12, "bottom": 4, "containLabel": True},
        "tooltip": {"trigger": "axis", "confine": True},
        "xAxis": {
            "type": "time",
            "axisLabel": {**quiet, "margin": 14, ":formatter": _clock(code, False)},
            "axisLine": {"lineStyle": {"color": COLOURS["line"]}},
            "axisPointer": {"label": {":formatter": f"p => ({_clock(code, True)})(p.value)"}},
            "splitLine": {"show": False},
        },
        "yAxis": {
            "type": "value",
            "scale": True,
            "splitNumber": 3,
            "axisLabel": {**quiet, ":formatter": f"v => v.toLocaleString('{code}')"},
            "splitLine": {"lineStyle": {"color": COLOURS["line"]}},
        },
        "series": [
            {
                "type": "line",
                "data": [],
                "showSymbol": False,
                "lineStyle": {"color": COLOURS["accent"], "width": 2},
                "itemStyle": {"color": COLOURS["accent"]},
                "areaStyle": {"color": COLOURS["accent"], "opacity": 0.06},
            }
        ],
    }
