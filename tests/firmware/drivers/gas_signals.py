# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Raw signals of gas sensors, made up: quiet air, days with events, a change for good.

`python tests/firmware/drivers/gas_signals.py` lets the reference implementation (the package
`sensirion-gas-index-algorithm`) answer them again and writes `data/gas_index.json`.
"""

import importlib
import json
import math
from pathlib import Path

EVERY = 30  # of the indices, how many are kept: one in so many
_HALF_A_DAY_S = 43200


def noisy(level, seconds, spread):
    """A level with noise of +-spread steps, always the same one."""
    width = 2 * spread + 1
    return [level + (at * 7919 + at * at * 31) % width - spread for at in range(seconds)]


def day(level, event, seconds=_HALF_A_DAY_S):
    """A slow swing, and every three hours an event of twenty minutes that grows and goes."""
    signal = noisy(level, seconds, 8)
    for at in range(seconds):
        signal[at] += round(250 * math.sin(at / 13750))
        into = at % 10800 - 7200
        if 0 < into < 1200:
            signal[at] += round(event * math.sin(math.pi * into / 1200))
    return signal


def long_event(level, event, seconds):
    """Five hours of usual air, then a change that stays: the index has to come back by itself."""
    return noisy(level, 18000, 8) + noisy(level + event, seconds, 8)


def restless(level):
    """Three hours with another level every three minutes: the deviation learnt is large."""
    return [level + step * 613 % 2400 - 1200 for step in range(60) for _ in range(180)]


SIGNALS = {
    "voc_quiet": lambda: ("voc", noisy(31000, 7200, 5)),
    "voc_day": lambda: ("voc", day(30000, -900)),
    "voc_long_event": lambda: ("voc", long_event(30000, -3000, 30000)),
    "voc_strong": lambda: ("voc", day(33000, -9000, 40000)),
    "voc_restless": lambda: ("voc", restless(31000)),
    # While the NOx index ends its fast learning, after four hours and three quarters.
    "nox_turn": lambda: ("nox", noisy(16000, 16500, 8) + noisy(20000, 2500, 8)),
    "nox_quiet": lambda: ("nox", noisy(16000, 7200, 5)),
    "nox_day": lambda: ("nox", day(16000, 6000)),
    "nox_long_event": lambda: ("nox", long_event(16000, 9000, 50000)),
}


def _answers():
    package = "sensirion_gas_index_algorithm"
    voc = importlib.import_module(package + ".voc_algorithm").VocAlgorithm
    nox = importlib.import_module(package + ".nox_algorithm").NoxAlgorithm
    answers = {}
    for name, make in SIGNALS.items():
        kind, signal = make()
        algorithm = voc() if kind == "voc" else nox()
        answers[name] = [algorithm.process(raw) for raw in signal][::EVERY]
    return answers


if __name__ == "__main__":
    kept = {
        "source": "sensirion-gas-index-algorithm 3.2.2, on the signals of gas_signals.py",
        "every": EVERY,
        "answers": _answers(),
    }
    path = Path(__file__).parent / "data" / "gas_index.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(kept, separators=(",", ":")) + "\n")
