# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The drawings show the wires of the tables, all of them and no others.

WireViz's input is read with a YAML parser, the tables from Markdown, the drawings from the SVG's
text: none through the code that writes them.
"""

import re
from pathlib import Path

import pytest
import yaml
from test_wiring import BOARDS, KITS, wires

DRAWINGS = Path(__file__).resolve().parents[2] / "hardware" / "wiring" / "drawings"
CASES = [(kit, board["name"], board["title"]) for kit in KITS for board in BOARDS]


def table(kit, title):
    return sorted((wire["Part"], wire["Its pin"], wire[title]) for wire in wires(kit))


@pytest.mark.parametrize(("kit", "name", "title"), CASES)
def test_wireviz_is_told_the_wires_of_the_table(kit, name, title):
    given = yaml.safe_load((DRAWINGS / f"{kit}-{name}.yml").read_text())
    told = []
    for ends, _, part in given["connections"]:
        ((ref, pins),) = part.items()
        told += [(ref, pin, end) for pin, end in zip(pins, ends["BOARD"], strict=True)]
        assert set(pins) == set(given["connectors"][ref]["pins"])
    assert sorted(told) == table(kit, title)
    assert given["connectors"]["BOARD"]["type"] == title


@pytest.mark.parametrize(("kit", "name", "title"), CASES)
def test_the_drawing_shows_the_wires_of_the_table(kit, name, title):
    drawn = (DRAWINGS / f"{kit}-{name}.svg").read_text().replace("&#45;", "-")
    texts = [text.strip() for text in re.findall(r">([^<>]+)</text>", drawn)]
    at_board = sorted(text[6:] for text in texts if text.startswith("BOARD:"))
    at_parts = sorted(
        text
        for text in texts
        if ":" in text and not text.startswith("BOARD:") and text[0].isupper()
    )
    assert at_board == sorted(end for _, _, end in table(kit, title))
    assert at_parts == sorted(f"{part}:{pin}" for part, pin, _ in table(kit, title))


def test_there_is_a_drawing_of_every_kit_on_every_board_and_no_other():
    expected = {f"{kit}-{name}{kind}" for kit, name, _ in CASES for kind in (".yml", ".svg")}
    assert {path.name for path in DRAWINGS.iterdir()} == expected


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board["name"])
def test_the_meter_s_cable_carries_the_warning_in_three_languages(board):
    drawn = (DRAWINGS / f"energy-{board['name']}.svg").read_text()
    for words in (
        "never open the meter",
        "no obriu mai el comptador",
        "no abra nunca el contador",
    ):
        assert words in drawn


def test_plus_is_red_minus_is_black():
    given = yaml.safe_load((DRAWINGS / "air-esp32-devkitc.yml").read_text())
    for ends, wires_of, _ in given["connections"]:
        (name,) = wires_of
        for end, colour in zip(ends["BOARD"], given["cables"][name]["colors"], strict=True):
            assert (end == "3V3", end == "GND") == (colour == "RD", colour == "BK")
