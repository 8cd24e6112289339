# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Counters that survive wraps, resets, exchanged meters, reboots, power cuts and lost records."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barri_node.energy.monotonic import Monotonic

STEP = 20


class PowerCut(BaseException):
    """Nothing catches it."""


class Keeper:
    """Keeps the old or the new state. cut_before, cut_after: the power goes at the next save."""

    def __init__(self):
        self.state = None
        self.saves = 0
        self.cut_before = self.cut_after = self.full = False

    def load(self):
        return self.state

    def save(self, state):
        if self.full:
            raise OSError(28)
        if self.cut_before:
            raise PowerCut
        self.state = state
        self.saves += 1
        if self.cut_after:
            raise PowerCut


class Household:
    """A meter, a node with a log, and the truth. remembers: the log is asked at each boot."""

    def __init__(self, remembers, **counter):
        self.keeper = Keeper()
        self.counter = counter
        self.modulus = counter.get("modulus", 0)
        self.volatile = counter.get("volatile", False)
        self.remembers = remembers
        self.raw = 0
        self.used = 0
        self.known = 0  # how much of `used` the node knows for sure
        self.lost = 0  # what it may lose: used, not known, and gone with a reset
        self.records = []
        self.boot()

    def boot(self):
        if self.volatile:
            self.reset()
        recorded = (self.records or [0])[-1] if self.remembers else None
        self.node = Monotonic(keeper=self.keeper, step=STEP, recorded=recorded, **self.counter)

    def use(self, energy):
        self.used += energy
        self.raw += energy
        if self.modulus:
            self.raw %= self.modulus

    def reset(self):
        self.lost += self.used - self.known
        self.known = self.used
        self.raw = 0

    def read(self, cut=None):
        """Read, and keep a record of what was told."""
        if cut is not None:
            setattr(self.keeper, cut, True)
        try:
            total = self.node.read(self.raw)
        except PowerCut:
            total = None
            self.keeper.cut_before = self.keeper.cut_after = False
            self.reboot()
        self.keeper.cut_before = self.keeper.cut_after = False
        if total is not None:
            self.records.append(total)
            self.known = self.used

    def reboot(self):
        self.boot()


actions = st.lists(
    st.one_of(
        st.tuples(st.just("use"), st.integers(0, 500)),
        st.tuples(st.just("read"), st.sampled_from((None, None, None, "cut_before", "cut_after"))),
        st.tuples(st.just("reboot"), st.none()),
        st.tuples(st.just("reset"), st.none()),
    ),
    max_size=60,
)


def live(house, steps):
    for name, argument in steps:
        if name in ("use", "read"):
            getattr(house, name)(argument)
        else:
            getattr(house, name)()
    return house


KINDS = {
    "16 bits inside the node": {"most_rise": 65535, "modulus": 65536, "volatile": True},
    "32 bits inside the node": {"most_rise": 1 << 30, "modulus": 1 << 32, "volatile": True},
    "a meter that is set to zero": {"most_rise": 10**7, "from_zero": True},
    "a meter of few digits": {"most_rise": 10**4, "modulus": 10**4, "from_zero": True},
    "a meter that is exchanged": {"most_rise": 10**7, "patience": 3},
}


@pytest.mark.parametrize("remembers", [True, False], ids=["log asked", "log unknown"])
@pytest.mark.parametrize("kind", KINDS)
@given(steps=actions)
def test_it_never_goes_back_and_never_counts_twice(kind, remembers, steps):
    if kind not in ("a meter that is set to zero", "a meter that is exchanged"):
        # What is inside the node is reset by reboots alone; of few digits, a reset is a wrap.
        steps = [step for step in steps if step[0] != "reset"]
    house = live(Household(remembers, **KINDS[kind]), steps)
    assert house.records == sorted(house.records)
    assert all(total <= house.used for total in house.records)


@pytest.mark.parametrize("kind", ["16 bits inside the node", "a meter that is set to zero"])
@given(steps=actions)
def test_it_loses_at_most_what_nobody_could_read(kind, steps):
    """With the log's newest record at hand. A meter set to zero that has passed its old count
    before anybody looks cannot be told from one that was not.
    """
    house = Household(True, **KINDS[kind])
    for name, argument in steps:
        if name == "reset" and not house.volatile:
            house.read()
            house.reset()
            house.read()
        else:
            live(house, [] if name == "reset" else [(name, argument)])
    house.read()
    assert house.used - house.records[-1] <= house.lost


@given(uses=st.lists(st.integers(0, 60_000), min_size=1, max_size=40))
def test_wraps_lose_nothing(uses):
    house = Household(True, most_rise=65535, modulus=65536)
    house.read()
    for energy in uses:
        house.use(energy)
        house.read()
    assert house.records[-1] == house.used
    assert house.node.wraps == sum(uses) // 65536
    assert house.node.gaps == 0


@given(
    uses=st.lists(st.integers(0, 3000), min_size=1, max_size=30),
    reboots=st.lists(st.integers(0, 29), max_size=6),
)
def test_reboots_of_the_node_lose_nothing_of_a_meter_that_counts_on(uses, reboots):
    """Also over wraps of the meter's digits, and although not every reading was kept."""
    house = Household(True, most_rise=5000, modulus=10_000)
    house.read()
    for at, energy in enumerate(uses):
        house.use(energy)
        if at in reboots:
            house.boot()
        house.read()
    assert house.records[-1] == house.used
    assert house.node.gaps == 0


@given(uses=st.lists(st.integers(0, 50), max_size=200))
def test_it_writes_at_most_once_a_step(uses):
    house = Household(True, most_rise=10**7)
    house.read()
    for energy in uses:
        house.use(energy)
        house.read()
    assert house.keeper.saves <= 1 + house.used // STEP


def test_a_first_reading_is_the_meters_own():
    assert Monotonic(10**7).read(4218334) == 4218334


def test_lower_readings_are_damage_until_they_persist():
    counter = Monotonic(10**7, patience=3)
    assert [counter.read(raw) for raw in (1000, 3, 1001)] == [1000, None, 1001]
    assert (counter.gaps, counter.off) == (0, 0)
    assert [counter.read(raw) for raw in (5, 6, 7, 9)] == [None, None, 1001, 1003]
    assert counter.gaps == 1


def test_a_leap_forward_is_another_meter_and_no_energy():
    counter = Monotonic(1000, patience=2)
    assert [counter.read(raw) for raw in (10, 90_000, 90_001, 90_005)] == [10, None, 10, 14]
    assert counter.gaps == 1


def test_what_a_meter_says_after_a_reset_to_zero_was_used():
    counter = Monotonic(10**7, modulus=10**7, wrap_rise=100_000, from_zero=True)
    assert [counter.read(raw) for raw in (5_000_000, 4)] == [5_000_000, 5_000_004]
    assert (counter.gaps, counter.wraps) == (1, 0)
    assert [counter.read(raw) for raw in (9_999_990, 5)] == [14_999_990, 15_000_005]
    assert (counter.gaps, counter.wraps) == (1, 1)


def test_a_damaged_state_is_forgotten_and_said():
    keeper = Keeper()
    Monotonic(10**7, keeper=keeper).read(500)
    for state in (b"", b"x", keeper.state[:-1], bytes(19), b"\xff" * 19, keeper.state + b"\0"):
        damaged = Keeper()
        damaged.state = state
        counter = Monotonic(10**7, keeper=damaged, recorded=700)
        assert counter.forgotten == (state != b"")
        assert counter.read(600) == 700


@given(at=st.integers(0, 18), flip=st.integers(1, 255))
def test_no_damaged_byte_of_a_state_is_believed(at, flip):
    keeper = Keeper()
    Monotonic(10**7, keeper=keeper).read(500)
    state = bytearray(keeper.state)
    state[at] ^= flip
    keeper.state = bytes(state)
    assert Monotonic(10**7, keeper=keeper).forgotten == 1


def test_a_full_flash_is_said_and_tried_again():
    keeper = Keeper()
    keeper.full = True
    counter = Monotonic(10**7, keeper=keeper)
    assert [counter.read(raw) for raw in (1, 2)] == [1, 2]
    assert counter.unsaved == 2
    keeper.full = False
    assert counter.read(3) == 3
    assert keeper.saves == 1


def test_without_the_log_nothing_is_told_until_all_that_was_told_is_passed():
    keeper = Keeper()
    before = Monotonic(10**7, keeper=keeper, step=STEP)
    assert [before.read(raw) for raw in (100, 119)] == [100, 119]
    after = Monotonic(10**7, keeper=keeper, step=STEP)
    assert [after.read(raw) for raw in (118, 119, 120)] == [None, 119, 120]


def test_a_jump_is_kept_at_once_however_small_the_growth():
    """Else the reboot would take it for a second jump, and count twice."""
    keeper = Keeper()
    before = Monotonic(10**7, from_zero=True, keeper=keeper, step=STEP, recorded=0)
    assert [before.read(raw) for raw in (100, 3)] == [100, 103]
    after = Monotonic(10**7, from_zero=True, keeper=keeper, step=STEP, recorded=103)
    assert after.read(4) == 104
    assert after.gaps == 0


def test_a_whole_step_of_growth_is_kept_before_it_is_told():
    keeper = Keeper()
    counter = Monotonic(10**7, keeper=keeper, step=STEP)
    saves = [counter.read(raw) and keeper.saves for raw in (100, 119, 120, 139, 140)]
    assert saves == [1, 1, 2, 2, 3]


def test_what_the_log_knows_of_a_wrap_is_no_second_wrap():
    keeper = Keeper()
    Monotonic(5000, modulus=10_000, keeper=keeper, step=STEP).read(9_990)
    after = Monotonic(5000, modulus=10_000, keeper=keeper, step=STEP, recorded=10_005)
    assert (after.read(10), after.wraps) == (10_010, 0)
