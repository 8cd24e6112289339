# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Statements about what is desired of a node run as those about the node."""

import sys
from pathlib import Path

FIRMWARE = Path(__file__).parents[1]
sys.path += [str(FIRMWARE / "node"), str(FIRMWARE / "store")]
