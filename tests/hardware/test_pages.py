# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The pages a maker reads: three languages in step, warnings in place, no dead links."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HARDWARE = ROOT / "hardware"
LANGUAGES = ("ca", "es", "en")
PAGES = sorted(HARDWARE.rglob("*.md"))
WARNINGS = dict(
    zip(
        LANGUAGES,
        re.findall(r"(?:^> .+\n)+", (HARDWARE / "mains-warning.md").read_text(), re.MULTILINE),
        strict=True,
    )
)
REFS = [part["ref"] for part in tomllib.loads((HARDWARE / "parts.toml").read_text())["part"]]


def assembly(language):
    return (HARDWARE / "assembly" / language / "README.md").read_text()


def sections(language):
    """Section id -> (heading's level, its text), in order."""
    parts = re.split(r"^<!-- section: (\w+) -->\n", assembly(language), flags=re.MULTILINE)[1:]
    return {
        ident: (len(text) - len(text.lstrip("#")), text)
        for ident, text in zip(parts[::2], parts[1::2], strict=True)
    }


def outline(language):
    """What must not differ: levels, steps, points, links, parts and pins of every section."""
    return {
        ident: (
            level,
            len(re.findall(r"^#", text, re.MULTILINE)),
            len(re.findall(r"^\d+\. ", text, re.MULTILINE)),
            len(re.findall(r"^- ", text, re.MULTILINE)),
            re.findall(r"\]\(([^)]+)\)", text),
            sorted(re.findall(r"\b(?:3V3|5V|GND|" + "|".join(REFS) + r")\b", text)),
        )
        for ident, (level, text) in sections(language).items()
    }


@pytest.mark.parametrize("language", ["ca", "es"])
def test_assembly_has_the_same_outline_in_every_language(language):
    assert outline(language) == outline("en")


def test_assembly_has_every_kit_and_says_where_to_hang_it():
    expected = ["title", "before", "air", "noise", "energy", "place", "care"]
    assert list(sections("en")) == expected
    assert all(level == (1 if ident == "title" else 2) for ident, (level, _) in
               sections("en").items())  # fmt: skip


def test_every_wired_part_is_used_in_a_step():
    missing = [ref for ref in REFS if ref not in assembly("en")]
    assert not missing


@pytest.mark.parametrize("language", LANGUAGES)
def test_assembly_warns_of_mains_at_the_top_and_before_the_energy_kit(language):
    for ident in ("title", "energy"):
        assert WARNINGS[language] in sections(language)[ident][1]
    steps = sections(language)["energy"][1]
    assert steps.index(WARNINGS[language]) < steps.index("1. ")


@pytest.mark.parametrize("page", ["README.md", "wiring/energy.md", "enclosure/README.md"])
def test_pages_in_one_language_warn_in_all_three(page):
    text = (HARDWARE / page).read_text()
    for warning in WARNINGS.values():
        assert warning in text


def test_the_warning_forbids_what_kills():
    for language, words in (("ca", "No obriu mai"), ("es", "No abra nunca"), ("en", "Never open")):
        assert words in WARNINGS[language]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(HARDWARE)))
def test_links_lead_to_files_that_are_there(page):
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(HARDWARE)))
def test_no_page_writes_a_gpio_by_hand(page):
    text = re.sub(r"<!-- wiring:.*?<!-- end of wiring -->", "", page.read_text(), flags=re.DOTALL)
    assert not re.search(r"\bGPIO ?\d|\bIO\d", text)


def test_the_overview_is_honest_about_what_the_kits_are():
    text = (HARDWARE / "README.md").read_text()
    assert "indicative sensors" in text
    assert "has not run on a board yet" in text
