# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The node's compiled RV32 code, executed: it gives what viper on a PC and the plain twin give."""

import json
import os
import subprocess
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import rv32_trace
from hypothesis import given, settings
from hypothesis import strategies as st

from barri_node.noise.meter import Meter
from barri_tools.firmware import source_directory
from barri_tools.rv32.meter import CountedKernel, meter_module, node_kernel

FULL_SCALE = (1 << 23) - 1
LOWEST = -FULL_SCALE - 1
RATES_HZ = (48000, 24000)


def steady(value: int, count: int) -> np.ndarray:
    return np.full(count, value)


def square(half_period: int, count: int) -> np.ndarray:
    return np.where(np.arange(count) // half_period % 2, FULL_SCALE, LOWEST)


def impulse(value: int, count: int) -> np.ndarray:
    return np.where(np.arange(count) == count // 2, value, 0)


def random(seed: int, amplitude: int, count: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(-amplitude, amplitude, count, endpoint=True)


def line_of(signal: np.ndarray, garbage: int = 0) -> bytes:
    """Turn a signal into what the microphone's line carries; the low byte is not the sample's."""
    within = np.clip(signal, LOWEST, FULL_SCALE).astype(np.int64)
    return ((within << 8) | garbage).astype("<i4").tobytes()


class Meters:
    """The same meter three times: compiled for a board, on MicroPython here, in plain Python."""

    def __init__(self, micropython: list[str], folder: Path) -> None:
        self._micropython = micropython
        self._folder = folder
        self._kernel = node_kernel(folder)
        self.counted = CountedKernel(self._kernel)
        self._module = meter_module(self.counted)

    def compiled(self, line: bytes, rate_hz: int, sizes: list[int]) -> list[dict]:
        return list(
            rv32_trace.trace(self._module.Meter(rate_hz, settle_ms=3), BytesIO(line), sizes)
        )

    def plain(self, line: bytes, rate_hz: int, sizes: list[int]) -> list[dict]:
        return list(rv32_trace.trace(Meter(rate_hz, settle_ms=3), BytesIO(line), sizes))

    def viper(self, line: bytes, rate_hz: int, sizes: list[int]) -> list[dict]:
        samples = self._folder / "samples.raw"
        samples.write_bytes(line)
        arguments = [rv32_trace.__file__, str(samples), str(rate_hz), ",".join(map(str, sizes))]
        done = subprocess.run(
            [*self._micropython, *arguments],
            env={**os.environ, "MICROPYPATH": str(source_directory())},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-500:] + done.stderr
        return [json.loads(text) for text in done.stdout.splitlines()]

    def agree(self, signal: np.ndarray, rate_hz: int, sizes: list[int], garbage: int = 0) -> None:
        line = line_of(signal, garbage)
        compiled = self.compiled(line, rate_hz, sizes)
        assert compiled == self.plain(line, rate_hz, sizes)
        assert compiled == self.viper(line, rate_hz, sizes)


@pytest.fixture(scope="module")
def meters(micropython: list[str], tmp_path_factory: pytest.TempPathFactory) -> Meters:
    return Meters(micropython, tmp_path_factory.mktemp("rv32"))


SIGNALS = {
    "silence": steady(0, 3000),
    "highest DC": steady(FULL_SCALE, 3000),
    "lowest DC": steady(LOWEST, 3000),
    "DC of one step": steady(-1, 1500),
    "square of half the rate": square(1, 3000),
    "square of 1 kHz": square(24, 3000),
    "square of 40 Hz": square(600, 4000),
    "highest impulse": impulse(FULL_SCALE, 3000),
    "lowest impulse": impulse(LOWEST, 3000),
    "smallest impulse": impulse(1, 1500),
    "random, full scale": random(1, FULL_SCALE, 4000),
    "random, about 90 dB": random(2, 500000, 4000),
    "random, the last bit": random(3, 1, 2000),
}


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize("name", SIGNALS)
def test_board_pc_and_twin_agree_bit_for_bit(meters: Meters, name: str, rate_hz: int) -> None:
    meters.agree(SIGNALS[name], rate_hz, [960], garbage=0x5A)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_they_agree_after_many_blocks_of_odd_sizes(meters: Meters, rate_hz: int) -> None:
    signal = np.concatenate([*SIGNALS.values()][::-1])
    meters.agree(signal, rate_hz, [1, 7, 46, 47, 48, 2, 333, 235, 0, 1001])


SEGMENTS = st.tuples(
    st.sampled_from(["steady", "square", "impulse", "random"]),
    st.one_of(st.sampled_from([0, 1, -1, FULL_SCALE, LOWEST]), st.integers(LOWEST, FULL_SCALE)),
    st.integers(1, 400),
)
MAKERS = {
    "steady": steady,
    "square": lambda value, count: square(1 + abs(value) % 97, count),
    "impulse": impulse,
    "random": lambda value, count: random(abs(value), abs(value), count),
}


@settings(max_examples=12)
@given(
    segments=st.lists(SEGMENTS, min_size=1, max_size=6),
    sizes=st.lists(st.integers(1, 500), min_size=1, max_size=5),
    garbage=st.integers(0, 255),
    rate_hz=st.sampled_from(RATES_HZ),
)
def test_they_agree_on_any_signal_in_any_blocks(meters, segments, sizes, garbage, rate_hz) -> None:
    signal = np.concatenate([MAKERS[kind](value, count) for kind, value, count in segments])
    meters.agree(signal, rate_hz, sizes, garbage)


def test_the_trace_sees_every_difference(meters: Meters) -> None:
    """One sample that differs is another state, from its block on."""
    signal = random(4, 300000, 6000)
    expected = meters.plain(line_of(signal), 48000, [960])
    assert meters.compiled(line_of(signal), 48000, [960]) == expected
    signal[2000] += 1 << 12
    found = meters.compiled(line_of(signal), 48000, [960])
    assert [a == b for a, b in zip(found, expected, strict=True)][:4] == [True, True, False, False]
    assert len(expected[0]) >= 8, "the meter's state is not where the trace looks for it"


def test_it_is_the_compiled_code_that_ran(meters: Meters) -> None:
    before = meters.counted.executed.total()
    meters.compiled(line_of(SIGNALS["silence"]), 48000, [960])
    executed = meters.counted.executed.total() - before
    assert executed > 3000 * 50
    assert all(meters.counted.calls.values())
