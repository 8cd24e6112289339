# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Nobody meets the energy kit, on a page or in the code, without meeting the mains warning."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
HARDWARE = ROOT / "hardware"
SOURCE = ROOT / "firmware" / "src" / "barri_node"
WARNING_PAGE = "hardware/mains-warning.md"
BOXES = dict(
    zip(
        ("ca", "es", "en"),
        re.findall(r"(?:^> .+\n)+", (ROOT / WARNING_PAGE).read_text(), re.MULTILINE),
        strict=True,
    )
)
# Words that only somebody who is about to connect a meter needs.
CONNECTING = re.compile(r"\bP1\b|PZEM|SDM120|customer port|\bRJ12\b")
PAGES = sorted(
    page
    for folder in (HARDWARE, ROOT / "docs")
    for page in folder.rglob("*.md")
    if CONNECTING.search(page.read_text())
)
DRIVERS = [
    path for path in sorted((SOURCE / "energy").glob("*.py")) if "CHANNELS" in path.read_text()
]


def carries_or_links(page):
    """The box in the page's own language, in all three, or a link to them."""
    text = page.read_text()
    carried = {language for language, box in BOXES.items() if box in text}
    own = {page.parent.name} & set(BOXES) or set(BOXES)
    return own <= carried or "mains-warning.md)" in text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_page_about_connecting_a_meter_warns(page):
    assert carries_or_links(page)


def test_the_pages_are_those_that_we_know_of():
    """So that the rule above cannot pass because it found nothing."""
    names = {str(page.relative_to(HARDWARE)) for page in PAGES if page.is_relative_to(HARDWARE)}
    assert names >= {
        "README.md",
        "mains-warning.md",
        "wiring/energy.md",
        "assembly/ca/README.md",
        "assembly/es/README.md",
        "assembly/en/README.md",
    }


@pytest.mark.parametrize("language", BOXES)
def test_each_box_allows_the_port_and_the_clip_and_forbids_to_open(language):
    allowed, forbidden = {
        "ca": (("port per a usuaris", "pinça"), ("No obriu mai", "quadre elèctric")),
        "es": (("puerto para usuarios", "pinza"), ("No abra nunca", "cuadro eléctrico")),
        "en": (("customer port", "clip-on"), ("Never open", "fuse box")),
    }[language]
    box = " ".join(BOXES[language].replace("\n> ", " ").split())
    assert all(words in box for words in allowed + forbidden)


@pytest.mark.parametrize("path", DRIVERS, ids=lambda path: path.name)
def test_every_driver_of_a_meter_points_to_the_warning(path):
    docstring = ast.get_docstring(ast.parse(path.read_text()))
    assert "MAINS:" in docstring
    assert WARNING_PAGE in " ".join(docstring.split())


def test_the_warning_names_every_driver_of_a_meter():
    text = (ROOT / WARNING_PAGE).read_text()
    assert len(DRIVERS) >= 4
    for path in DRIVERS:
        assert f"energy/{path.name}" in text


@pytest.mark.parametrize("name", ["ina219.py", "ina226.py"])
def test_the_low_voltage_parts_say_what_they_are(name):
    docstring = ast.get_docstring(ast.parse((SOURCE / "drivers" / name).read_text()))
    assert "never mains" in " ".join(docstring.split())
