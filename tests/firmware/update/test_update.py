# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Updates on the real MicroPython, on a file system whose power can be cut at any operation."""

from pathlib import Path

import pytest
from statement_bench import check, names

STATEMENTS = Path(__file__).parent / "statements"


@pytest.mark.parametrize("name", names("slots_statements", STATEMENTS))
def test_slots(name: str, micropython: str) -> None:
    check(micropython, "slots_statements", name, STATEMENTS)


@pytest.mark.parametrize("name", names("fetching_statements", STATEMENTS))
def test_fetching(name: str, micropython: str) -> None:
    check(micropython, "fetching_statements", name, STATEMENTS)


@pytest.mark.parametrize("name", names("power_cut_statements", STATEMENTS))
def test_power_cuts(name: str, micropython: str) -> None:
    check(micropython, "power_cut_statements", name, STATEMENTS)


@pytest.mark.parametrize("name", names("trial_statements", STATEMENTS))
def test_trial(name: str, micropython: str) -> None:
    check(micropython, "trial_statements", name, STATEMENTS)
