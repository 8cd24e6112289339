# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Texts, numbers and times as people of one language write them: Catalan, Spanish, English.

One table per language in `barri/locale`. Times are those of Europe/Madrid, on 24 hours, and
say their offset. Imports nothing of ours but the quantities.
"""

import tomllib
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

from barri.web.config import LANGUAGES
from barri_wire.quantities import BY_NAME

ZONE = ZoneInfo("Europe/Madrid")
UNITS = {
    "Cel": "°C",
    "%": "%",
    "hPa": "hPa",
    "lx": "lx",
    "ug/m3": "µg/m³",
    "dB[SPL]": "dB",
    "W.h": "Wh",
    "W": "W",
    "V": "V",
    "A": "A",
    "mA": "mA",
    "mV": "mV",
    "Hz": "Hz",
    "Ohm": "Ω",
    "[ppm]": "ppm",
    "kBy": "kB",
    "dB[mW]": "dBm",
    "1": "",
}
SHOWN_LARGER = {"W.h": ("kWh", 3)}  # unit for people, and how many decimals that adds
_THIN = "\u202f"  # narrow space that does not break
_MINUS = "\u2212"


class Language:
    """One of LANGUAGES. Use `language(code)`."""

    def __init__(self, code: str) -> None:
        table = resources.files("barri") / "locale" / f"{code}.toml"
        self.code = code
        self.texts = _flat(tomllib.loads(table.read_text("utf-8")))

    def __call__(self, key: str, **values: object) -> str:
        """The text of that key with its {placeholders} filled. KeyError for an unknown key."""
        return self.texts[key].format(**values)

    def counted(self, key: str, count: int, **values: object) -> str:
        """The text of that key for so many; `key_one` where one is said differently."""
        one = f"{key}_one"
        return self(one if count == 1 and one in self.texts else key, **values)

    def quantity(self, name: str, number: int = 0) -> str:
        """A quantity's name; a Thing's second sensor of it is number 2 for people."""
        text = self(f"quantity.{name}")
        return f"{text} {number + 1}" if number else text

    def number(self, steps: int, decimals: int) -> str:
        """Integer steps of 10**-decimals: (123456, 1) is '12 345,6' in Catalan."""
        whole, part = divmod(abs(steps), 10**decimals)
        text = f"{whole:,}".replace(",", _THIN if whole >= 10_000 else "")
        if decimals:
            text += f"{self('format.decimal')}{part:0{decimals}d}"
        return (_MINUS if steps < 0 else "") + text

    def value(self, quantity: str, steps: int | None) -> str:
        """A value without its unit; a dash where there is no reading."""
        return "–" if steps is None else self.number(steps, shown_decimals(quantity))

    def unit(self, quantity: str) -> str:
        """A quantity's unit as written for people."""
        code = BY_NAME[quantity].unit
        return SHOWN_LARGER[code][0] if code in SHOWN_LARGER else UNITS[code]

    def window(self, seconds: int) -> str:
        """A length of time, such as '10 s', '15 min', '1 h'."""
        for size, unit in ((3600, "h"), (60, "min")):
            if seconds % size == 0:
                return f"{seconds // size} {unit}"
        return f"{seconds} s"

    def clock(self, unix_s: int) -> str:
        """The time of day: '14:05:10'."""
        return local(unix_s).strftime("%H:%M:%S")

    def moment(self, unix_s: int) -> str:
        """Day, time and offset: '28 de juliol de 2026, 14:05:10 (UTC+02:00)'."""
        return f"{self.day(local(unix_s).date())}, {self.clock(unix_s)} ({offset(unix_s)})"

    def seen(self, unix_s: int, now_s: int) -> str:
        """A moment as said today: without the day when it is today's."""
        if local(unix_s).date() == local(now_s).date():
            return f"{self.clock(unix_s)} ({offset(unix_s)})"
        return self.moment(unix_s)

    def day(self, day: date) -> str:
        """A date in words."""
        month = self.texts["format.months"].split("|")[day.month - 1]
        return self("format.day", day=day.day, month=month, year=day.year)


def _flat(table: dict[str, object], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, entry in table.items():
        flat |= (
            _flat(entry, f"{prefix}{key}.")
            if isinstance(entry, dict)
            else {prefix + key: str(entry)}
        )
    return flat


def shown_decimals(quantity: str) -> int:
    """Digits after the point when a quantity's steps are shown in its unit for people."""
    about = BY_NAME[quantity]
    return int(about.decimals) + SHOWN_LARGER.get(about.unit, ("", 0))[1]


@cache
def language(code: str) -> Language:
    """The language of that code, read once."""
    return Language(code)


def in_all(key: str) -> str:
    """A text in all languages, a line each: for answers that know of no language."""
    return "\n".join(language(code)(key) for code in LANGUAGES)


def preferred(accept_language: str, default: str) -> str:
    """The best of ours for an Accept-Language header; the default when it names none."""
    wishes: list[tuple[float, int, str]] = []
    for place, item in enumerate(accept_language[:500].split(",")):
        tag, _, parameter = item.strip().partition(";")
        code = tag.split("-")[0].lower()
        if code in LANGUAGES:
            wishes.append((-_quality(parameter), place, code))
    return min(wishes)[2] if wishes else default


def _quality(parameter: str) -> float:
    _, _, text = parameter.partition("q=")
    try:
        return min(1.0, max(0.0, float(text))) if text else 1.0
    except ValueError:
        return 0.0


def local(unix_s: int) -> datetime:
    """That moment on the clocks of Madrid."""
    return datetime.fromtimestamp(unix_s, UTC).astimezone(ZONE)


def offset(unix_s: int) -> str:
    """How far those clocks are from UTC: 'UTC+02:00'."""
    return "UTC" + local(unix_s).isoformat()[-6:]


def day_bounds(day: date) -> tuple[int, int]:
    """First second of a civil day and of the next one (Unix s): 23, 24 or 25 hours apart."""
    ends = (day, day + timedelta(days=1))
    start, end = (int(datetime(d.year, d.month, d.day, tzinfo=ZONE).timestamp()) for d in ends)
    return start, end
