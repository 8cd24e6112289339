# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Statements about what keeps a node alive run as those about the node."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
NODE = HERE.parent / "node"
sys.path += [
    str(NODE),
    str(NODE / "statements"),
    str(HERE.parent / "store"),
    str(HERE / "statements"),
]
