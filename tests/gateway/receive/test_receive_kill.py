# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Killed with -9 at any moment, the gateway still has what it acknowledged, and once each.

A kill does not test a power cut: what the system had cached survives it.
"""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

from receive_support import Gateway

ROUNDS = int(os.environ.get("BARRI_KILL_ROUNDS", "4"))
HERE = Path(__file__).parent


def ingest_until_killed(path: Path, first: int, after_s: float) -> int:
    """Run the process, kill it after a while, and return the last mark that it acknowledged."""
    process = subprocess.Popen(
        [sys.executable, str(HERE / "ingest_process.py"), str(path), str(first)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(HERE)},
    )
    assert process.stdout is not None
    mark = int(process.stdout.readline())  # it runs
    time.sleep(after_s)
    process.kill()
    lines = [line for line in process.stdout.read().splitlines(keepends=True) if line[-1] == "\n"]
    process.wait(10)
    process.stdout.close()
    return max([mark, *map(int, lines)])


def test_a_killed_gateway_lost_nothing_it_acknowledged_and_counts_nothing_twice(
    tmp_path: Path,
) -> None:
    chance = random.Random(20)
    path = tmp_path / "gateway.db"
    mark = 0
    for _ in range(ROUNDS):
        mark = max(mark, ingest_until_killed(path, mark, chance.uniform(0.0, 0.6)))
        gateway = Gateway(path)
        sequences = gateway.sequences()
        assert gateway.database.salvaged is None
        gateway.close()
        assert len(sequences) == len(set(sequences))
        assert set(range(mark)) <= set(sequences)
    assert mark > 100
