# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The link's session on the real MicroPython in virtual time, opposite a fake gateway."""

from pathlib import Path

import pytest
from statement_bench import check, names

FOLDERS = (Path(__file__).parent / "statements", Path(__file__).parents[1] / "store")


@pytest.mark.parametrize("name", names("link_statements", FOLDERS[0]))
def test_link(name: str, micropython: str) -> None:
    check(micropython, "link_statements", name, *FOLDERS)
