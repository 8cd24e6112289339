# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The simulated microphone gives the World's level, whatever way its samples are read."""

import time

import numpy as np
import pytest

from barri_node.noise.meter import Meter
from barri_tools.noise.node import Node
from barri_tools.sim.chips.microphone import Microphone
from barri_tools.sim.journal import Journal

RATE_HZ = 48000


class Levels:
    """A World of one level per second; None after the last."""

    def __init__(self, *levels_db: float | None) -> None:
        self._levels_db = levels_db

    def value(self, quantity: str, t_s: float) -> float | None:
        assert quantity == "laeq"
        return self._levels_db[int(t_s)] if t_s < len(self._levels_db) else None


def as_signal(data: bytes) -> np.ndarray:
    return np.frombuffer(data, dtype="<i4") / 256


def test_the_meter_reads_what_the_world_says(micropython: list[str]) -> None:
    """Rows of 2 s as in a played recording, 35 to 100 dB in steps of 0.7.

    The microphone has its curve and the meter its equaliser: what is left is their difference.
    """
    node = Node(micropython, "inmp441")
    rows_db = [35 + 0.7 * i for i in range(94)]
    world = Levels(rows_db[0], *[level for level in rows_db for _ in range(2)])
    samples = Microphone(world, Journal()).samples(RATE_HZ // 2, round(188.5 * RATE_HZ))
    found = node.levels(as_signal(samples), 2.0)
    assert len(found) == len(rows_db)
    for expected_db, levels in zip(rows_db, found, strict=True):
        assert abs(levels["laeq"] / 10 - expected_db) <= 0.11, expected_db


def test_any_second_within_a_level_has_it() -> None:
    data = Microphone(Levels(*[70.0] * 4), Journal()).samples(0, 4 * RATE_HZ)
    for start in (0.0, 0.33, 1.5, 2.717):
        meter = Meter(settle_ms=100)
        first = 4 * round(start * RATE_HZ)
        block = data[first : first + 4 * round(1.1 * RATE_HZ)]
        meter.feed(block, len(block))
        assert meter.close_window()["laeq"] == pytest.approx(700, abs=1)


def test_samples_are_a_function_of_their_index() -> None:
    world = Levels(50.0, 80.0, None, 60.0)
    whole = Microphone(world, Journal()).samples(0, 4 * RATE_HZ)
    other = Microphone(world, Journal())
    for first, count in ((RATE_HZ - 7, 20), (3 * RATE_HZ + 5, 1000), (0, 1), (500, 0)):
        assert other.samples(first, count) == whole[4 * first : 4 * (first + count)]
    with pytest.raises(ValueError, match="from 0 on"):
        other.samples(-1, 1)


def test_no_level_is_a_silent_line_and_too_much_clips() -> None:
    microphone = Microphone(Levels(None, 130.0), Journal())
    assert not any(microphone.samples(0, RATE_HZ))
    loud = as_signal(microphone.samples(RATE_HZ, RATE_HZ))
    assert loud.max() == (1 << 23) - 1
    assert loud.min() == -(1 << 23)


def test_words_are_24_bits_at_the_left() -> None:
    data = Microphone(Levels(60.0), Journal()).samples(0, 1000)
    assert not any(data[0::4])
    assert any(data[1::4])


def test_the_journal_notes_each_second_once() -> None:
    journal = Journal()
    microphone = Microphone(Levels(50.0, None, 61.5), journal)
    for first in range(0, 3 * RATE_HZ, 2400):
        microphone.samples(first, 2400)
    microphone.samples(0, 2400)
    noted = [(entry.t_us, entry.value) for entry in journal.entries(quantity="laeq")]
    assert noted == [(0, 50.0), (1_000_000, None), (2_000_000, 61.5)]


def test_it_is_much_faster_than_sound() -> None:
    microphone = Microphone(Levels(*[70.0] * 20), Journal())
    started_s = time.perf_counter()
    for first in range(0, 20 * RATE_HZ, 2400):
        microphone.samples(first, 2400)
    speed = 20 / (time.perf_counter() - started_s)
    print(f"noise.microphone_model_speed {speed:.0f} x")
    assert speed > 40
