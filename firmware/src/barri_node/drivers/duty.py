# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""When a particle sensor's fan runs, if not always: lasers last about 8000 hours.

Every cycle the part wakes, warms up, is read for a while, and sleeps until the cycle ends. Each
driver asks here before each measurement. Imports no hardware.
"""

from micropython import const

# Plantower's manual asks for 30 s of the fan before a reading; Nova's FAQ says the same.
WARM_UP_MS = 30000
_READING_MS = const(30000)


def runs(elapsed_ms: int, cycle_ms: int) -> bool:
    """Say whether the fan runs so long after the start.

    cycle_ms: 0 for always; else at least 120000, or starting wears the part more than it saves.
    """
    return not cycle_ms or elapsed_ms % cycle_ms < WARM_UP_MS + _READING_MS
