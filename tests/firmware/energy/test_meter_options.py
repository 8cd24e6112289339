# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What the settings say of a meter is checked when they are read, and its key does not show."""

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from barri_node.energy.options import read
from barri_node.errors import SettingsError
from barri_node.settings_file import read as read_settings

KEY = "00112233445566778899AABBCCDDEEFF"
SETTINGS = {
    "node": "abcd1234",
    "secret": "0123456789abcdef",
    "host": "192.168.1.10",
    "port": 1883,
    "kit": "energy",
    "window_s": 60,
}
NAMES = ("kind", "key", "unit", "baud", "impulses_per_kwh", "Unit")
KINDS = ("p1", "p1_old", "pzem004t", "sdm120", "pulse_led")
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"kind": "p1"},
        {"kind": "p1_old"},
        {"kind": "pzem004t"},
        {"kind": "pzem004t", "unit": 7},
        {"kind": "sdm120", "unit": 247, "baud": 9600},
        {"kind": "pulse_led", "impulses_per_kwh": 4000},
    ],
)
def test_what_makes_sense_is_taken_as_it_is(given):
    assert read(given) == given


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (None, "meter: must hold a kind"),
        ("sdm120", "meter: must hold a kind"),
        ({"kind": "gas"}, "meter.kind: one of p1, p1_old, pzem004t, sdm120, pulse_led"),
        ({"kind": 7}, "meter.kind: one of"),
        ({"kind": "pulse_led"}, "meter.impulses_per_kwh: must be a whole number from 1 to 100000"),
        ({"kind": "pulse_led", "impulses_per_kwh": 0}, "meter.impulses_per_kwh: must be"),
        ({"kind": "pulse_led", "impulses_per_kwh": True}, "meter.impulses_per_kwh: must be"),
        ({"kind": "sdm120", "unit": 0}, "meter.unit: must be a whole number from 1 to 247"),
        ({"kind": "sdm120", "unit": 248}, "meter.unit: must be"),
        ({"kind": "sdm120", "unit": "1"}, "meter.unit: must be"),
        ({"kind": "sdm120", "baud": 115200}, "meter.baud: one of 2400, 4800, 9600"),
        ({"kind": "pzem004t", "baud": 9600}, "meter: pzem004t takes unit only"),
        ({"kind": "sdm120", "Unit": 9}, "meter: sdm120 takes unit, baud only"),
        ({"kind": "p1", "unit": 9}, "meter: p1 takes key only"),
        ({"key": KEY[1:]}, "meter.key: 32 hexadecimal digits"),
        ({"key": KEY[1:] + "g"}, "meter.key: 32 hexadecimal digits"),
        ({"key": "\u0661" * 32}, "meter.key: 32 hexadecimal digits"),  # Arabic digits
        ({"key": 5}, "meter.key: 32 hexadecimal digits"),
    ],
)
def test_what_makes_none_is_named_when_the_settings_are_read(given, said):
    with pytest.raises(SettingsError) as raised:
        read_settings({**SETTINGS, "meter": given})
    assert str(raised.value).startswith(said)


def test_a_wrong_key_does_not_stand_in_the_error():
    with pytest.raises(SettingsError) as raised:
        read({"key": KEY + "0"})
    assert KEY not in str(raised.value)


def test_the_key_does_not_show_itself():
    given = {"kind": "p1", "key": KEY}
    meter = read_settings({**SETTINGS, "meter": given}).meter
    assert KEY not in f"{meter} {meter!r}"
    assert meter["key"].reveal() == KEY
    assert given == {"kind": "p1", "key": KEY}, "what was given is left alone"


@for_all(
    ANY_JSON
    | st.fixed_dictionaries(
        {}, optional={name: ANY_JSON | st.sampled_from((*KINDS, KEY, 9600)) for name in NAMES}
    )
)
def test_anything_is_read_or_refused(given):
    meter, said = taken(given)
    assert (meter is None) == said.startswith("meter")
    if meter is not None:
        assert meter.keys() == given.keys()
        assert meter.get("kind", "p1") in KINDS


def taken(given):
    try:
        return read_settings({**SETTINGS, "meter": given}).meter, ""
    except SettingsError as error:
        return None, str(error)
