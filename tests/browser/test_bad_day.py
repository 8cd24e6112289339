# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What a person reads on a bad day: refusals of a platform, boards that need a look."""

import re
from pathlib import Path
from typing import Any

import apsw
import house
import pytest

from barri.adapters.stores import log_notes
from barri.adapters.stores.delivery import DeliveryRows
from barri.rows import Notice
from barri.web.language import language

LANGUAGES = ("ca", "es", "en")
NEWS_MS = 6000  # news comes every two seconds
IDS = ("node0", "node1", "nodex")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("bad-day")
    house.make(made).close()
    house.trouble(made)
    return made


def fold(page: Any, thing: str) -> Any:
    """The place's fold about its board."""
    card = page.locator("article", has=page.get_by_role("heading", name=thing))
    return card.locator("details.table", has=page.locator(".troubles")).first


def blocks(page: Any) -> list[str]:
    return [text.strip() for text in page.locator(".keeper .trouble").all_inner_texts()]


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_platforms_refusal_is_told_in_the_pages_language(visit: Any, code: str) -> None:
    page, say = visit().open(f"/{code}"), language(code)
    shown = blocks(page)
    for about, values in (
        ("token", {}),
        ("no_type", {"quantity": say.quantity("pm2_5"), "setting": "types.pm2_5"}),
        ("off_there", {
            "quantity": say.quantity("temperature"),
            "thing": "Balcó de la plaça Verdi",
            "series": "0123456789abcdef",
        }),
    ):  # fmt: skip
        parts = [
            say(f"notice.{about}.{part}", recipient="Sentilo Barcelona", **values)
            for part in ("what", "means", "do")
        ]
        assert any(all(part in block for part in parts) for block in shown), about


def test_a_sentence_of_an_older_gateway_is_shown_as_it_is(visit: Any) -> None:
    assert any(house.SENTENCE in block for block in blocks(visit().open("/ca")))


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_place_says_that_its_board_needs_a_look_and_why(visit: Any, code: str) -> None:
    page, say = visit().open(f"/{code}"), language(code)
    found = fold(page, "Balcó")
    summary = found.locator("summary").first
    assert say("thing.needs_look") in summary.inner_text()
    what = found.get_by_text(say("alarm.two_boards_one_identity.what"))
    assert not what.is_visible()
    summary.click()
    assert what.is_visible()
    shown = found.inner_text()
    assert say("alarm.two_boards_one_identity.do") in shown
    assert say("alarm.unreadable_frames.means") in shown
    assert re.search(r"\b41\b", shown)


def test_a_place_whose_board_is_well_says_nothing(visit: Any) -> None:
    page = visit().open("/en")
    card = page.locator("article", has=page.get_by_role("heading", name="Comptador"))
    assert not card.get_by_text("How the board is doing").is_visible()
    assert not card.get_by_text("Needs a look").is_visible()


def test_what_is_long_over_is_told_to_the_keeper_only(visit: Any) -> None:
    page = visit().open("/en")
    over = language("en")("alarm.two_boards_or_restored_flash.what")
    assert over not in fold(page, "Façana").text_content()
    kept = page.locator(".keeper .trouble", has_text="Façana").filter(has_text=over)
    assert "Not seen again since." in kept.text_content()


def test_the_keeper_reads_which_place_a_board_serves(visit: Any) -> None:
    page = visit().open("/en")
    heads = page.locator(".keeper details.trouble summary").all_inner_texts()
    assert len(heads) == len({(node, kind) for node, _, kind, _, _ in house.ALARMS})
    places = {head.split("\n")[0] for head in heads}
    assert places == {
        "Balcó de la plaça Verdi",
        "Façana de la plaça",
        "A board of no place here",
    }
    stray = page.locator(".keeper details.trouble", has_text="of no place")
    stray.locator("summary").click()
    assert "provision --fresh" in stray.inner_text()


def test_no_board_is_called_by_its_id(visit: Any) -> None:
    seen = visit()
    page = seen.open("/en")
    for summary in page.locator("summary:visible").all():
        summary.click()
    page.locator(".switch").first.wait_for()
    for node in IDS:
        assert node not in page.content()
    assert seen.complaints == []


def test_an_open_block_stays_open_while_its_trouble_goes_on(visit: Any, folder: Path) -> None:
    page = visit().open("/en")
    block = page.locator(".keeper details.trouble", has_text="Two boards seem")
    block.locator("summary").click()
    connection = apsw.Connection(str(folder / "gateway.db"))
    moment_s = house.NOW_S - 30
    log_notes.raise_alarm(connection, "node0", 7, "two_boards_one_identity", moment_s)
    block.get_by_text("42 times").wait_for(timeout=NEWS_MS)
    assert block.get_by_text("What to do:").is_visible()
    connection.close()


def test_a_notice_that_is_taken_away_leaves_the_page(visit: Any, folder: Path) -> None:
    connection = apsw.Connection(str(folder / "gateway.db"))
    rows = DeliveryRows(connection)
    rows.notice("city", "silent", Notice("silent"), house.NOW_S)
    page = visit().open("/en")
    told = page.locator(".keeper .trouble", has_text="does not answer")
    told.wait_for()
    rows.drop_notices("city", ["silent"])
    told.wait_for(state="detached", timeout=NEWS_MS)
    connection.close()


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("width", [360, 390, 1280])
def test_nothing_of_it_is_cut_off(visit: Any, code: str, width: int) -> None:
    page = visit(width).open(f"/{code}")
    for summary in page.locator("details.table > summary, details.trouble > summary").all():
        if summary.is_visible():
            summary.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    cut = page.evaluate(
        "w => [...document.querySelectorAll('.trouble, .trouble *, details.table[open] *')]"
        ".filter(e => !e.closest('.table-frame') && (e.getBoundingClientRect().right > w + 0.5"
        " || (e.clientWidth && e.scrollWidth > e.clientWidth + 1)))"
        ".map(e => e.outerHTML.slice(0, 80))",
        width,
    )
    assert cut == []
