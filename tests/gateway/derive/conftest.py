# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
import pytest
from derive_rig import Rig


@pytest.fixture
def rig(tmp_path):
    made = Rig(tmp_path / "gateway.db")
    yield made
    made.close()
