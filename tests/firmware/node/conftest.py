# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Statements about the node are ordinary files that both interpreters can import."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "statements"))
