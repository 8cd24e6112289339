# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""How much of its windows a node really measures while its board stalls, per class of boards.

Simulated time, assumed and published durations: see `barri_tools.sim.stalls` and docs/stalls.md.
"""

from pathlib import Path

from barri_tools.bench.report import FOLDER, Report
from barri_tools.sim import stalls

WINDOW_S = 60
WINDOWS = 3
_TRIES = 2
_PERCENT = "%"


def steady(board: int, erase_ms: float = 0) -> stalls.Run:
    """A node that only measures and keeps records. erase_ms: how slow its flash is (0: usual)."""
    events = stalls.steady(board, WINDOW_S, WINDOWS, erase_ms)
    return stalls.measure(stalls.BOARDS[board], events, WINDOW_S, WINDOWS)


def reconnecting(board: int) -> stalls.Run:
    """The same, and its gateway is gone in the second window."""
    events = stalls.steady(board, WINDOW_S, WINDOWS)
    events += stalls.reconnect(board, (WINDOW_S + 5) * 1000, _TRIES)
    return stalls.measure(stalls.BOARDS[board], events, WINDOW_S, WINDOWS)


def lowest(run: stalls.Run) -> tuple[float, float]:
    """The lowest share of a window after the start, in percent: reported, and really heard."""
    windows = run.after_the_start()
    return min(w.reported for w in windows) / 10, min(w.heard for w in windows) / 10


def measure(report: Report) -> None:
    """Add the figures to a report."""
    boards = range(len(stalls.BOARDS))
    reported, heard = zip(*(lowest(steady(board)) for board in boards), strict=True)
    report.add("noise.measured_share", min(reported), _PERCENT)
    report.add("noise.measured_share.heard", min(heard), _PERCENT)
    slowest, _ = lowest(steady(0, stalls.ERASE.longest_ms[0]))
    report.add("noise.measured_share.slowest_flash", slowest, _PERCENT)
    away, _ = lowest(reconnecting(0))
    report.add("noise.measured_share.reconnecting", away, _PERCENT)
    report.note(
        f"simulated: {WINDOW_S} s windows on {', '.join(b.name for b in stalls.BOARDS)};"
        " two flash erases a record, a collection every 5 s; durations published or assumed"
    )


def run(folder: Path = FOLDER) -> Report:
    """Print and write the figures."""
    report = Report("noise_share", folder)
    measure(report)
    report.write()
    return report


if __name__ == "__main__":
    run()
