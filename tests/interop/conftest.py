# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Fixtures of the interop tests: real foreign servers, skipped by name where they are missing.

With BARRI_NO_SKIP=1 a missing server is a failure.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from typing import NoReturn

import pytest
from sentilo_requests import ENTITIES, OVERRIDES, SENSORS
from sentilo_server import MissingError, RealSentilo, real_sentilo


def skip_or_fail(reason: str) -> NoReturn:
    """Skip by name, or fail when skips are not allowed."""
    if os.environ.get("BARRI_NO_SKIP") == "1":
        pytest.fail(f"BARRI_NO_SKIP=1 and {reason}", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def sentilo() -> Iterator[RealSentilo]:
    """The real Sentilo API server with the test city's entities and sensors."""
    reason = ""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(real_sentilo(ENTITIES, OVERRIDES))
        except MissingError as missing:
            reason = f"real Sentilo server: {missing}"
        if reason:
            skip_or_fail(reason)
        server.load_sensors(SENSORS)
        yield server
