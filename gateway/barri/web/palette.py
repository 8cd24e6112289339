# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The page's colours, once, for style sheet and charts. Imports nothing.

Every text colour has a contrast of at least 4.5:1 on every ground it stands on; a test
computes it. One accent. Nothing is told by colour alone.
"""

COLOURS = {
    "paper": "#faf8f4",  # the page
    "card": "#ffffff",
    "wash": "#f1eee7",  # quiet areas inside a card
    "line": "#ddd8cd",
    "ink": "#1d2320",
    "soft": "#565d58",  # secondary text
    "accent": "#0b6259",
    "accent-wash": "#e3f0ed",
    "warn": "#8a3b12",
    "warn-wash": "#fbeee3",
}

# (text, ground) pairs that the page uses.
PAIRS = (
    *(
        (text, ground)
        for text in ("ink", "soft", "accent")
        for ground in ("paper", "card", "wash")
    ),
    *((text, "accent-wash") for text in ("ink", "soft", "accent")),
    *((text, "warn-wash") for text in ("ink", "soft", "warn")),
    ("card", "accent"),
)


def custom_properties() -> str:
    """The colours as CSS custom properties."""
    return ":root{" + "".join(f"--{name}:{value};" for name, value in COLOURS.items()) + "}"


def contrast(one: str, other: str) -> float:
    """WCAG 2.2 contrast ratio of two named colours, 1 to 21."""
    lighter, darker = sorted((_luminance(COLOURS[one]), _luminance(COLOURS[other])), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
