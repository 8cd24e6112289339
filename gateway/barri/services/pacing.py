# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""How patient forwarding is, and when a sink that fails is tried again. Pure but for the dice."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pacing:
    """Times in seconds."""

    settle_s: float = 60  # after a request in doubt, before the platform is asked what it holds
    checks: int = 2  # how often it is asked before something counts as missing
    flush_s: float = 10  # between requests of live values, so that each carries several
    live_s: int = 2 * 3600  # a value whose window ended longer ago is backlog
    backlog_rows: int = 500  # of backlog in one request
    backlog_pause_s: int = 5  # between requests of backlog, up to twice as long
    unknown_retry_s: int = 10  # a stream just registered takes a while to be known everywhere
    unknown_grace_s: int = 600  # so long; after that a person is told
    park_s: int = 600  # then it is tried this often
    first_wait_s: int = 5  # after a failure; doubles with each
    longest_wait_s: int = 300


class Waiting:
    """Until when a sink is left alone. dice: gives a number from 0 to 1, against stampedes."""

    def __init__(self, pacing: Pacing, dice: Callable[[], float]) -> None:
        self._pacing = pacing
        self._dice = dice
        self._failures = 0
        self.works = False  # the platform's last answer was a good one
        self.until_s = 0.0
        self._live_from_s = 0.0
        self._backlog_from_s = 0.0

    def failed(self, now_s: float) -> float:
        """After each failure in a row wait twice as long; returns how long."""
        doubled_s = self._pacing.first_wait_s << min(self._failures, 16)
        wait_s = min(doubled_s, self._pacing.longest_wait_s) * (1 + self._dice() / 4)
        self._failures += 1
        self.works = False
        self.until_s = now_s + wait_s
        return wait_s

    def asked_to_wait(self, now_s: float, wait_s: float) -> None:
        """The platform itself said for how long."""
        self.works = False
        self.until_s = now_s + wait_s * (1 + self._dice() / 10)

    def worked(self) -> None:
        """The platform answers again."""
        self.works = True
        self._failures = 0

    def sent(self, now_s: float, is_backlog: bool) -> None:
        """Leave room between requests of one lane; the other is not delayed."""
        if is_backlog:
            self._backlog_from_s = now_s + self._pacing.backlog_pause_s * (1 + self._dice())
        else:
            self._live_from_s = now_s + self._pacing.flush_s

    def lanes(self, now_s: float) -> tuple[bool, bool]:
        """Whether live values may be sent now, and whether backlog may."""
        return now_s >= self._live_from_s, now_s >= self._backlog_from_s
