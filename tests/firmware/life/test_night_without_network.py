# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Link and station together through outages, on the real MicroPython in virtual time."""

from pathlib import Path

import pytest
from statement_bench import check, names

TESTS = Path(__file__).parents[1]
MODULE = "night_without_network"
FOLDERS = (Path(__file__).parent / "statements", TESTS / "uplink" / "statements", TESTS / "store")


@pytest.mark.parametrize("name", names(MODULE, FOLDERS[0]))
def test_night(name: str, micropython: str) -> None:
    check(micropython, MODULE, name, *FOLDERS)
