# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Telegrams of real meters, which dsmr-parser's authors collected, mean the same to both of us.

They are read where they are put for it and not copied here; nothing in their file is executed.
"""

import ast
import os
from pathlib import Path

import pytest
from dsmr_parser import telegram_specifications as foreign
from test_p1_dialects import AUSTRIA, foreign_reading

from barri_node.energy.p1 import TelegramParser

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = Path(
    os.environ.get("BARRI_DSMR_EXAMPLES", ROOT / "build" / "oracles" / "example_telegrams.py")
)
SPECIFICATIONS = {
    "TELEGRAM_V2_2": foreign.V2_2,
    "TELEGRAM_V3": foreign.V3,
    "TELEGRAM_V4_2": foreign.V4,
    "TELEGRAM_V5": foreign.V5,
    "TELEGRAM_V5_TWO_MBUS": foreign.V5,
    "TELEGRAM_FLUVIUS_V171": foreign.BELGIUM_FLUVIUS,
    "TELEGRAM_FLUVIUS_V171_ALT": foreign.BELGIUM_FLUVIUS,
    "TELEGRAM_ESY5Q3DB1024_V304": foreign.Q3D,
    "TELEGRAM_ESY5Q3DA1004_V304": foreign.Q3D,
    "TELEGRAM_SAGEMCOM_T210_D_R": AUSTRIA,
    "TELEGRAM_ISKRA_IE": foreign.ISKRA_IE,
    "TELEGRAM_V5_EON_HU": foreign.EON_HUNGARY,
}


def examples():
    """The texts that the file assigns to names, as bytes."""
    if not EXAMPLES.is_file():
        pytest.skip(
            f"{EXAMPLES} is not on the registry: dsmr-parser's sdist lacks its "
            "test/example_telegrams.py; put a copy there or name it in BARRI_DSMR_EXAMPLES"
        )
    found = {}
    for node in ast.parse(EXAMPLES.read_text()).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = ast.literal_eval(node.value).encode("latin-1")
    return found


@pytest.mark.parametrize("name", SPECIFICATIONS)
def test_a_real_telegram_means_the_same_to_both(name):
    data = examples()[name]
    parser = TelegramParser(checksum_optional=True)
    ours = parser.feed(data + data, 2 * len(data))
    assert ours == foreign_reading(data, SPECIFICATIONS[name])


def test_a_real_checksum_without_its_leading_zero_holds():
    data = examples()["TELEGRAM_UNPADDED_CRC"]
    assert TelegramParser().feed(data, len(data)) is not None
