# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
import sys
from pathlib import Path

import pytest
from derive_rig import Rig

sys.path.insert(0, str(Path(__file__).parents[1] / "forward"))


@pytest.fixture
def rig(tmp_path):
    made = Rig(tmp_path / "gateway.db")
    yield made
    made.close()


@pytest.fixture
def city(tmp_path):
    """A whole way to a sandbox city; what it does is in the tests of forwarding."""
    from forward_rig import City  # noqa: PLC0415

    made = City(tmp_path)
    yield made
    made.close()
