# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The interpreters that the sound meter is tested on."""

import sys
from pathlib import Path

import pytest
from noise_bench import Node

from barri_tools.firmware import program


@pytest.fixture(scope="session")
def micropython() -> list[str]:
    found = program("micropython")
    if found is None:
        pytest.skip("micropython is not installed")
    return [str(found), "-X", "heapsize=192k"]


@pytest.fixture
def node(micropython: list[str], tmp_path: Path) -> Node:
    """The firmware on a real MicroPython."""
    return Node(micropython, tmp_path)


@pytest.fixture
def cpython(tmp_path: Path) -> Node:
    """The firmware's plain twin on this interpreter."""
    return Node([sys.executable], tmp_path)
