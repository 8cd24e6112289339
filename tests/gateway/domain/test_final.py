# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Finality: ended, captured enough, and nothing more awaited."""

import pytest

from barri.domain.final import (
    Evidence,
    Patience,
    Verdict,
    first_due_s,
    judge,
    too_late,
)
from barri.domain.windows import Window

WINDOW = Window(3600, 7200)
PATIENCE = Patience()
LIVE_S = 7200 + 7200
BACKLOG_S = 7200 + 7 * 86400


@pytest.mark.parametrize(
    ("weight_s", "complete", "due_s", "now_s", "verdict"),
    [
        (3600, True, LIVE_S, 7199, Verdict.WAIT),  # not over yet
        (3600, False, LIVE_S, 7200, Verdict.FINAL),  # every second is covered
        (3599, False, LIVE_S, 7200, Verdict.WAIT),
        (2700, True, LIVE_S, 7200, Verdict.FINAL),  # three quarters, the rest declared lost
        (2699, True, LIVE_S, 7200, Verdict.WAIT),
        (2700, False, LIVE_S, LIVE_S - 1, Verdict.WAIT),
        (2700, False, LIVE_S, LIVE_S, Verdict.FINAL),
        (2699, False, LIVE_S, LIVE_S, Verdict.EXTEND),
        (2699, False, BACKLOG_S, BACKLOG_S - 1, Verdict.WAIT),
        (2699, False, BACKLOG_S, BACKLOG_S, Verdict.WITHHOLD),
        (2700, False, BACKLOG_S, BACKLOG_S, Verdict.FINAL),
        (0, True, BACKLOG_S, BACKLOG_S, Verdict.WITHHOLD),
    ],
)
def test_verdicts(weight_s, complete, due_s, now_s, verdict):
    assert judge(Evidence(WINDOW, weight_s, complete, due_s), now_s, PATIENCE) is verdict


def test_data_that_come_in_time_wait_two_hours_late_ones_a_week():
    assert first_due_s(WINDOW, 7200, PATIENCE) == LIVE_S
    assert first_due_s(WINDOW, LIVE_S, PATIENCE) == BACKLOG_S
    assert not too_late(WINDOW, BACKLOG_S - 1, PATIENCE)
    assert too_late(WINDOW, BACKLOG_S, PATIENCE)
