# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What people at home desire of a board, and what it reports. Stays at home.

Imports nothing of ours but the wire and the household's error.
"""

from dataclasses import dataclass

from barri.domain.household import DAY_S, HouseholdError
from barri_wire.messages_desired import UNWANTED_MAX, VERSION_LIMIT, WINDOW_MAX_S
from barri_wire.messages_desired import Desired as Message
from barri_wire.quantities import BY_ID, BY_NAME


@dataclass(frozen=True, slots=True)
class Desired:
    """All that is desired of a board at present.

    version: grows with every change; 0 before the first. window_s: seconds of a record, 0 for the
    board's own. unwanted: names of quantities that are not to be measured, by their ids. at_s:
    when it was said (Unix s). Raises HouseholdError for what no board could do.
    """

    node: str
    version: int = 0
    window_s: int = 0
    unwanted: tuple[str, ...] = ()
    at_s: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.version < VERSION_LIMIT:
            raise HouseholdError("desired: there are no more versions; provision the board anew")
        if not 0 <= self.window_s <= WINDOW_MAX_S or (self.window_s and DAY_S % self.window_s):
            raise HouseholdError("window: 1 to 3600 s that divide a day into equal parts")
        ids = _ids(self.unwanted)
        if ids != sorted(set(ids)) or len(ids) > UNWANTED_MAX:
            raise HouseholdError(f"unwanted: up to {UNWANTED_MAX} quantities, each once")

    def message(self) -> Message:
        """What the board is sent."""
        return Message(self.version, self.window_s, _ids(self.unwanted))

    def changed(
        self, version: int, at_s: int, window_s: int | None, unwanted: tuple[str, ...] | None
    ) -> "Desired":
        """A later version, with other windows or other unwanted quantities; None leaves either."""
        ids = sorted(set(_ids(self.unwanted if unwanted is None else unwanted)))
        window_s = self.window_s if window_s is None else window_s
        names = tuple(BY_ID[quantity_id].name for quantity_id in ids)
        return Desired(self.node, version, window_s, names, at_s)


@dataclass(frozen=True, slots=True)
class Reported:
    """What a board said last. version: in force there. result: see `barri_wire`; at_s: Unix s."""

    node: str
    version: int
    result: int
    at_s: int


def _ids(names: tuple[str, ...]) -> list[int]:
    for name in names:
        if name not in BY_NAME:
            raise HouseholdError(f"{name[:40]!r} is no quantity; such are laeq, pm2_5")
    return [BY_NAME[name].id for name in names]
