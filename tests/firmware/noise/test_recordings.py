# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Real recordings (48 kHz speech and noise of Debian's alsa-utils) against a float64 oracle."""

import wave
from pathlib import Path

import numpy as np
import pytest
from noise_bench import RATE_HZ, Node, oracle_laeq_db

RECORDINGS = Path("/usr/share/sounds/alsa")
NAMES = ("Front_Center", "Front_Left", "Noise", "Rear_Right", "Side_Left")
STEPS_PER_16_BITS = 256


def recorded(name: str) -> np.ndarray:
    """Read a recording, in 24-bit steps."""
    path = RECORDINGS / f"{name}.wav"
    if not path.is_file():
        pytest.skip(f"{path} is missing: install alsa-utils")
    with wave.open(str(path)) as file:
        assert file.getparams()[:3] == (1, 2, RATE_HZ)
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
    return samples.astype(np.float64) * STEPS_PER_16_BITS


@pytest.mark.parametrize("gain", [1.0, 0.01])
@pytest.mark.parametrize("name", NAMES)
def test_a_recording_reads_as_the_oracle_says(node: Node, name: str, gain: float) -> None:
    signal = np.rint(recorded(name) * gain)
    (levels,) = node.levels(signal, len(signal) / RATE_HZ, settle_ms=0)
    assert levels["laeq"] / 10 == pytest.approx(oracle_laeq_db(signal), abs=0.1)
