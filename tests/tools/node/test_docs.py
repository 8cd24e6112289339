# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The pages on boards tell every error, command and board, and no more than there is."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from barri_tools.boards import board_names, load_board
from barri_tools.node import errors
from barri_tools.node.command import app

DOCS = Path(__file__).resolve().parents[3] / "docs"
PAGE = (DOCS / "flashing.md").read_text()
UPDATES = (DOCS / "updates.md").read_text()
KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, errors.NodeToolError) and kind.code
]


def test_every_error_has_a_code_of_its_own_and_a_row():
    codes = [kind.code for kind in KINDS]
    assert len(set(codes)) == len(codes)
    assert re.findall(r"^\| (B\d\d) \|", PAGE, re.MULTILINE) == sorted(codes)


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_shows_its_code(kind):
    assert str(kind("what to do")) == f"what to do [{kind.code}]"


def test_every_command_of_the_page_exists_and_has_the_options_it_uses():
    used = re.findall(r"barri node (\w+)((?:[^\n`]|\\\n)*)", PAGE + UPDATES)
    told = {"flash", "provision", "doctor", "wipe", "boards", "release"}
    assert {name for name, _ in used} >= told
    for name, rest in used:
        told = CliRunner().invoke(app, [name, "--help"], env={"COLUMNS": "200"}).output
        for option in re.findall(r"--[\w-]+", rest):
            assert option in told, f"{name} {option}"


def test_boards_with_a_trap_are_on_the_page():
    for name in board_names():
        board = load_board(name)
        if board.taken or board.one_at_a_time:
            assert board.title.split(" V")[0].replace("WiFi LoRa 32", "").strip() in PAGE, name


def test_the_page_says_what_was_not_tried():
    assert "Nobody has run these commands on hardware yet" in PAGE
