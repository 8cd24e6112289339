# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The page as a person meets it, in a real browser."""

import re
import urllib.error
import urllib.request
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from barri.adapters.stores.home import HomeReader
from barri.domain.household import in_force
from barri.web.language import language

LANGUAGES = ("ca", "es", "en")
PROMISES = {
    "ca": "Res no surt d’aquesta passarel·la si tu no ho comparteixes.",
    "es": "Nada sale de esta pasarela si tú no lo compartes.",
    "en": "Nothing leaves this gateway unless you share it.",
}
NEWS_MS = 6000  # news comes every two seconds


def row(page: Any, thing: str, name: str) -> Any:
    """Open one Datastream's sharing row and return it."""
    card = page.locator("article", has=page.get_by_role("heading", name=thing))
    found = card.locator("details.sharing-row", has=page.locator(".sharing-name", has_text=name))
    found.locator("summary").first.click()
    found.locator("input[type=radio]").first.wait_for()
    return found


def standing(folder: Path, quantity: str, thing: str = "balcony") -> Any:
    return in_force(HomeReader(folder / "home.db").choices()).get((thing, quantity, 0, "city"))


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_first_sentence_is_the_promise(visit: Any, code: str) -> None:
    page = visit().open(f"/{code}")
    assert page.locator("h1").inner_text() == PROMISES[code]
    assert page.evaluate("document.documentElement.lang").split("-")[0] == code
    assert page.locator("[aria-current=page]").get_attribute("lang") == code


def test_values_are_shown_with_their_unit_as_people_write_them(visit: Any) -> None:
    for code, written in (("ca", "29,50"), ("es", "29,50"), ("en", "29.50")):
        page = visit().open(f"/{code}")
        tile = page.locator("article").first.locator(".tile").first
        assert tile.locator(".tile-value").inner_text().split() == [written, "°C"]


def test_what_a_board_says_of_itself_is_folded_away_and_cannot_be_shared(visit: Any) -> None:
    page = visit().open("/en")
    folds = page.locator("article details", has_text="How the board is doing")
    assert [fold.is_visible() for fold in folds.all()].count(True) == 1
    told = folds.locator("tr", has_text="Free memory of the board")
    assert not told.is_visible()
    folds.locator("summary", has_text="How the board is doing").locator("visible=true").click()
    assert told.inner_text().split("\t")[-1].split() == ["41.2", "kB"]
    cause = folds.locator("tr", has_text="Cause of the last start")
    assert cause.inner_text().split("\t")[-1] == "it had stopped answering (watchdog)"
    assert page.locator(".sharing-name", has_text="Free memory").count() == 0
    assert page.locator(".tile", has_text="Strength of the radio").count() == 0


def test_states_are_told_in_words(visit: Any) -> None:
    page = visit().open("/en")
    words = page.locator(".status-word").all_inner_texts()
    assert [word.strip() for word in words] == ["Measuring", "Not measuring", "Measuring"]
    assert "Last seen 18:42:04 (UTC+02:00)" in page.locator(".status").first.inner_text()


def test_the_demo_says_that_it_is_one(visit: Any) -> None:
    assert "simulats" in visit().open("/ca").locator(".banner").first.inner_text()


def test_the_browsers_language_is_taken_and_can_be_switched(visit: Any) -> None:
    page = visit().open("/")
    assert urlsplit(page.url).path == "/es"
    page.get_by_role("link", name="English").click()
    page.wait_for_url("**/en")
    page.wait_for_selector(".tile .number")
    assert page.locator("h1").inner_text() == PROMISES["en"]


def test_a_press_on_a_value_draws_its_day_and_its_table(visit: Any) -> None:
    page = visit().open("/en")
    card = page.locator("article").first
    card.locator(".tile", has_text="Humidity").click()
    card.get_by_role("heading", name="Humidity, 28 July 2026").wait_for()
    assert card.locator(".chart svg path").count() > 0
    assert "lowest" in card.locator(".chart").get_attribute("aria-label")
    card.get_by_text("Show as a table").click()
    assert card.locator("table caption").inner_text().startswith("Humidity in %, 28 July 2026")
    assert card.locator("tbody tr").count() == 19  # the hours that began since midnight
    card.get_by_role("button", name="Previous day").click()
    card.get_by_role("heading", name="Humidity, 27 July 2026").wait_for()


def test_sharing_shows_what_would_leave_and_then_writes_a_choice(visit: Any, folder: Path) -> None:
    page = visit().open("/en")
    humidity = row(page, "Balcó", "Humidity")
    assert humidity.get_by_role("radio", name="Keep at home").is_checked()
    humidity.get_by_role("radio", name="Every value as measured").check()
    sheet = humidity.locator(".sheet")
    sheet.wait_for()
    shown = sheet.inner_text()
    for promised in ("humidity", "%", "1 min", "50.7", "the centre of a square of 1 km"):
        assert promised in shown
    assert "Verdi" not in shown
    assert "41.40338" not in shown
    assert "can no longer be reached" in humidity.locator(".forever").inner_text()
    assert standing(folder, "humidity") is None
    humidity.get_by_role("button", name="Share this").click()
    humidity.get_by_role("status").filter(has_text="Shared from now on").wait_for()
    assert standing(folder, "humidity").kind == "share"
    humidity.locator("summary .state.shared").wait_for(timeout=NEWS_MS)


def test_cancelling_changes_nothing(visit: Any, folder: Path) -> None:
    page = visit().open("/en")
    light = row(page, "Balcó", "Light")
    light.get_by_role("radio", name="Every value as measured").check()
    light.get_by_role("button", name="Cancel").click()
    light.locator(".sheet").wait_for(state="detached")
    assert light.get_by_role("radio", name="Keep at home").is_checked()
    assert standing(folder, "light") is None


def test_sharing_coarser_needs_no_mouse(visit: Any, folder: Path) -> None:
    page = visit().open("/en")
    pressure = row(page, "Balcó", "Air pressure")
    pressure.get_by_role("radio", name="Keep at home").focus()
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    pressure.locator(".sheet", has_text="1 h, mean").wait_for()
    assert pressure.get_by_role("radio", name="every 1 h").is_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    pressure.get_by_role("status").filter(has_text="one value every 1 h").wait_for()
    choice = standing(folder, "pressure")
    assert (choice.kind, choice.window_s) == ("coarser", 3600)


def test_the_city_sees_the_values_that_left_as_they_left(visit: Any, folder: Path) -> None:
    page = visit().open("/en")
    temperature = row(page, "Balcó", "Temperature")
    sheet = temperature.locator(".sheet")
    first = sheet.locator("tbody tr").first.locator("td").all_inner_texts()
    assert first[0] == "18:42:00"
    assert re.fullmatch(r"\d\d\.\d\d", first[1])
    assert first[2] == "on its way"
    assert sheet.locator("tbody tr").nth(1).locator("td").nth(2).inner_text() == "arrived"
    pseudonym = HomeReader(folder / "home.db").pseudonyms()[("balcony", "city")]
    assert pseudonym in sheet.inner_text()
    assert standing(folder, "temperature").era in sheet.inner_text()


def test_stopping_takes_one_step_and_answers_what_was_stopped(visit: Any, folder: Path) -> None:
    page = visit().open("/en")
    particles = row(page, "Balcó", "Particles PM2.5")
    particles.get_by_role("radio", name="Keep at home").check()
    answer = particles.get_by_role("status")
    answer.filter(has_text="Stopped.").wait_for()
    assert "Already there: 0" in answer.inner_text()
    assert standing(folder, "pm2_5").kind == "keep"
    assert standing(folder, "pm2_5").era == ""


def test_a_choice_made_elsewhere_shows_up_by_itself(visit: Any, folder: Path) -> None:
    here, there = visit().open("/en"), visit().open("/ca")
    mine, theirs = row(here, "Balcó", "Battery"), row(there, "Balcó", "Bateria")
    mine.get_by_role("radio", name="Every value as measured").check()
    mine.get_by_role("button", name="Share this").click()
    theirs.locator("summary .state.shared").wait_for(timeout=NEWS_MS)
    assert theirs.get_by_role("radio", name="Tots els valors").is_checked()


@pytest.mark.parametrize(("code", "width"), [("ca", 360), ("es", 360), ("en", 360), ("ca", 1280)])
def test_nothing_scrolls_sideways(visit: Any, code: str, width: int) -> None:
    page = visit(width).open(f"/{code}")
    for name in page.locator(".sharing-name").all()[:2]:
        name.click()
    page.locator(".switch").nth(1).wait_for()
    page.locator(".switch").nth(1).locator("input").nth(1).check()
    page.locator(".sheet").last.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    outside = page.evaluate(
        "w => [...document.querySelectorAll('.page *')]"
        ".filter(e => !e.closest('.chart, .table-frame')"
        " && e.getBoundingClientRect().right > w + 0.5).map(e => e.outerHTML.slice(0, 80))",
        width,
    )
    assert outside == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_nobody_else_is_asked_for_anything(visit: Any, address: str, code: str) -> None:
    seen = visit()
    page = seen.open(f"/{code}")
    page.locator(".chart svg").first.wait_for()
    row(page, "Façana", "LAeq").get_by_role("radio").nth(1).check()
    page.locator(".sheet").wait_for()
    own = urlsplit(address).netloc
    hosts = {urlsplit(url).netloc for url in seen.asked if not url.startswith("data:")}
    assert hosts == {own}
    assert len(seen.asked) > 5
    assert seen.complaints == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_served_page_names_no_other_address(address: str, code: str) -> None:
    with urllib.request.urlopen(f"{address}/{code}") as answer:
        html = answer.read().decode()
    assert PROMISES[code] in html
    links = re.findall(r"(?:https?:|wss?:)?//([A-Za-z0-9.-]+\.[A-Za-z]{2,})", html)
    assert links == []


@pytest.mark.parametrize(
    ("path", "host", "status", "key"),
    [("/nothing", "", 404, "page.not_here"), ("/ca", "other.example", 403, "page.own_address")],
)
def test_who_comes_to_the_wrong_door_is_told_in_three_languages(
    address: str, path: str, host: str, status: int, key: str
) -> None:
    request = urllib.request.Request(address + path, headers={"Host": host} if host else {})
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request)
    assert caught.value.code == status
    told = caught.value.read().decode().splitlines()
    assert told == [language(code)(key) for code in LANGUAGES]


def test_no_secret_or_private_word_is_on_the_page(visit: Any, address: str) -> None:
    page = visit().open("/en")
    row(page, "Balcó", "Temperature").locator(".sheet").wait_for()
    with urllib.request.urlopen(f"{address}/en") as answer:
        served = answer.read().decode()
    for private in ("$7$", "41.40338", "2.15691", "node0"):
        assert private not in page.content()
        assert private not in served


def test_another_sites_page_cannot_open_the_channel(visit: Any, address: str) -> None:
    """The page's own socket is refused to a page that was opened from elsewhere."""
    page = visit().page
    page.goto("about:blank")
    url = address.replace("http", "ws") + "/_nicegui_ws/socket.io/?EIO=4&transport=websocket"
    outcome = page.evaluate(
        "url => new Promise(done => { const s = new WebSocket(url);"
        " s.onopen = () => done('open'); s.onerror = () => done('refused'); })",
        url,
    )
    assert outcome == "refused"


def test_everything_that_can_be_pressed_has_a_name(visit: Any) -> None:
    page = visit().open("/en")
    row(page, "Balcó", "Humidity")
    nameless = page.evaluate(
        "[...document.querySelectorAll('.page button, .page a, .page input, .page summary')]"
        ".filter(e => !(e.getAttribute('aria-label') || e.innerText"
        " || e.closest('label')?.innerText)).length"
    )
    assert nameless == 0
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1])")
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert page.locator("main").count() == 1
