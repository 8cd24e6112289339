# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""One table of codes: the firmware's, the docs' in three languages, and every code in use."""

import re
from pathlib import Path

from barri_node.life import codes

ROOT = Path(__file__).parents[3]
LIGHTS = (ROOT / "docs" / "lights.md").read_text(encoding="utf-8")
FIRMWARE = ROOT / "firmware" / "src" / "barri_node"
ROW = re.compile(r"^\| (\d)-(\d) \| ([^|]+) \| ([^|]+) \|$", re.M)
SECTIONS = LIGHTS.split("\n## ")


def table(text: str) -> list[tuple[int, str]]:
    return [(int(long) << 4 | int(short), words) for long, short, words, _ in ROW.findall(text)]


def test_the_docs_have_the_firmwares_codes_in_its_order_and_words() -> None:
    assert table(SECTIONS[0]) == [(code, codes.words(code)) for code in codes.CODES]


def test_the_other_languages_have_the_same_codes_in_the_same_order() -> None:
    tables = [table(section) for section in SECTIONS[1:] if ROW.search(section)]
    assert len(tables) == 2
    for translated in tables:
        assert [code for code, _ in translated] == list(codes.CODES)
        words = [words for _, words in translated]
        assert len(set(words)) == len(words)


def test_every_code_that_the_firmware_uses_is_in_the_table() -> None:
    """Modules that would not load the table just for a number have it as a constant."""
    used: set[int] = set()
    for path in (FIRMWARE / "life").glob("*.py"):
        text = path.read_text()
        if "`codes.py`" in text:
            used |= {int(number, 16) for number in re.findall(r"const\((0x[0-3][1-6])\)", text)}
    assert used == {0x11, 0x12, 0x13, 0x14, 0x31, 0x34}
    assert used <= set(codes.CODES)


def test_the_docs_say_what_the_button_does() -> None:
    source = (FIRMWARE / "life" / "button.py").read_text()
    for name, words in (("_SAFE_MODE_MS", "**3 seconds"), ("_WIPE_MS", "**10 seconds**")):
        found = re.search(rf"{name} = const\((\d+)000\)", source)
        assert found is not None
        assert f"**{found[1]} seconds" in words
        assert words in LIGHTS


def test_what_to_do_is_said_for_each_code() -> None:
    for _, _, _, advice in ROW.findall(LIGHTS):
        assert len(advice) > 10
