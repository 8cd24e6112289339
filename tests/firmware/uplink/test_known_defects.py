# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What is known to be wrong in the node, each as the statement that does not hold yet.

Strict: the change that mends one of them has to move it to where it belongs.
"""

from pathlib import Path

import pytest
from statement_bench import STATEMENTS, check, names

HERE = Path(__file__).parent / "statements"
STORE = Path(__file__).parents[1] / "store"


@pytest.mark.xfail(strict=True, reason="known defect")
@pytest.mark.parametrize("name", names("link_defects", HERE))
def test_link(name: str, micropython: str) -> None:
    check(micropython, "link_defects", name, HERE, STORE)


@pytest.mark.xfail(strict=True, reason="known defect")
@pytest.mark.parametrize("name", names("node_defects", STATEMENTS))
def test_node(name: str, micropython: str) -> None:
    check(micropython, "node_defects", name)
