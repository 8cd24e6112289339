# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A headless demo whose city does wrong: `planted_demo.py lost|doubled|leaked REPORT FIRMWARE`.

Run as a process of its own, like `barri demo`; only the city's store and the speed are changed.
"""

import dataclasses
import sys
from pathlib import Path

from barri_tools.demo import command, stage
from barri_tools.sandbox.sentilo import Record
from barri_tools.sandbox.sentilo.store import Observation

SPOILT = 5  # the number of the observation that it happens to


class Spoilt(Record):
    """A city's store that loses one, keeps one twice, or keeps one under another's name."""

    fault = ""
    count = 0

    def stored(self, observation: Observation, now: float) -> None:
        """Note an observation, unless it is the one."""
        self.count += 1
        if self.count != SPOILT:
            super().stored(observation, now)
            return
        if self.fault in ("doubled", "leaked"):
            super().stored(observation, now)
        if self.fault == "doubled":
            super().stored(observation, now)
        if self.fault == "leaked":
            super().stored(dataclasses.replace(observation, sensor="0123456789abcdef"), now)


def main(fault: str, report: str, firmware: str) -> int:
    """Play it ten times as fast, with prepared firmware; a loss would take the whole drain."""
    changes = {"speed": 10.0, "firmware": Path(firmware)}
    Spoilt.fault = fault
    stage.Record = Spoilt  # type: ignore[misc]
    scene_of = command._scene
    command._scene = lambda options: dataclasses.replace(scene_of(options), **changes)  # type: ignore[assignment]
    command.LONGEST_DRAIN_S = 6.0
    return command.run(command.DemoOptions(headless=True, duration="120s", report=Path(report)))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
