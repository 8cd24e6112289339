# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Statements about the uplink run as those about the node; Mosquitto comes from the sources."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[2]
sys.path += [str(TESTS / "firmware" / "node"), str(TESTS / "gateway" / "sources")]

from source_support import Mosquitto, mosquitto_path  # noqa: E402  # not before its folder is known


@pytest.fixture(scope="module")
def mosquitto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    """A real Mosquitto with barri's files, for all tests of a module."""
    mosquitto_path()
    broker = Mosquitto(tmp_path_factory.mktemp("mosquitto"))
    broker.start()
    yield broker
    broker.stop()
