# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A person reads what a value was made with: calibrations and corrections, in plain words."""

from pathlib import Path
from typing import Any

import house
import pytest

from barri.adapters.stores.database import open_writer
from barri.domain.calibration import Calibration, parse_day
from barri.domain.corrections.chosen import ChosenCorrection
from barri.web.language import language

LANGUAGES = ("ca", "es", "en")
FIRST = Calibration(
    "node1", parse_day("2026-07-03"), house.NOW_S, 12, "calibrator", "the school's, by Marta"
)
NEXT = Calibration("node1", parse_day("2026-07-28"), house.NOW_S, -5, "comparison", "a class 1")
PM2_5 = ChosenCorrection(
    "balcony", "pm2_5", parse_day("2026-07-01"), house.NOW_S, "epa_pm2_5", "2021-airnow", "pms5003"
)
PM10 = ChosenCorrection(
    "balcony", "pm10", parse_day("2026-07-01"), house.NOW_S, "humidity_growth_pm10", "2018"
)
STATED = {
    "laeq": FIRST.name,
    "lafmax": f"{FIRST.name}; {NEXT.name}; raw",
    "lceq": "nodeq 2026-07-01 +3.0 dB",
    "pm2_5": PM2_5.said,
    "pm10": PM10.said,
}
SAID = {
    "ca": "Calibrat amb un calibrador de 94 dB (3 de juliol de 2026): +1,2 dB.",
    "es": "Calibrado el 3 de julio de 2026 con un calibrador de 94 dB: +1,2 dB.",
    "en": "Calibrated on 3 July 2026 with a 94 dB calibrator: +1.2 dB.",
}
SHORT = {"ca": "calibrat: +1,2 dB", "es": "calibrado: +1,2 dB", "en": "calibrated: +1.2 dB"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The house, with a calibrated board and corrected dust, as derive states them."""
    made = tmp_path_factory.mktemp("made-with")
    home = house.make(made)
    for calibration in (FIRST, NEXT):
        home.add_calibration(calibration)
    for chosen in (PM2_5, PM10):
        home.choose_correction(chosen)
    home.close()
    connection = open_writer(made / "gateway.db")
    with connection:
        for quantity, names in STATED.items():
            detail = b"1|" + names.encode()
            connection.execute(
                "UPDATE rollup SET detail = ? WHERE quantity = ?", (detail, quantity)
            )
    connection.close()
    return made


def card(page: Any, thing: str) -> Any:
    return page.locator("article", has=page.get_by_role("heading", name=thing))


def tile(page: Any, thing: str, code: str, quantity: str) -> Any:
    name = language(code).quantity(quantity)
    named = page.locator(".tile-name").get_by_text(name, exact=True)
    return card(page, thing).locator(".tile", has=named)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_calibrated_value_says_when_how_and_by_how_much(visit: Any, code: str) -> None:
    page = visit().open(f"/{code}")
    street = card(page, "Façana")
    assert street.locator(".made").inner_text() == SAID[code]
    short = tile(page, "Façana", code, "laeq").inner_text().splitlines()[-1]
    assert short.replace("\u00a0", " ") == SHORT[code]


def test_every_value_has_its_own_words_and_raw_ones_have_none(visit: Any) -> None:
    page = visit().open("/en")
    made = card(page, "Façana").locator(".made")
    assert "calibrated" not in tile(page, "Façana", "en", "la10").inner_text()
    tile(page, "Façana", "en", "la10").click()
    made.wait_for(state="hidden")
    tile(page, "Façana", "en", "lafmax").click()
    made.get_by_text("by comparison with a calibrated meter: −0.5 dB.").wait_for()
    assert made.inner_text().endswith("Part of it is as it came.")
    tile(page, "Façana", "en", "lceq").click()
    made.get_by_text("something that is no longer on record here").wait_for()


def test_corrected_dust_names_the_formula_and_its_version(visit: Any) -> None:
    page = visit().open("/en")
    made = card(page, "Balcó").locator(".made")
    assert not made.is_visible()  # temperature comes first, as it came
    tile(page, "Balcó", "en", "pm2_5").click()
    made.get_by_text("(epa_pm2_5 2021-airnow)").wait_for()
    assert made.inner_text().startswith("Corrected since 1 July 2026 with the EPA’s formula")
    tile(page, "Balcó", "en", "pm10").click()
    made.get_by_text("for damp air, which swells particles").wait_for()
    assert "corrected" in tile(page, "Balcó", "en", "pm10").inner_text()


def test_neither_board_nor_note_is_on_the_page(visit: Any) -> None:
    page = visit().open("/en")
    tile(page, "Façana", "en", "lceq").click()
    card(page, "Façana").locator(".made").get_by_text("no longer").wait_for()
    text = page.content()
    assert "node1" not in text
    assert "nodeq" not in text
    assert "Marta" not in text


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("width", [360, 390, 1100])
def test_no_word_of_it_is_cut_off(visit: Any, code: str, width: int) -> None:
    page = visit(width).open(f"/{code}")
    tile(page, "Façana", code, "lafmax").click()
    tile(page, "Balcó", code, "pm10").click()
    card(page, "Balcó").locator(".made").get_by_text("humidity_growth_pm10").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    cut = page.evaluate(
        "w => [...document.querySelectorAll('.made, .tile, .tile *')]"
        ".filter(e => e.getBoundingClientRect().right > w + 0.5"
        " || (e.clientWidth && e.scrollWidth > e.clientWidth + 1))"
        ".map(e => e.outerHTML.slice(0, 80))",
        width,
    )
    assert cut == []
