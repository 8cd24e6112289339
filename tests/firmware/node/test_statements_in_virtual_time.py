# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Instruments and sampler on the real MicroPython, whose asyncio runs in virtual time."""

import pytest
from statement_bench import check, names

MODULES = ("sampled_statements", "noise_statements", "sampler_statements")
ALL = [(module, name) for module in MODULES for name in names(module)]


@pytest.mark.parametrize(("module", "name"), ALL)
def test_in_virtual_time(module: str, name: str, micropython: str) -> None:
    check(micropython, module, name)
