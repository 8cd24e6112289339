# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A node's boots from end to end, on the real MicroPython in virtual time."""

from pathlib import Path

import pytest
from statement_bench import check, names

FOLDER = Path(__file__).parent / "statements"
MODULE = "start_in_virtual_time"


@pytest.mark.parametrize("name", names(MODULE, FOLDER))
def test_start(name: str, micropython: str) -> None:
    check(micropython, MODULE, name, FOLDER)
