# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""When a shared window is final. It is sent once, so this is decided once. Pure.

Final: it has ended, enough of it was captured, and nothing more is awaited: every second is
covered, or its sequences are complete (what is missing was declared lost), or its grace ended.
"""

from enum import Enum
from typing import NamedTuple

from barri.domain.windows import Window


class Patience(NamedTuple):
    """How long windows wait for late data, in seconds after their end, and what is enough."""

    live_s: int = 2 * 3600
    backlog_s: int = 7 * 86_400
    capture_percent: int = 75


class Verdict(Enum):
    """What becomes of a window now."""

    WAIT = "wait"
    FINAL = "final"
    EXTEND = "extend"  # the live grace ended with too little: wait as backlog
    WITHHOLD = "withhold"  # all grace ended with too little: never sent


class Evidence(NamedTuple):
    """What is known of a window: seconds covered, are its sequences complete, when to give up."""

    window: Window
    weight_s: int
    complete: bool
    due_s: int


def first_due_s(window: Window, arrival_s: int, patience: Patience) -> int:
    """When the grace ends of a window whose first data arrive at `arrival_s`."""
    live_s = window.end_s + patience.live_s
    return live_s if arrival_s < live_s else window.end_s + patience.backlog_s


def too_late(window: Window, arrival_s: int, patience: Patience) -> bool:
    """Say whether data that arrive now can no longer make the window final."""
    return arrival_s >= window.end_s + patience.backlog_s


def enough(weight_s: int, window_s: int, patience: Patience) -> bool:
    """Say whether the data capture, covered seconds by window, suffices."""
    return weight_s * 100 >= window_s * patience.capture_percent


def judge(evidence: Evidence, now_s: int, patience: Patience) -> Verdict:
    """Say what becomes of a window at `now_s`."""
    window, weight_s, complete, due_s = evidence
    if now_s < window.end_s:
        return Verdict.WAIT
    over = now_s >= due_s
    if enough(weight_s, window.length_s, patience):
        return Verdict.FINAL if complete or over or weight_s >= window.length_s else Verdict.WAIT
    if not over:
        return Verdict.WAIT
    return Verdict.EXTEND if due_s < window.end_s + patience.backlog_s else Verdict.WITHHOLD
