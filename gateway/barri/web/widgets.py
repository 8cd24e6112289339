# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Thin wrappers around plain HTML elements: names, roles and states are set here, once.

Native elements (button, radio, details, table) bring keyboard and screen readers with them.
Texts are set as text, never as HTML. Must not import services.
"""

from collections.abc import Callable, Iterable
from typing import Any

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

Handler = Callable[[], Any]


class Text(TextElement):
    """An element that holds text and nothing else."""

    def __init__(self, tag: str, content: str = "", classes: str = "") -> None:
        super().__init__(tag=tag, text=content)
        self.classes(classes)

    def say(self, content: str) -> None:
        """Change the text; the browser hears of it only when it differs."""
        if content != self.text:
            self.set_text(content)


def box(tag: str = "div", classes: str = "") -> ui.element:
    """An element for others to stand in."""
    return ui.element(tag).classes(classes)


def attributes(element: ui.element, **values: object) -> None:
    """Set attributes (`aria_label` is aria-label); the browser hears of differences only."""
    named = {name.rstrip("_").replace("_", "-"): value for name, value in values.items()}
    if any(element.props.get(name) != value for name, value in named.items()):
        element.props.update(named)
        element.update()


def button(label: str, on_click: Handler, classes: str = "", name: str = "") -> Text:
    """A button; name: what it is called where its label is a sign."""
    made = Text("button", label, f"button {classes}")
    attributes(made, type="button")
    if name:
        attributes(made, aria_label=name)
    made.on("click", on_click, args=[])
    return made


class Radios:
    """One of several, with a legend. options: (key, label, hint).

    The browser's own state leads, so that quick fingers are never overruled by an older answer.
    """

    def __init__(
        self,
        group: str,
        legend: str,
        options: Iterable[tuple[Any, str, str]],
        chosen: Any,
        on_choose: Callable[[Any], Any],
    ) -> None:
        self._inputs: dict[Any, ui.element] = {}
        self._chosen = chosen
        self._on_choose = on_choose
        with box("fieldset", "radios"):
            Text("legend", legend)
            for key, label, hint in options:
                self._add(group, key, label, hint)

    def _add(self, group: str, key: Any, label: str, hint: str) -> None:
        with box("label", "radio"):
            entry = box("input")
            attributes(entry, type="radio", name=group, checked=key == self._chosen)
            entry.on("change", lambda: self._choose(key), args=[])
            with box("span", "radio-text"):
                Text("span", label, "radio-label")
                Text("span", hint, "hint")
        self._inputs[key] = entry

    def _choose(self, key: Any) -> Any:
        self._chosen = key
        return self._on_choose(key)

    def show(self, chosen: Any) -> None:
        """Let that option be the chosen one in the browser too."""
        if chosen != self._chosen and chosen in self._inputs:
            self._chosen = chosen
            ui.run_javascript(f"getHtmlElement({self._inputs[chosen].id}).checked = true")


def facts(pairs: Iterable[tuple[str, str]]) -> None:
    """A list of terms and what they are."""
    with box("dl", "facts"):
        for term, description in pairs:
            with box("div"):
                Text("dt", term)
                Text("dd", description)


def table(caption: str, heads: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    """A table with a caption and column heads."""
    with box("table"):
        Text("caption", caption)
        with box("thead"), box("tr"):
            for head in heads:
                attributes(Text("th", head), scope="col")
        with box("tbody"):
            for row in rows:
                with box("tr"):
                    for cell in row:
                        Text("td", cell)
