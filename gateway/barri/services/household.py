# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What people at home have said, as of one moment, for those who derive and forward.

Must not import adapters.
"""

import asyncio
from dataclasses import dataclass

from barri.domain.household import Board
from barri.domain.sharing import Gate
from barri.ports import Home


@dataclass(frozen=True, slots=True)
class Household:
    """Boards by node id, and the gate made of everybody's choices."""

    boards: dict[str, Board]
    gate: Gate


async def look(home: Home) -> Household:
    """Read home.db anew. Raises StoreError when it cannot be read: then nothing may leave."""
    return await asyncio.to_thread(_look, home)


def _look(home: Home) -> Household:
    choices = home.choices()  # before the pseudonyms: one that has ended opens nothing
    gate = Gate(choices, home.things(), home.pseudonyms())
    return Household({board.node: board for board in home.boards()}, gate)
