# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Fixtures of the interop tests: real foreign servers, skipped by name where they are missing.

With BARRI_NO_SKIP=1 what is missing is a failure, but for one thing that no installation can
bring: the released jar of the Sentilo server. With BARRI_NO_SKIP=all that is a failure too.
"""

import os
from collections.abc import Iterator

import pytest
from sentilo_requests import ENTITIES, OVERRIDES, SENSORS
from sentilo_server import MissingError, RealSentilo, classpath, may_skip, real_sentilo


@pytest.fixture(scope="session")
def sentilo_jars() -> str:
    """The classpath of the real Sentilo API server; skips by name where it cannot be had."""
    try:
        return classpath()
    except MissingError as missing:
        found = missing
    no_skip = os.environ.get("BARRI_NO_SKIP", "")
    if may_skip(found, no_skip):
        pytest.skip(str(found))
    pytest.fail(f"BARRI_NO_SKIP={no_skip} and {found}", pytrace=False)


@pytest.fixture(scope="session")
def sentilo(sentilo_jars: str) -> Iterator[RealSentilo]:
    """The real Sentilo API server with the test city's entities and sensors."""
    with real_sentilo(sentilo_jars, ENTITIES, OVERRIDES) as server:
        server.load_sensors(SENSORS)
        yield server
