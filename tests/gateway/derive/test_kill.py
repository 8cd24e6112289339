# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""kill -9 at any moment: every record counts exactly once, and once calibrated."""

import random
import subprocess
import sys
import time
from pathlib import Path

from derive_rig import NOON_S, Rig, record

CHILD = Path(__file__).with_name("derive_child.py")
KILLS = 8
FRAMES = 400
TABLES = (
    "SELECT * FROM rollup ORDER BY 1, 2, 3, 4, 5",
    "SELECT era, position, start_s, end_s, value_text FROM decided"
    " JOIN stream ON stream.id = stream ORDER BY 1, 2",
    "SELECT * FROM derived_ranges",
)


def fill(rig, dice):
    """Frames of one to five records, in a shuffled order, as after an outage."""
    frames, sequence = [], 0
    while len(frames) < FRAMES:
        kit = "noise" if dice.randrange(3) == 0 else "air"
        records = [
            record(sequence + i, NOON_S + 10 * (sequence + i), kit=kit, **measured(kit, dice))
            for i in range(dice.randrange(1, 6))
        ]
        sequence += len(records)
        frames.append((records, kit))
    for start in range(0, FRAMES, 20):
        part = frames[start : start + 20]
        dice.shuffle(part)
        for records, kit in part:
            rig.frame(records, kit, arrival_s=NOON_S + 10 * (sequence + 1))
    return NOON_S + 10 * (sequence + 1)


def measured(kit, dice):
    if kit == "noise":
        return {"laeq": dice.randrange(300, 900)}
    dust = {"pm10": dice.randrange(400), "humidity": dice.randrange(300, 900)}
    return {"temperature": dice.randrange(3000), **dust}


def start(folder, now_s):
    return subprocess.Popen(
        [sys.executable, CHILD, folder, str(now_s)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=CHILD.parent,
    )


def contents(folder):
    rig = Rig(folder / "gateway.db")
    found = [rig.query(sql) for sql in TABLES]
    rig.close()
    return found


def run_through(folder, now_s):
    child = start(folder, now_s)
    out, _ = child.communicate(timeout=60)
    assert out.endswith("done\n")


def test_killed_at_random_moments_derive_gives_what_it_gives_undisturbed(tmp_path):
    now_s = 0
    for name in ("calm", "killed"):
        (tmp_path / name).mkdir()
        rig = Rig(tmp_path / name / "gateway.db")
        now_s = fill(rig, random.Random(7))
        rig.close()
    run_through(tmp_path / "calm", now_s)
    dice = random.Random(11)
    killed = 0
    for _ in range(KILLS):
        child = start(tmp_path / "killed", now_s)
        child.stdout.readline()  # it is at work now
        time.sleep(dice.random() * 0.05)  # the one real wait: a moment that nobody chose
        killed += child.poll() is None
        child.kill()
        child.communicate()
    assert killed >= KILLS // 2
    run_through(tmp_path / "killed", now_s)
    calm, disturbed = contents(tmp_path / "calm"), contents(tmp_path / "killed")
    assert len(calm[0]) > 1000
    assert len(calm[1]) > 100
    made_with = {row[-1].partition(b"|")[2] for row in calm[0]}
    assert len(made_with) > 4  # raw, two offsets, a correction, and what holds several
    assert disturbed == calm
