# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The node's pure files: the same statements on this Python and on the node's MicroPython."""

import importlib

import pytest
from statement_bench import check, names

MODULES = (
    "clock_statements",
    "windows_statements",
    "merge_statements",
    "settings_statements",
    "parts_statements",
)
ALL = [(module, name) for module in MODULES for name in names(module)]


@pytest.mark.parametrize(("module", "name"), ALL)
def test_on_cpython(module: str, name: str) -> None:
    getattr(importlib.import_module(module), name)()


@pytest.mark.parametrize(("module", "name"), ALL)
def test_on_micropython(module: str, name: str, micropython: str) -> None:
    check(micropython, module, name)
