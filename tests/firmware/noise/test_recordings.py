# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Real recordings (48 kHz speech and noise of Debian's alsa-utils) against float64 oracles."""

import numpy as np
import pytest

from barri_tools.bench.noise import scipy_laeq_db
from barri_tools.noise.node import Node
from barri_tools.noise.signals import RECORDINGS, Floats, oracle_leq_db, recording

NAMES = ("Front_Center", "Front_Left", "Noise", "Rear_Right", "Side_Left")


def recorded(name: str) -> Floats:
    path = RECORDINGS / f"{name}.wav"
    if not path.is_file():
        pytest.skip(f"{path} is missing: install alsa-utils")
    return recording(path)


@pytest.mark.parametrize("gain", [1.0, 0.01])
@pytest.mark.parametrize("name", NAMES)
def test_a_recording_reads_as_the_oracles_say(node: Node, name: str, gain: float) -> None:
    signal = np.rint(recorded(name) * gain)
    (levels,) = node.levels(signal, len(signal) / node.rate_hz, settle_ms=0)
    assert levels["laeq"] / 10 == pytest.approx(oracle_leq_db(signal), abs=0.1)
    assert levels["lceq"] / 10 == pytest.approx(oracle_leq_db(signal, weighting="C"), abs=0.1)


@pytest.mark.parametrize("name", NAMES[1:3])
def test_the_two_oracles_agree(name: str) -> None:
    """One weighs in the frequency domain, the other is SciPy's design of the analog poles."""
    pytest.importorskip("scipy")
    signal = recorded(name)
    assert scipy_laeq_db(signal) == pytest.approx(oracle_leq_db(signal), abs=0.03)
