# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The energy room plugs its parts into the drivers' bench."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "drivers"))
