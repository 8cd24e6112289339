# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The gas index against Sensirion's own implementation, live, on any signal.

It has to be compiled when it is installed (`pip install sensirion-gas-index-algorithm`), so it is
no part of what every machine gets; its answers to our signals are kept beside and always compared.
"""

from importlib import import_module

import gas_signals
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_gas_index import KEPT, indices

from barri_node.drivers.gas_index import GasIndex, voc


class Reference:
    """The package's own algorithm; its answers in the same form as `indices`."""

    def __init__(self, kind):
        name = {"voc": "VocAlgorithm", "nox": "NoxAlgorithm"}[kind]
        module = import_module(f"sensirion_gas_index_algorithm.{kind}_algorithm")
        self.algorithm = getattr(module, name)()

    def indices(self, signal):
        return [self.algorithm.process(raw) for raw in signal]


@pytest.mark.parametrize("kind", ["voc", "nox"])
@settings(max_examples=20)
@given(
    steps=st.lists(
        st.tuples(st.integers(-2000, 70000), st.integers(1, 400), st.integers(0, 40)),
        min_size=1,
        max_size=12,
    )
)
def test_any_signal_gives_what_the_reference_gives(kind, steps):
    """Levels, lengths and noise at random, nonsense raw values among them."""
    signal = [
        level + (at * 7919 % (noise + 1)) for level, length, noise in steps for at in range(length)
    ]
    mine, theirs = indices(kind, signal), Reference(kind).indices(signal)
    assert max(abs(a - b) for a, b in zip(mine, theirs, strict=True)) <= 1


def test_the_kept_answers_are_those_of_the_reference():
    for name, make in gas_signals.SIGNALS.items():
        kind, signal = make()
        assert Reference(kind).indices(signal)[:: KEPT["every"]] == KEPT["answers"][name]


def test_a_restart_gives_what_the_references_restart_gives():
    reference, mine = Reference("voc"), GasIndex(voc())
    reference.algorithm.set_states(8000, 75)
    mine.resume((80000, 750))
    event = gas_signals.noisy(27000, 900, 6)
    apart = zip(indices("voc", event, mine), reference.indices(event), strict=True)
    assert max(abs(a - b) for a, b in apart) <= 1
