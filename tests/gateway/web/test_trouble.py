# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Trouble is told in whole sentences in three languages: what it is, what it means, what to do."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from barri import rows, services
from barri.domain.household import Recipient, Thing
from barri.rows import NOTICE_CODES, Notice
from barri.services.reading import Alarm, Overview, Told
from barri.web.config import LANGUAGES
from barri.web.desk import Look
from barri.web.keeper import place_of
from barri.web.language import language
from barri.web.trouble import PARTS, of_board, of_sink

NOW_S = 1_785_256_957
CITY = Recipient("city", "sentilo", "Sentilo Barcelona")
BALCONY = Thing("balcony", "Balcó de la plaça Verdi", "air")
STREAM = {"thing": "balcony", "quantity": "temperature", "number": 0, "series": "00ff" * 4}
VALUES: dict[str, dict[str, str | int]] = {  # what forwarding gives each code
    "token": {"said": "401 no"},
    "rights": {"said": "403 no"},
    "address": {"said": "404 no"},
    "too_long": {},
    "refused": {"said": "400 no"},
    "broken": {"error": "KeyError"},
    "busy": {"until_s": NOW_S + 60},
    "silent": {},
    "no_type": {"quantity": "pm2_5", "setting": "types.pm2_5"},
    "not_taken": {"quantity": "pm2_5", "said": "no"},
    "unknown_there": STREAM,
    "off_there": STREAM,
}

every = pytest.mark.parametrize("code", LANGUAGES)


def look(nodes: tuple[str, ...] = (), serving: tuple[str, ...] = (), *alarms: Alarm) -> Look:
    overview = Overview({}, {}, [], {}, [], list(alarms))
    boards = {"balcony": list(nodes)}
    return Look(1, NOW_S, [BALCONY], [CITY], boards, frozenset(serving), {}, {}, overview)


def told(notice: Notice | None, text: str = "") -> Told:
    return Told("city", "stopped", text, NOW_S - 60, notice)


def kinds_raised() -> Iterator[str]:
    """Every kind that the services' source gives to an alarm, also by way of a helper."""
    for path in sorted(Path(services.__file__).parent.glob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        module = importlib.import_module(f"barri.services.{path.stem}")
        helpers = {
            each.name
            for each in ast.walk(tree)
            if isinstance(each, ast.FunctionDef) and "kind" in [a.arg for a in each.args.args]
        }
        for call in (each for each in ast.walk(tree) if isinstance(each, ast.Call)):
            if isinstance(call.func, ast.Attribute) and call.func.attr in helpers | {"alarm"}:
                names = [
                    n.id for arg in call.args for n in ast.walk(arg) if isinstance(n, ast.Name)
                ]
                constants = [name for name in names if name.isupper()]
                assert constants or "kind" in names, f"{path.name}:{call.lineno} names no kind"
                yield from (getattr(module, name) for name in constants)


def test_every_kind_of_alarm_in_the_code_has_its_words() -> None:
    raised = set(kinds_raised())
    assert len(raised) >= 7
    assert "two_boards_one_identity" in raised
    assert "unreadable_frames" in raised
    for code in LANGUAGES:
        texts = language(code).texts
        worded = {key.split(".")[1] for key in texts if key.startswith("alarm.")}
        assert worded == raised | {"unknown"}
        for kind in worded:
            assert all(f"alarm.{kind}.{part}" in texts for part in PARTS)


def test_every_code_of_a_notice_has_its_words_and_no_words_are_left_over() -> None:
    assert VALUES.keys() == set(NOTICE_CODES)
    for code in LANGUAGES:
        texts = language(code).texts
        worded = {key.split(".", 1)[1] for key in texts if key.startswith("notice.")}
        assert worded == {f"{one}.{part}" for one in NOTICE_CODES for part in PARTS}


@every
@pytest.mark.parametrize("about", NOTICE_CODES)
def test_a_notice_says_what_happened_what_it_means_and_what_to_do(
    code: str, about: rows.NoticeCode
) -> None:
    shown = of_sink(language(code), look(), told(Notice(about, VALUES[about])))
    assert "Sentilo Barcelona" in shown.what
    assert shown.means
    assert shown.do
    assert "18:41:37" in shown.when
    assert "{" not in "".join(shown[1:])
    assert "balcony" not in "".join(shown[1:])


@every
def test_a_notice_names_place_quantity_and_time_as_people_do(code: str) -> None:
    say = language(code)
    off = of_sink(say, look(), told(Notice("off_there", {**STREAM, "number": 1})))
    assert BALCONY.name in off.what
    assert f"{say('quantity.temperature')} 2" in off.what
    assert "00ff" * 4 in off.do
    busy = of_sink(say, look(), told(Notice("busy", {"until_s": NOW_S + 60})))
    assert "18:43:37" in busy.what


def test_what_a_platform_said_is_quoted_as_it_is_and_never_filled_in() -> None:
    said = "400 {recipient} <b>no</b> {0}"
    shown = of_sink(language("es"), look(), told(Notice("refused", {"said": said})))
    assert f"«{said}»" in shown.what


@pytest.mark.parametrize(
    "notice", [None, Notice("rights"), Notice("no_type", {"quantity": "pm2_5"})]
)
def test_what_the_page_has_no_sentence_for_is_shown_as_it_stands(notice: Notice | None) -> None:
    shown = of_sink(language("ca"), look(), told(notice, "the token is refused"))
    assert (shown.what, shown.means, shown.do) == (CITY.name, "the token is refused", "")


def test_a_recipient_or_place_that_is_gone_is_called_by_its_id() -> None:
    gone = Told("school", "parked:x", "", NOW_S, Notice("off_there", {**STREAM, "thing": "roof"}))
    shown = of_sink(language("en"), look(), gone)
    assert "school" in shown.what
    assert "roof" in shown.what


@every
def test_a_board_is_told_of_without_its_id(code: str) -> None:
    alarm = Alarm("a1b2c3", "too_many_gaps", NOW_S - 7200, NOW_S - 60, 1204)
    shown = of_board(language(code), alarm, NOW_S, BALCONY.name)
    assert "a1b2c3" not in "".join(shown[1:])
    assert "1204" in shown.when
    assert "16:42:37" in shown.when
    assert "18:41:37" in shown.when


@every
def test_once_is_not_said_as_several_times(code: str) -> None:
    say = language(code)
    once = of_board(say, Alarm("a1b2", "too_many_gaps", NOW_S, NOW_S, 1), NOW_S)
    assert once.when == say("trouble.often_one", first=say.seen(NOW_S, NOW_S))
    unsure = of_board(say, Alarm("a1b2", "too_many_gaps", None, None, 1), NOW_S)
    assert unsure.when == say("trouble.undated_one")


def test_what_has_not_come_again_for_a_week_says_so() -> None:
    say, month_s = language("en"), 30 * 86_400
    old = of_board(say, Alarm("a1b2", "too_many_gaps", 1, NOW_S - month_s, 3), NOW_S)
    assert old.when.endswith("Not seen again since.")


def test_a_kind_from_a_newer_gateway_is_named_and_does_not_break_the_page() -> None:
    shown = of_board(language("en"), Alarm("a1b2", "new" * 1000, 1, 2, 3), NOW_S)
    assert "newnew" in shown.what
    assert len(shown.what) < 200


def test_a_place_shows_what_its_own_board_did_lately() -> None:
    recent = Alarm("mine", "too_many_gaps", 1, NOW_S - 60, 3)
    old = Alarm("mine", "too_many_rejects", 1, NOW_S - 30 * 86_400, 3)
    before = Alarm("before", "too_many_gaps", 1, NOW_S - 60, 3)
    other = Alarm("other", "too_many_gaps", 1, NOW_S - 60, 3)
    seen = look(("mine", "before"), ("mine", "other"), recent, old, before, other)
    assert seen.alarms("balcony") == [recent]
    assert seen.alarms("roof") == []


def test_the_keeper_learns_where_a_board_is_or_was() -> None:
    say, seen = language("en"), look(("mine", "before"), ("mine",))
    assert place_of(say, seen, "mine") == BALCONY.name
    assert place_of(say, seen, "before") == f"{BALCONY.name} (a former board)"
    assert place_of(say, seen, "stray") == "A board of no place here"
