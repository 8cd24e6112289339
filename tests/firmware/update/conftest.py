# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Statements about updates run as those about the node."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "node"))
