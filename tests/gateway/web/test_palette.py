# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Text can be read: contrast of at least 4.5:1 (WCAG 2.2, 1.4.3), and only known colours."""

import re
from pathlib import Path

import pytest

from barri.web import palette


@pytest.mark.parametrize(("text", "ground"), palette.PAIRS)
def test_text_stands_out(text: str, ground: str) -> None:
    assert palette.contrast(text, ground) >= 4.5


def test_contrast_is_that_of_the_standard(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reference: black on white is 21:1, #767676 on white 4.54:1 (WCAG 2.2, technique G18)."""
    known = {"black": "#000000", "white": "#ffffff", "grey": "#767676"}
    monkeypatch.setattr(palette, "COLOURS", known)
    assert palette.contrast("black", "white") == pytest.approx(21)
    assert palette.contrast("white", "grey") == pytest.approx(4.54, abs=0.005)


def test_the_style_sheet_uses_the_palette_and_nothing_else() -> None:
    sheet = (Path(palette.__file__).parent / "static" / "barri.css").read_text("utf-8")
    used = set(re.findall(r"var\(--([a-z-]+)\)", sheet))
    assert used
    assert used <= palette.COLOURS.keys()
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b|rgb|hsl", sheet)
    assert "url(" not in sheet
    assert "@import" not in sheet
