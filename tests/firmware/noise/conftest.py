# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The interpreters that the sound meter is tested on; "flat": without an equaliser."""

import pytest

from barri_tools.firmware import FirmwareError
from barri_tools.noise import node as nodes
from barri_tools.noise.node import Node


@pytest.fixture(scope="session")
def micropython() -> list[str]:
    try:
        return nodes.micropython()
    except FirmwareError as error:
        pytest.skip(str(error))


@pytest.fixture
def node(micropython: list[str]) -> Node:
    """The firmware on a real MicroPython."""
    return Node(micropython)


@pytest.fixture
def cpython() -> Node:
    """The firmware's plain twin on this interpreter."""
    return Node(nodes.this_python())
