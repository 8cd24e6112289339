# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Calibrations and corrections, as of one moment, for who derives; who forwards never sees them.

Must not import adapters.
"""

import asyncio

from barri.domain.corrections.amendments import Amendments
from barri.ports import CalibratedHome


async def amendments(home: CalibratedHome) -> Amendments:
    """Read home.db anew. Raises StoreError when it cannot be read: then nothing is derived."""
    return await asyncio.to_thread(_look, home)


def _look(home: CalibratedHome) -> Amendments:
    return Amendments(home.calibrations(), home.corrections())
