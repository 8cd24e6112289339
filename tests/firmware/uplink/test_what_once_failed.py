# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Defects that were found by reading and trying; each stays mended."""

from pathlib import Path

import pytest
from statement_bench import STATEMENTS, check, names

HERE = Path(__file__).parent / "statements"
STORE = Path(__file__).parents[1] / "store"


@pytest.mark.parametrize("name", names("link_once_failed", HERE))
def test_link(name: str, micropython: str) -> None:
    check(micropython, "link_once_failed", name, HERE, STORE)


@pytest.mark.parametrize("name", names("node_once_failed", STATEMENTS))
def test_node(name: str, micropython: str) -> None:
    check(micropython, "node_once_failed", name)
