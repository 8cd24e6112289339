# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Texts, numbers and times are complete and right in Catalan, Spanish and English."""

import re
import string
from datetime import date
from pathlib import Path

import pytest

from barri.services.reading import COUNTED, KEEPING, MEASURING, NOT_MEASURING
from barri.web import config
from barri.web.health import RESETS
from barri.web.language import day_bounds, language, offset, preferred
from barri_wire.quantities import NEVER, every_quantity

WEB = Path(config.__file__).parent
ROOT = Path(__file__).resolve().parents[3]
SUMMER_S = 1_785_256_957  # 2026-07-28T16:42:37Z, by `date -u -d @1785256957`
WINTER_S = 1_767_225_600  # 2026-01-01T00:00:00Z

others = pytest.mark.parametrize("code", ["ca", "es"])
every = pytest.mark.parametrize("code", config.LANGUAGES)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@others
def test_every_language_has_the_same_keys(code: str) -> None:
    assert language(code).texts.keys() == language("en").texts.keys()


@others
def test_every_text_fills_in_the_same_placeholders(code: str) -> None:
    english = language("en").texts
    for key, text in language(code).texts.items():
        assert placeholders(text) == placeholders(english[key]), key


@every
def test_no_text_is_empty_or_markup(code: str) -> None:
    for key, text in language(code).texts.items():
        assert text.strip(), key
        assert "<" not in text, key


@every
def test_the_page_asks_only_for_texts_that_exist(code: str) -> None:
    source = "".join(path.read_text("utf-8") for path in WEB.glob("*.py"))
    asked = set(
        re.findall(r'"((?:page|thing|chart|share|preview|confirm|answer|trouble)\.\w+)"', source)
    )
    assert len(asked) > 40
    assert asked <= language(code).texts.keys()


def test_the_page_uses_every_text_it_has() -> None:
    source = "".join(path.read_text("utf-8") for path in WEB.glob("*.py"))
    built = (  # asked for by a computed key
        *("quantity.", "rule.", "kit.", "counted.", "status."),
        *("notice.", "alarm.", "reset."),
    )
    direct = {key for key in language("en").texts if not key.startswith(built)}
    computed = {"preview.arrived", "preview.on_its_way"}
    asked = {key: key.removesuffix("_one") for key in direct - computed}
    unused = {key for key, base in asked.items() if not re.search(f"[\"']{base}[\"']", source)}
    assert unused == set()


@every
def test_one_is_said_differently_from_many(code: str) -> None:
    say = language(code)
    ones = [key for key in say.texts if key.endswith("_one")]
    assert {key.removesuffix("_one") for key in ones} <= say.texts.keys()
    for key in ones:
        values = dict.fromkeys(placeholders(say.texts[key.removesuffix("_one")]), "X")
        assert say.counted(key.removesuffix("_one"), 1, **values) == say(key, **values)
        assert say.counted(key.removesuffix("_one"), 2, **values) != say(key, **values)
    assert say.counted("thing.board", 1) == say("thing.board")


@every
def test_every_cause_of_a_boards_start_has_its_words(code: str) -> None:
    """Boards number them as `boot_count` of the firmware does."""
    firmware = (ROOT / "firmware/src/barri_node/life/boot_count.py").read_text("utf-8")
    table = re.search(r"^_CAUSES = \((.*)\)$", firmware, re.MULTILINE)
    assert table is not None
    assert table[1].count(",") + 1 == len(RESETS)
    assert all(f"reset.{name}" in language(code).texts for name in RESETS)


@every
def test_every_quantity_rule_status_and_count_has_its_words(code: str) -> None:
    texts = language(code).texts
    for quantity in every_quantity():
        assert f"quantity.{quantity.name}" in texts
        assert f"rule.{quantity.merge}" in texts
        assert bool(language(code).unit(quantity.name)) == (quantity.unit != "1")
    assert f"rule.{NEVER}" in texts
    for word in (MEASURING, KEEPING, NOT_MEASURING):
        assert f"status.{word}" in texts
    for table in COUNTED:
        assert f"counted.{table}" in texts
    assert len(texts["format.months"].split("|")) == 12


@pytest.mark.parametrize(
    ("code", "steps", "decimals", "written"),
    [
        ("ca", 2950, 2, "29,50"),
        ("es", 2950, 2, "29,50"),
        ("en", 2950, 2, "29.50"),
        ("ca", -5, 1, "−0,5"),
        ("ca", 0, 0, "0"),
        ("ca", 1013, 0, "1013"),
        ("en", 4518643, 1, "451\u202f864.3"),
    ],
)
def test_numbers_are_written_as_people_write_them(
    code: str, steps: int, decimals: int, written: str
) -> None:
    assert language(code).number(steps, decimals) == written


def test_values_know_their_quantity() -> None:
    catalan = language("ca")
    assert catalan.value("temperature", None) == "–"
    assert (catalan.value("laeq", 568), catalan.unit("laeq")) == ("56,8", "dB")
    assert (catalan.value("energy_import", 4512300), catalan.unit("energy_import")) == (
        "4512,300",
        "kWh",
    )
    assert catalan.quantity("temperature", 1) == "Temperatura 2"


def test_windows_are_told_in_the_longest_unit() -> None:
    lengths = [language("ca").window(seconds) for seconds in (10, 90, 60, 900, 3600, 86_400)]
    assert lengths == ["10 s", "90 s", "1 min", "15 min", "1 h", "24 h"]


@pytest.mark.parametrize(
    ("code", "summer"),
    [
        ("ca", "28 de juliol de 2026, 18:42:37 (UTC+02:00)"),
        ("es", "28 de julio de 2026, 18:42:37 (UTC+02:00)"),
        ("en", "28 July 2026, 18:42:37 (UTC+02:00)"),
    ],
)
def test_moments_are_local_on_24_hours_and_say_their_offset(code: str, summer: str) -> None:
    assert language(code).moment(SUMMER_S) == summer


def test_winter_time_has_its_own_offset() -> None:
    assert offset(WINTER_S) == "UTC+01:00"
    assert language("ca").moment(WINTER_S) == "1 de gener de 2026, 01:00:00 (UTC+01:00)"


def test_catalan_months_elide() -> None:
    assert language("ca").day(date(2026, 4, 1)) == "1 d’abril de 2026"


def test_today_needs_no_date() -> None:
    seen = language("ca").seen
    assert seen(SUMMER_S, SUMMER_S + 60) == "18:42:37 (UTC+02:00)"
    assert seen(SUMMER_S, SUMMER_S + 86_400).startswith("28 de juliol")


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 3, 29), 23), (date(2026, 7, 28), 24), (date(2026, 10, 25), 25)],
)
def test_civil_days_have_23_24_or_25_hours(day: date, hours: int) -> None:
    start_s, end_s = day_bounds(day)
    assert end_s - start_s == hours * 3600


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "ca"),
        ("fr-FR,fr;q=0.9", "ca"),
        ("es-ES,es;q=0.9,en;q=0.8", "es"),
        ("en;q=0.5, ca;q=0.8", "ca"),
        ("en-GB", "en"),
        ("es;q=0.8,en;q=nonsense", "es"),
        (",;,;q=,es", "es"),
        ("x" * 10_000, "ca"),
    ],
)
def test_the_browsers_wish_is_respected(header: str, code: str) -> None:
    assert preferred(header, "ca") == code
