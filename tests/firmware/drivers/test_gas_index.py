# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The gas index against the reference implementation of Sensirion (gas-index-algorithm 3.2): its
answers on the signals of `gas_signals.py` are kept in `data/gas_index.json`.
"""

import json
import math
from pathlib import Path

import gas_signals
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barri_node.drivers import gas_index
from barri_node.drivers.gas_index import GasIndex, nox, voc

KEPT = json.loads((Path(__file__).parent / "data" / "gas_index.json").read_text())
KINDS = {"voc": voc, "nox": nox}


def indices(kind, signal, index=None):
    index = index or GasIndex(KINDS[kind]())
    return [index.add(raw) or 0 for raw in signal]


def same(mine, theirs):
    """Equal but for the last digit, whose rounding 32 bits decide otherwise now and then."""
    apart = [abs(a - b) for a, b in zip(mine, theirs, strict=True)]
    assert max(apart) <= 1
    assert sum(apart) <= len(apart) // 50


@pytest.mark.parametrize("name", sorted(gas_signals.SIGNALS))
def test_the_kept_answers_of_the_reference(name):
    """Every 30th index of each signal, as the reference has given it."""
    kind, signal = gas_signals.SIGNALS[name]()
    same(indices(kind, signal)[:: KEPT["every"]], KEPT["answers"][name])


@pytest.fixture
def floats_of_32_bits(monkeypatch):
    """The module as a board computes it: what exp and sqrt give is of 32 bits, and NumPy keeps
    everything so that is reckoned from it."""
    monkeypatch.setattr(gas_index, "exp", lambda x: np.float32(math.exp(x)))
    monkeypatch.setattr(gas_index, "sqrt", lambda x: np.sqrt(np.float32(x)))


@pytest.mark.parametrize("name", ["voc_day", "nox_day", "voc_long_event", "voc_restless"])
def test_the_same_in_floats_of_32_bits(floats_of_32_bits, name):
    kind, signal = gas_signals.SIGNALS[name]()
    index = GasIndex(KINDS[kind]())
    same(indices(kind, signal, index)[:: KEPT["every"]], KEPT["answers"][name])
    assert isinstance(index._usual.std, np.float32)
    assert isinstance(index._usual._rest, np.float32)
    assert isinstance(index._smooth._out, np.float32)


def test_in_32_bits_the_mean_follows_small_changes_even_after_a_long_drift(floats_of_32_bits):
    """12,000 steps away from where it began, a float of 32 bits would lose a 43,200th of 18."""
    index = GasIndex(voc())
    indices("voc", [28000] * 12000, index)
    usual = index._usual
    usual._base, usual._rest = -4000.0, np.float32(12000 - 18)
    indices("voc", [28000] * 30000, index)
    assert abs(usual.mean() - 8000) < 12


def test_the_first_46_seconds_have_no_index():
    index = GasIndex(voc())
    assert [index.add(30000) for _ in range(46)] == [None] * 46
    assert index.add(30000) is not None


@pytest.mark.parametrize(("kind", "usual"), [("voc", 100), ("nox", 1)])
def test_the_usual_air_is_a_hundred_for_voc_and_one_for_nox(kind, usual):
    found = indices(kind, gas_signals.noisy(25000, 3000, 6))
    assert abs(found[-1] - usual) <= 4


def test_more_of_either_gas_is_a_higher_index():
    """The raw signal falls with more VOC and rises with more NOx."""
    for kind, change in (("voc", -600), ("nox", 6000)):
        signal = [*gas_signals.noisy(25000, 3000, 6), *gas_signals.noisy(25000 + change, 120, 6)]
        found = indices(kind, signal)
        assert found[-1] > found[2999] + 20


def test_what_was_learnt_is_kept_after_three_hours_and_not_before():
    index = GasIndex(voc())
    indices("voc", gas_signals.noisy(28000, 10800, 6), index)
    assert index.state() is None
    indices("voc", gas_signals.noisy(28000, 60, 6), index)
    mean, std = index.state()
    assert abs(mean / 10 - 8000) < 10
    assert 0 < std / 10 < 100


def test_a_restart_goes_on_where_it_was():
    """The reference's way: get_states and set_states. A new index would call this air usual."""
    before = GasIndex(voc())
    indices("voc", gas_signals.noisy(28000, 12000, 6), before)
    after, anew = GasIndex(voc()), GasIndex(voc())
    assert after.resume(before.state())
    event = gas_signals.noisy(27000, 300, 6)
    steady = indices("voc", event, before)[-1]
    assert abs(indices("voc", event, after)[-1] - steady) <= 5
    assert indices("voc", event, anew)[-1] < steady - 100


@pytest.mark.parametrize("state", [(0, 100), (-5, 100), (400_000, 100), (80_000, 0), (80_000, -1)])
def test_a_kept_state_that_makes_no_sense_is_forgotten(state):
    index, fresh = GasIndex(voc()), GasIndex(voc())
    assert not index.resume(state)
    signal = gas_signals.noisy(28000, 200, 6)
    assert indices("voc", signal, index) == indices("voc", signal, fresh)


@given(raws=st.lists(st.integers(-70000, 70000), min_size=60, max_size=200))
def test_any_raw_values_give_an_index_of_1_to_500(raws):
    for kind in KINDS:
        assert all(1 <= index <= 500 for index in indices(kind, [25000] * 46 + raws)[46:])
