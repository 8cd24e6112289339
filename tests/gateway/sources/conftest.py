# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A real Mosquitto for the tests of sources."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from source_support import Mosquitto, mosquitto_path


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    mosquitto_path()
    broker = Mosquitto(tmp_path)
    broker.start()
    yield broker
    broker.stop()
