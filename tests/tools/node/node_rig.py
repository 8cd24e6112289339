# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What the tests of `barri node` share besides fixtures: how to reach a stand-in board."""

import sys
import time
from pathlib import Path

from barri_tools.node.console import Console, open_line

FAKE_ESPTOOL = [sys.executable, str(Path(__file__).parent / "fake_esptool.py")]


class NoSteps:
    """Shows nothing; keeps the titles and what was said."""

    def __init__(self):
        self.titles = []
        self.said = []
        self.shares = []

    def step(self, title):
        self.titles.append(title)
        return self

    def __enter__(self):
        return self.shares.append

    def __exit__(self, *_):
        return None

    def say(self, text):
        self.said.append(text)


def quick_line(device):
    """mpremote waits 10 s for some answers, whoever asks."""
    line = open_line(device, silence_s=0.3)
    wait = line.read_until
    line.read_until = lambda least, ending, timeout=10, **options: wait(
        least, ending, timeout=min(timeout, 0.6), **options
    )
    return line


def patient(board):
    """A console that gives up sooner than with a real board: a pipe is quick or dead."""
    return Console(
        board.device,
        quick_line,
        lambda seconds: time.sleep(min(seconds, 0.2)),
        patience_s=0.6,
    )
