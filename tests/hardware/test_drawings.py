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
from test_wiring import BOARDS, KITS, PARTS, wires

DRAWINGS = Path(__file__).resolve().parents[2] / "hardware" / "wiring" / "drawings"
# In place of the P1 port the energy kit may have a light sensor, drawn by itself.
CASES = [
    (kit, variant, f"{kit}-{variant}{board['name']}", board["title"])
    for kit, variant in [*((kit, "") for kit in KITS), ("energy", "light-")]
    for board in BOARDS
]


def table(kit, variant, title):
    refs = {part["ref"] for part in PARTS if part.get("variant", "") == variant.rstrip("-")}
    return sorted(
        (wire["Part"], wire["Its pin"], wire[title]) for wire in wires(kit) if wire["Part"] in refs
    )


@pytest.mark.parametrize(("kit", "variant", "name", "title"), CASES)
def test_wireviz_is_told_the_wires_of_the_table(kit, variant, name, title):
    given = yaml.safe_load((DRAWINGS / f"{name}.yml").read_text())
    told = []
    for ends, _, part in given["connections"]:
        ((ref, pins),) = part.items()
        told += [(ref, pin, end) for pin, end in zip(pins, ends["BOARD"], strict=True)]
        assert set(pins) == set(given["connectors"][ref]["pins"])
    assert sorted(told) == table(kit, variant, title)
    assert given["connectors"]["BOARD"]["type"] == title


@pytest.mark.parametrize(("kit", "variant", "name", "title"), CASES)
def test_the_drawing_shows_the_wires_of_the_table(kit, variant, name, title):
    drawn = (DRAWINGS / f"{name}.svg").read_text().replace("&#45;", "-")
    texts = [text.strip() for text in re.findall(r">([^<>]+)</text>", drawn)]
    at_board = sorted(text[6:] for text in texts if text.startswith("BOARD:"))
    at_parts = sorted(
        text
        for text in texts
        if ":" in text and not text.startswith("BOARD:") and text[0].isupper()
    )
    assert at_board == sorted(end for _, _, end in table(kit, variant, title))
    assert at_parts == sorted(f"{part}:{pin}" for part, pin, _ in table(kit, variant, title))


def test_there_is_a_drawing_of_every_kit_on_every_board_and_no_other():
    expected = {f"{name}{kind}" for _, _, name, _ in CASES for kind in (".yml", ".svg")}
    assert {path.name for path in DRAWINGS.iterdir()} == expected


@pytest.mark.parametrize("name", [name for kit, _, name, _ in CASES if kit == "energy"])
def test_what_leads_to_the_meter_carries_the_warning_in_three_languages(name):
    drawn = (DRAWINGS / f"{name}.svg").read_text()
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
