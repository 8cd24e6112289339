# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Safe mode's search for a release, on the real MicroPython in virtual time."""

from pathlib import Path

import pytest
from statement_bench import check, names

FIRMWARE = Path(__file__).parents[1]
FOLDERS = (
    Path(__file__).parent / "statements",
    FIRMWARE / "uplink" / "statements",
    FIRMWARE / "store",
)


@pytest.mark.parametrize("name", names("rescue_statements", FOLDERS[0]))
def test_rescue(name: str, micropython: str) -> None:
    check(micropython, "rescue_statements", name, *FOLDERS)
