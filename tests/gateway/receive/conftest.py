# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A gateway over a fresh file for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from receive_support import Gateway


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    gateway = Gateway(tmp_path / "gateway.db")
    yield gateway
    gateway.close()
