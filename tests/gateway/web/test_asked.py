# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The line that says what was asked of a board, and whether it does so, in three languages."""

from pathlib import Path

import pytest

from barri.adapters.stores import delivery, derived, log, reported
from barri.adapters.stores.database import open_reader, open_writer
from barri.domain.desired import Desired, Reported
from barri.services.reading import Overview, Readings
from barri.web.asked import said
from barri.web.config import LANGUAGES
from barri.web.desk import Look
from barri.web.language import language
from barri_wire.messages_desired import IN_FORCE, REFUSED_FLASH, REFUSED_OLDER

WISH = Desired("a1b2", 3, 60, ("power_import", "voltage"), at_s=1000)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("en", "Asked of the board: not to measure "),
        ("es", "Se ha pedido a la placa: no medir "),
        ("ca", "S’ha demanat a la placa: no mesurar "),
    ],
)
def test_it_is_said_in_peoples_own_words(code: str, words: str) -> None:
    say = language(code)
    names = f"{say.quantity('power_import')}, {say.quantity('voltage')}"
    line = said(say, WISH, Reported("a1b2", 3, IN_FORCE, 1005))
    assert line.startswith(f"{words}{names}; ")
    assert "1 min" in line
    assert line.endswith(say("asked.in_force"))


@pytest.mark.parametrize(
    ("told", "state"),
    [
        (None, "asked.waiting"),
        (Reported("a1b2", 2, IN_FORCE, 1005), "asked.waiting"),
        (Reported("a1b2", 2, REFUSED_OLDER, 1005), "asked.waiting"),
        (Reported("a1b2", 2, REFUSED_FLASH, 900), "asked.waiting"),
        (Reported("a1b2", 2, REFUSED_FLASH, 1005), "asked.refused"),
        (Reported("a1b2", 4, REFUSED_OLDER, 1005), "asked.in_force"),
    ],
)
def test_the_board_does_so_only_once_it_says_so(told: Reported | None, state: str) -> None:
    say = language("en")
    assert said(say, WISH, told).endswith(say(state))


@pytest.mark.parametrize("code", LANGUAGES)
def test_wanting_everything_again_is_said_too(code: str) -> None:
    say = language(code)
    assert say("asked.everything") in said(say, Desired("a1b2", 4), None)


def test_only_boards_that_serve_now_are_spoken_of() -> None:
    told = Reported("a1b2", 3, IN_FORCE, 5)
    overview = Overview({}, {}, [], {}, [], reported={"a1b2": told})
    house = {"balcony": ["a1b2", "former1"], "street": ["c3d4"]}
    former = Desired("former1", 1)
    look = Look(1, 9, [], [], house, frozenset({"a1b2", "c3d4"}), {}, {}, overview,
                desired={"a1b2": WISH, "former1": former})  # fmt: skip
    assert look.asked("balcony") == [(WISH, told)]
    assert look.asked("street") == []


def test_reports_are_read_from_the_gateways_file(tmp_path: Path) -> None:
    gateway = open_writer(tmp_path / "gateway.db")
    for part in (log, derived, delivery):
        part.create(gateway)
    told = Reported("a1b2", 3, IN_FORCE, 5)
    reported.note(gateway, [Reported("a1b2", 2, REFUSED_OLDER, 4), told])
    readings = Readings(lambda: open_reader(tmp_path / "gateway.db"))
    assert readings.overview().reported == {"a1b2": told}
