# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Corrections against what is published of them, and what must hold whatever the numbers are."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barri.domain.corrections import CORRECTIONS, CorrectionError, correction
from barri.domain.corrections.epa import airnow_2021, barkjohn_2021, barkjohn_2022
from barri.domain.corrections.humidity import dry_mass, growth

MASSES = st.floats(0, 1000)
HUMIDITIES = st.floats(0, 100)


def slides(x: float, rh: float) -> float:
    """EPA's five lines as printed on the slides of 2021 (cf_atm), not simplified."""
    if x < 30:
        return 0.524 * x - 0.0862 * rh + 5.75
    if x < 50:
        return (0.786 * (x / 20 - 3 / 2) + 0.524 * (1 - (x / 20 - 3 / 2))) * x - 0.0862 * rh + 5.75
    if x < 210:
        return 0.786 * x - 0.0862 * rh + 5.75
    if x < 260:
        return (
            (0.69 * (x / 50 - 21 / 5) + 0.786 * (1 - (x / 50 - 21 / 5))) * x
            - 0.0862 * rh * (1 - (x / 50 - 21 / 5))
            + 2.966 * (x / 50 - 21 / 5)
            + 5.75 * (1 - (x / 50 - 21 / 5))
            + 8.84 * 10**-4 * x**2 * (x / 50 - 21 / 5)
        )
    return 2.966 + 0.69 * x + 8.84 * 10**-4 * x**2


@given(mass=MASSES, humidity=HUMIDITIES)
def test_the_five_pieces_are_those_of_epas_slides(mass: float, humidity: float) -> None:
    assert airnow_2021(mass, humidity) == pytest.approx(max(0.0, slides(mass, humidity)), abs=1e-9)


@pytest.mark.parametrize("edge", [30.0, 50.0, 210.0, 260.0])
@given(humidity=HUMIDITIES)
def test_the_five_pieces_meet(edge: float, humidity: float) -> None:
    below = airnow_2021(math.nextafter(edge, 0), humidity)
    assert airnow_2021(edge, humidity) == pytest.approx(below, abs=1e-6)


@given(mass=st.floats(0, 29.9), humidity=HUMIDITIES)
def test_in_clean_air_all_three_are_the_same(mass: float, humidity: float) -> None:
    """There the two series of the sensor are the same, too."""
    assert airnow_2021(mass, humidity) == pytest.approx(barkjohn_2021(mass, humidity))
    assert barkjohn_2022(mass, humidity) == pytest.approx(barkjohn_2021(mass, humidity))


def test_the_extension_takes_over_between_300_and_400() -> None:
    """Abstract of Barkjohn et al. 2022: the linear one up to 300 ug/m3, quadratic from 400 on."""
    assert barkjohn_2022(570, 50) == barkjohn_2021(570, 50) == pytest.approx(300, abs=1)
    assert barkjohn_2022(611, 50) == pytest.approx(400, abs=1)
    assert barkjohn_2022(611, 0) == barkjohn_2022(611, 100)


@pytest.mark.parametrize("formula", [airnow_2021, barkjohn_2021, barkjohn_2022])
@given(mass=MASSES, more=st.floats(0, 200), humidity=HUMIDITIES, damper=st.floats(0, 50))
def test_more_dust_is_never_less_and_damper_air_never_more(
    formula, mass: float, more: float, humidity: float, damper: float
) -> None:
    assert formula(mass + more, humidity) >= formula(mass, humidity) - 1e-9 >= -1e-9
    assert formula(mass, humidity + damper) <= formula(mass, humidity) + 1e-9


def test_a_usual_town_day() -> None:
    """By hand: 0.524 * 12 - 0.0862 * 65 + 5.75."""
    assert barkjohn_2021(12.0, 65.0) == pytest.approx(6.435)


def damp_volume(humidity: float, kappa: float) -> float:
    """Solve Petters and Kreidenweis' equation 2 for the volume of a particle, the dry one 1.

    Water activity is (V - 1) / (V - (1 - kappa)); without the curvature of very small particles.
    """
    low, high = 1.0, 1e9
    for _ in range(200):
        middle = (low + high) / 2
        if (middle - 1) / (middle - (1 - kappa)) < humidity / 100:
            low = middle
        else:
            high = middle
    return low


@given(humidity=st.floats(0, 95), kappa=st.floats(0.01, 1.4))
def test_the_growth_of_particles_is_kappa_koehlers(humidity: float, kappa: float) -> None:
    """The water they have taken up weighs 1 / 1.65 of their own matter for the same volume."""
    heavier = 1 + (damp_volume(humidity, kappa) - 1) / 1.65
    assert growth(humidity, kappa) == pytest.approx(heavier, rel=1e-6)


def test_the_growth_at_90_percent_by_hand() -> None:
    """Nine parts of water activity to one: with kappa 0.38 the mass grows by 0.38 * 9 / 1.65."""
    assert damp_volume(90, 0.38) == pytest.approx(1 + 0.38 * 9)
    assert growth(90, 0.38) == pytest.approx(3.0727, abs=1e-4)


@given(mass=MASSES, humidity=st.floats(0, 94), more=st.floats(0, 1), kappa=st.floats(0, 1.4))
def test_dry_is_never_heavier_than_damp(
    mass: float, humidity: float, more: float, kappa: float
) -> None:
    dry = dry_mass(mass, humidity, kappa)
    assert 0 <= dry <= mass
    assert dry_mass(mass, humidity + more, kappa) <= dry + 1e-9
    assert dry_mass(mass, 0, kappa) == mass


def test_every_correction_is_found_by_name_and_version() -> None:
    for (name, version), found in CORRECTIONS.items():
        assert (found.name, found.version) == (name, version)
        assert correction(name, version) is found
    assert len(CORRECTIONS) == 3 + 4 + 16


def test_every_correction_says_where_it_is_from_and_in_what_units() -> None:
    for found in CORRECTIONS.values():
        assert found.source
        assert found.unit
        assert len({needed.name for needed in found.inputs}) == len(found.inputs)
        for needed in found.inputs:
            assert needed.unit
            assert needed.low < needed.high


def test_an_unknown_correction_is_named_with_what_there_is() -> None:
    with pytest.raises(CorrectionError, match="there is: 2021, 2021-airnow, 2022"):
        correction("epa_pm2_5", "2020")
    with pytest.raises(CorrectionError, match="no correction of that name"):
        correction("magic", "1")


def within(name: str, version: str) -> dict[str, float | None]:
    """A value within the limits of each input, none of them zero."""
    return {n.name: n.low + 0.4 * (n.high - n.low) for n in CORRECTIONS[name, version].inputs}


@pytest.mark.parametrize("key", list(CORRECTIONS), ids="-".join)
def test_what_is_no_reading_or_out_of_range_has_no_answer(key: tuple[str, str]) -> None:
    found, values = CORRECTIONS[key], within(*key)
    assert found({**values, "something_else": 7.0}) is not None
    for needed in found.inputs:
        for wrong in (None, math.nan, math.inf, needed.low - 0.001, needed.high + 0.001):
            assert found({**values, needed.name: wrong}) is None


@pytest.mark.parametrize("key", list(CORRECTIONS), ids="-".join)
def test_what_is_not_there_at_all_is_a_setting_to_be_mended(key: tuple[str, str]) -> None:
    found = CORRECTIONS[key]
    for needed in found.inputs:
        values = within(*key)
        del values[needed.name]
        if needed.default is not None:
            assert found(values) == found({**values, needed.name: needed.default})
            continue
        with pytest.raises(CorrectionError, match=needed.name):
            found(values)


@pytest.mark.parametrize("key", list(CORRECTIONS), ids="-".join)
@given(data=st.data())
def test_within_its_limits_the_answer_is_finite(key: tuple[str, str], data: st.DataObject) -> None:
    found = CORRECTIONS[key]
    values = {n.name: data.draw(st.floats(n.low, n.high), n.name) for n in found.inputs}
    answer = found(values)
    if answer is None:  # Alphasense's algorithm 2 divides by a zero that may be none
        gas = found.quantity
        assert key[0].endswith("1_2") or key[0].endswith("f_2")
        assert abs(values[f"{gas}_auxiliary_zero"]) < 1
    else:
        assert math.isfinite(answer)
