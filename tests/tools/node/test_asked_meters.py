# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What a person says of a meter reaches the board, is judged as the node judges it, and a key is
seen nowhere on the way.
"""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barri.domain.secret import Secret
from barri_node.energy.options import read
from barri_node.errors import SettingsError
from barri_node.settings_file import read as read_settings
from barri_tools.boards import board_json, load_board
from barri_tools.node import meter_options, provision
from barri_tools.node.errors import NodeSettingsError
from barri_tools.node.fitting import Fitted
from barri_tools.node.gateway import Registry
from barri_tools.node.meter_options import MeterOptions, problems, read_key

KEY = "00112233445566778899aabbccddeeff"
NOW_S = 1_800_000_000
NETWORK = provision.Wifi("neighbours", Secret("correct horse"))
WISH = provision.Wish("ana", "Ana", "energy", "192.168.1.10", 1883, 60, NETWORK)
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-1, 300), st.sampled_from([2400, 9600, 100_001]),
    st.sampled_from(["", KEY, KEY[1:], KEY.upper(), KEY[1:] + "\n", "p1", []]),
)  # fmt: skip
TABLES = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from([*meter_options.METER_BUSES, "gas", None, []]),
        **dict.fromkeys(["key", "unit", "baud", "impulses_per_kwh", "other"], VALUES),
    },
)


@given(TABLES | VALUES)
def test_a_meter_is_judged_here_as_on_the_node(table):
    try:
        read(table)
        taken = True
    except SettingsError:
        taken = False
    assert taken == (list(problems(table)) == [])


@pytest.fixture
def home(tmp_path):
    with Registry(tmp_path / "home.db") as opened:
        yield opened


@pytest.fixture
def flashed(board):
    """The board says which it is."""
    described = board_json(load_board("esp32-devkitc"))
    (board.files / "board.json").write_text(json.dumps(described))
    return board


def provisioned(home, console, board, meter=None, **options):
    """Give a board what is asked for; tell what its settings then say of its meter."""
    fitted = Fitted(meter, None, MeterOptions(**options))
    provision.provision(home, console, WISH._replace(fitted=fitted), NOW_S)
    given = json.loads((board.files / "settings.json").read_bytes())
    read_settings(given)
    return given.get("meter")


def test_what_was_said_of_a_meter_is_written_and_can_be_said_later(flashed, console, home):
    assert provisioned(home, console, flashed) is None
    sdm120 = {"kind": "sdm120", "unit": 9}
    assert provisioned(home, console, flashed, "sdm120", unit=9) == sdm120
    assert provisioned(home, console, flashed, baud=9600) == {**sdm120, "baud": 9600}
    pulses = {"kind": "pulse_led", "impulses_per_kwh": 4000}
    assert provisioned(home, console, flashed, "pulse_led", impulses_per_kwh=4000) == pulses
    assert provisioned(home, console, flashed, "pulse_led") == pulses


def test_a_key_is_written_and_stays_in_its_household(flashed, console, home):
    enciphered = {"kind": "p1", "key": KEY}
    assert provisioned(home, console, flashed, key=Secret(KEY)) == enciphered
    assert provisioned(home, console, flashed, "p1") == enciphered
    elsewhere = WISH._replace(thing="bea", name="Bea")
    provision.provision(home, console, elsewhere, NOW_S)
    assert KEY not in (flashed.files / "settings.json").read_text()


@pytest.mark.parametrize(
    ("meter", "options", "said"),
    [
        ("pulse_led", {}, "a pulse_led needs --impulses: a number from 1 to 100000"),
        ("sdm120", {"unit": 300}, "a sdm120 needs --unit: a number from 1 to 247"),
        ("sdm120", {"baud": 1200}, "a sdm120 needs --baud: one of 2400, 4800, 9600"),
        ("p1", {"unit": 3}, "a p1 takes --p1-key-file only"),
        (None, {"impulses_per_kwh": 1000}, "a p1 takes --p1-key-file only"),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_is_written(
    flashed, console, home, meter, options, said
):
    with pytest.raises(NodeSettingsError, match=said):
        provisioned(home, console, flashed, meter, **options)
    assert not (flashed.files / "settings.json").exists()
    assert home.boards() == []


def test_options_of_a_meter_need_the_energy_kit(flashed, console, home):
    wish = WISH._replace(kit="air", fitted=Fitted(None, None, MeterOptions(unit=3)))
    with pytest.raises(NodeSettingsError, match="go with --kit energy, not with air"):
        provision.provision(home, console, wish, NOW_S)


def test_a_key_file_may_have_spaces_and_a_line_end(tmp_path):
    path = tmp_path / "key"
    path.write_text(" ".join(KEY[at : at + 4] for at in range(0, 32, 4)) + "\n")
    assert read_key(path).reveal() == KEY


@pytest.mark.parametrize("content", [b"", KEY[1:].encode(), (KEY + "00").encode(), b"\xff" * 40])
def test_a_file_that_holds_no_key_is_named_and_not_shown(tmp_path, content):
    path = tmp_path / "key"
    path.write_bytes(content)
    with pytest.raises(NodeSettingsError, match="--p1-key-file: key ") as said:
        read_key(path)
    assert KEY[1:] not in str(said.value)
    with pytest.raises(NodeSettingsError, match="cannot be read"):
        read_key(tmp_path / "none")


def test_the_key_shows_in_no_text_of_what_is_asked():
    fitted = Fitted("p1", None, MeterOptions(Secret(KEY)))
    assert KEY not in f"{fitted} {fitted!r}"


def test_new_records_of_another_household_do_not_begin_with_the_old_meters_energy(
    flashed, console, home
):
    provisioned(home, console, flashed)
    for name in ("energy_import", "energy_export", "pulses_1000"):
        (flashed.files / name).write_bytes(b"counted")
    provisioned(home, console, flashed, "p1")
    assert (flashed.files / "energy_import").exists(), "the same place counts on"
    provision.provision(home, console, WISH._replace(thing="bea", name="Bea"), NOW_S)
    left = {path.name for path in flashed.files.iterdir()}
    assert not left & {"energy_import", "energy_export", "pulses_1000"}
