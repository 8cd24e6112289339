# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Trouble in words: what a sink or a board does, what it means for the data, and what to do.

The gateway stores codes and kinds, the locale files have the sentences. A board is called by
the place it serves; its id stays off the page. Importing this starts nothing.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from barri.services.reading import Alarm, Told
from barri.web.desk import Look
from barri.web.language import Language
from barri.web.widgets import Text, box
from barri_wire.quantities import BY_NAME

PARTS = ("what", "means", "do")


class Trouble(NamedTuple):
    """One block on the page. key: stays the same while it is the same trouble."""

    key: tuple[str, ...]
    what: str
    means: str
    do: str
    when: str
    place: str = ""


def of_sink(say: Language, look: Look, told: Told) -> Trouble:
    """What a sink has to tell. Sentences of older files, and codes not ours, stand as they are."""
    names = {recipient.id: recipient.name for recipient in look.recipients}
    recipient = names.get(told.recipient, told.recipient)
    key = (told.recipient, told.about)
    when = say("trouble.since", first=say.seen(told.at_s, look.now_s))
    if told.notice is None:
        return Trouble(key, recipient, told.text, "", when)
    values = _in_words(say, look, told.notice.values)
    try:
        what, means, do = (
            say(f"notice.{told.notice.code}.{part}", recipient=recipient, **values)
            for part in PARTS
        )
    except KeyError:  # written by another version, with other values
        return Trouble(key, recipient, told.text, "", when)
    return Trouble(key, what, means, do, when)


def _in_words(say: Language, look: Look, values: Mapping[str, str | int]) -> dict[str, str]:
    """A notice's values as people call them."""
    words = {name: str(value) for name, value in values.items() if name != "recipient"}
    places = {thing.id: thing.name for thing in look.things}
    if "thing" in words:
        words["thing"] = places.get(words["thing"], words["thing"])
    if words.get("quantity") in BY_NAME:
        words["quantity"] = say.quantity(words["quantity"], int(values.get("number", 0)))
    if "until_s" in values:
        words["until"] = say.seen(int(values["until_s"]), look.now_s)
    return words


def of_board(say: Language, alarm: Alarm, now_s: int, place: str = "") -> Trouble:
    """What a board does that a person has to look at."""
    known = f"alarm.{alarm.kind}.what" in say.texts
    kind = alarm.kind if known else "unknown"
    what, means, do = (say(f"alarm.{kind}.{part}", kind=alarm.kind[:40]) for part in PARTS)
    when = _how_often(say, alarm, now_s)
    return Trouble((alarm.node, alarm.kind), what, means, do, when, place)


def _how_often(say: Language, alarm: Alarm, now_s: int) -> str:
    times = say.number(alarm.times, 0)
    if alarm.first_s is None or alarm.last_s is None:
        return say.counted("trouble.undated", alarm.times, times=times)
    first, last = say.seen(alarm.first_s, now_s), say.seen(alarm.last_s, now_s)
    often = say.counted("trouble.often", alarm.times, times=times, first=first, last=last)
    return often if alarm.is_recent(now_s) else f"{often} {say('trouble.quiet')}"


class TroubleList:
    """Blocks in the order they were first shown. Each is changed in place: readers keep theirs.

    folded: only what happened is seen at first.
    """

    def __init__(self, say: Language, folded: bool = False) -> None:
        self._say, self._folded = say, folded
        self._blocks: dict[tuple[str, ...], _Block] = {}
        self._inside = box("div", "troubles")
        self._inside.set_visibility(False)

    def show(self, troubles: Iterable[Trouble]) -> None:
        """Bring it up to date."""
        now = {trouble.key: trouble for trouble in troubles}
        for key in self._blocks.keys() - now.keys():
            self._blocks.pop(key).remove()
        for key, trouble in now.items():
            if key not in self._blocks:
                with self._inside:
                    self._blocks[key] = _Block(self._say("trouble.do"), self._folded)
            self._blocks[key].show(trouble)
        self._inside.set_visibility(bool(now))


class _Block:
    def __init__(self, do: str, folded: bool) -> None:
        with box("details" if folded else "div", "trouble") as self._frame:
            with box("summary" if folded else "div"), box("span", "trouble-title"):
                self._place = Text("span", "", "trouble-place")
                self._what = Text("span", "", "trouble-what")
            self._means = Text("p")
            with box("p") as self._to_do:
                Text("strong", do)
                self._do = Text("span")
            self._when = Text("p", "", "hint")

    def show(self, trouble: Trouble) -> None:
        self._place.say(trouble.place)
        self._place.set_visibility(bool(trouble.place))
        self._what.say(trouble.what)
        self._means.say(trouble.means)
        self._do.say(trouble.do)
        self._to_do.set_visibility(bool(trouble.do))
        self._when.say(trouble.when)

    def remove(self) -> None:
        self._frame.delete()
