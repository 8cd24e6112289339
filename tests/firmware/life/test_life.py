# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What keeps a node alive: the same statements on this Python and on the node's MicroPython."""

import importlib
from pathlib import Path

import pytest
from statement_bench import check, names

FOLDER = Path(__file__).parent / "statements"
STORE = Path(__file__).parents[1] / "store"  # its medium in memory
MODULES = [path.stem for path in sorted(FOLDER.glob("*_statements.py"))]
ALL = [(module, name) for module in MODULES for name in names(module, FOLDER)]


@pytest.mark.parametrize(("module", "name"), ALL)
def test_on_cpython(module: str, name: str) -> None:
    getattr(importlib.import_module(module), name)()


@pytest.mark.parametrize(("module", "name"), ALL)
def test_on_micropython(module: str, name: str, micropython: str) -> None:
    check(micropython, module, name, FOLDER, STORE)
