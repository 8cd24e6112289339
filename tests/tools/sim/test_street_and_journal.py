# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The invented street is a pure function that adds up; the journal is bounded and complete."""

import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barri_tools.sim.chance import uniform, wander
from barri_tools.sim.journal import Entry, Journal
from barri_tools.sim.world import SyntheticStreet
from barri_wire.quantities import BY_NAME, plausible

QUANTITIES = (
    "temperature", "humidity", "pressure", "light", "battery", "pm1", "pm2_5", "pm10", "laeq",
    "energy_import", "energy_export", "power_import", "power_export", "voltage",
)  # fmt: skip
DAY_S = 86400


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 2**64), t_s=st.floats(0, DAY_S))
def test_every_value_is_plausible_and_the_same_whenever_it_is_asked(seed, t_s):
    street, other = SyntheticStreet(seed), SyntheticStreet(seed)
    values = {name: street.value(name, t_s) for name in QUANTITIES}
    assert values == {name: other.value(name, t_s) for name in reversed(QUANTITIES)}
    assert values["energy_import"] == street.value("energy_import", t_s)
    for name, value in values.items():
        assert plausible(BY_NAME[name], round(value * 10 ** BY_NAME[name].decimals)), name


def test_streets_differ_by_seed():
    assert SyntheticStreet(1).value("laeq", 100) != SyntheticStreet(2).value("laeq", 100)


def test_a_day_looks_like_a_day():
    street = SyntheticStreet(7, starts_at_s=0)
    assert street.value("light", 3 * 3600) < 20 < 5000 < street.value("light", 13 * 3600)
    assert street.value("temperature", 15 * 3600) > street.value("temperature", 3 * 3600) + 4
    nights = [street.value("laeq", 3 * 3600 + second) for second in range(600)]
    rush = [street.value("laeq", 8.5 * 3600 + second) for second in range(600)]
    assert sorted(rush)[300] > sorted(nights)[300] + 5


def test_the_level_varies_by_the_second():
    street = SyntheticStreet(7)
    levels = [street.value("laeq", second) for second in range(120)]
    assert len(set(levels)) == 120
    assert max(levels) - min(levels) > 6


@settings(deadline=None, max_examples=20)
@given(begins=st.integers(0, DAY_S), lasts=st.integers(1, 600))
def test_the_counters_are_the_integral_of_the_powers(begins, lasts):
    street = SyntheticStreet(5)
    for direction in ("import", "export"):
        middles = (begins + second + 0.5 for second in range(lasts))
        joules = sum(street.value(f"power_{direction}", t_s) for t_s in middles)
        before = street.value(f"energy_{direction}", begins)
        after = street.value(f"energy_{direction}", begins + lasts)
        assert after - before == pytest.approx(joules / 3600, abs=1e-6)


def test_the_house_both_draws_and_gives_in_a_day():
    street = SyntheticStreet(5)
    drawn = street.value("energy_import", DAY_S) - street.value("energy_import", 0)
    given_ = street.value("energy_export", DAY_S) - street.value("energy_export", 0)
    assert 1000 < drawn < 20_000
    assert 1000 < given_ < 20_000


def test_a_quantity_that_nobody_knows_is_none():
    assert SyntheticStreet(1).value("happiness", 0) is None


def test_out_of_its_days_the_street_says_so():
    with pytest.raises(ValueError, match="400 days"):
        SyntheticStreet(1).value("energy_import", 500 * DAY_S)


def test_chance_is_even_and_smooth():
    numbers = [uniform(1, 2, index) for index in range(10_000)]
    assert all(0 <= number < 1 for number in numbers)
    assert sum(numbers) / len(numbers) == pytest.approx(0.5, abs=0.01)
    steps = [wander(1, 2, tenth / 10, 10) for tenth in range(1000)]
    assert max(abs(b - a) for a, b in pairwise(steps)) < 0.04


def test_the_journal_keeps_the_newest_and_counts_the_rest():
    journal = Journal(limit=3)
    for number in range(5):
        journal.note("bme280", "temperature", number, 20.0 + number)
    assert [entry.t_us for entry in journal.entries()] == [2, 3, 4]
    assert journal.dropped == 2


def test_the_journal_is_asked_by_chip_and_quantity():
    journal = Journal()
    journal.note("bme280", "temperature", 1, 20.0)
    journal.note("bme280", "humidity", 1, None)
    journal.note("bh1750", "light", 2, 5.0)
    assert journal.entries(chip="bh1750") == [Entry("bh1750", "light", 2, 5.0)]
    assert journal.entries(quantity="humidity") == [Entry("bme280", "humidity", 1, None)]


def test_the_journals_file_holds_every_entry(tmp_path):
    journal = Journal(tmp_path / "journal.jsonl", limit=1)
    journal.note("bme280", "temperature", 1, 20.0)
    journal.note("bme280", "humidity", 1, None)
    journal.close()
    lines = (tmp_path / "journal.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == [
        ["bme280", "temperature", 1, 20.0],
        ["bme280", "humidity", 1, None],
    ]
