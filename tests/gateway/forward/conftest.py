# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "derive"))

from forward_rig import City


@pytest.fixture
def city(tmp_path):
    made = City(tmp_path)
    yield made
    made.close()
