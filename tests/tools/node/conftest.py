# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A stand-in board for each test that asks, and the firmware's files, compiled once."""

import pytest
from node_rig import NoSteps, patient
from pty_board import PtyBoard

from barri_tools.boards import load_board
from barri_tools.node import deploy


@pytest.fixture
def steps():
    return NoSteps()


@pytest.fixture
def board(micropython, tmp_path):
    with PtyBoard(micropython, tmp_path / "board") as running:
        yield running


@pytest.fixture
def console(board):
    with patient(board) as connected:
        yield connected


@pytest.fixture(scope="session")
def tree():
    """All files that go onto an ESP32-DevKitC, really compiled."""
    return deploy.build(load_board("esp32-devkitc"))
