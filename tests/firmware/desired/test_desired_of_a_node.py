# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Settings over the air, on the real MicroPython: in flash whose power is cut, and on the line."""

from pathlib import Path

import pytest
from statement_bench import check, names

HERE = Path(__file__).parent / "statements"
FIRMWARE = Path(__file__).parents[1]
OTHERS = (FIRMWARE / "uplink" / "statements", FIRMWARE / "store")


@pytest.mark.parametrize("name", names("desired_statements", HERE))
def test_in_flash(name: str, micropython: str) -> None:
    check(micropython, "desired_statements", name, HERE)


@pytest.mark.parametrize("name", names("authentic_line_statements", HERE))
def test_on_the_line(name: str, micropython: str) -> None:
    check(micropython, "authentic_line_statements", name, HERE, *OTHERS)
