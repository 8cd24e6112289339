# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Only what no installation can bring may be missing where BARRI_NO_SKIP=1; nothing with =all."""

import pytest
from sentilo_server import MissingError, NotReleasedError, may_skip, why_missing

NOT_THERE = (
    "[ERROR] Could not resolve: org.sentilo.platform:sentilo-platform-server:jar:2.0.0"
    " was not found in a repository during a previous attempt",
    "[ERROR] Could not find artifact org.sentilo.platform:sentilo-platform-server:jar:2.0.0",
)
TROUBLE = (
    "[ERROR] Could not transfer artifact org.sentilo.platform:sentilo-platform-server:pom:2.0.0",
    "[ERROR] Could not find artifact javax.annotation:javax.annotation-api:jar:1.3.2",
    "",
)


@pytest.mark.parametrize("said", NOT_THERE)
def test_the_jar_that_was_never_released_is_told_by_name(said: str) -> None:
    missing = why_missing(said)
    assert isinstance(missing, NotReleasedError)
    assert str(missing) == (
        "the released org.sentilo.platform:sentilo-platform-server jar is not on the registry; "
        "give BARRI_SENTILO_LIB=<folder of its jars>"
    )


@pytest.mark.parametrize("said", TROUBLE)
def test_other_trouble_with_a_download_is_not_taken_for_it(said: str) -> None:
    missing = why_missing(said)
    assert not isinstance(missing, NotReleasedError)
    assert said[:200] in str(missing)


@pytest.mark.parametrize(
    ("no_skip", "program", "jar"), [("", True, True), ("1", False, True), ("all", False, False)]
)
def test_what_may_be_skipped(no_skip: str, program: bool, jar: bool) -> None:
    assert may_skip(MissingError("java"), no_skip) is program
    assert may_skip(NotReleasedError("jar"), no_skip) is jar
