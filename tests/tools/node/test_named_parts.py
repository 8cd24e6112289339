# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""`--part` says of a board of the kit "found" what it cannot find out, in words that it takes."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barri.domain.secret import Secret
from barri_node.errors import SettingsError
from barri_node.parts import read as read_parts
from barri_node.settings_file import read
from barri_tools.boards import board_json, board_names, load_board
from barri_tools.node import fitting, parts, provision
from barri_tools.node.errors import NodeSettingsError
from barri_tools.node.fitting import Fitted
from barri_tools.node.gateway import Registry

NOW_S = 1_800_000_000
NETWORK = provision.Wifi("neighbours", Secret("correct horse"))
WISH = provision.Wish("ana", "Ana", "found", "192.168.1.10", 1883, 60, NETWORK)
VALUES = st.one_of(
    st.integers(-1, 5),
    st.sampled_from([119, 120, 600, 86400, 86401, 500, 100000, 10**7, 10**7 + 1, True, None, "1"]),
    st.sampled_from([[0, 1, 2, 3], [3, 2, 1, 0], [0, 1, 2], [0, 0, 1, 2], [1, 2, 3, 4]]),
)
OPTIONS = st.one_of(
    st.dictionaries(st.sampled_from(["uart", "cycle_s", "shunt_uohm", "inputs", "x"]), VALUES),
    st.sampled_from([None, [], "uart"]),
)
TABLES = st.dictionaries(st.sampled_from([*parts.NAMES, "sht4x"]), OPTIONS, max_size=3)


def firmware_takes(table):
    try:
        read_parts(table)
    except SettingsError:
        return False
    return True


@given(st.one_of(TABLES, st.none(), st.just([]), st.just("sds011")))
def test_what_is_good_here_is_good_for_the_firmware_and_the_other_way_round(table):
    assert firmware_takes(table) == (not list(parts.problems(table)))


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (["sds011:uart=1"], {"sds011": {"uart": 1}}),
        (["pms5003:uart=2,cycle_s=600"], {"pms5003": {"uart": 2, "cycle_s": 600}}),
        (["ina219:shunt_uohm=100000", "alphasense"],
         {"ina219": {"shunt_uohm": 100000}, "alphasense": {}}),
    ],
)  # fmt: skip
def test_parts_are_named_with_what_there_is_to_say_of_them(wanted, expected):
    assert parts.parse(wanted) == expected
    assert firmware_takes(expected)


@pytest.mark.parametrize(
    "wanted",
    [
        ["sds011"],
        ["sds011:uart1"],
        ["sds011:uart=3"],
        ["sds011:uart=1", "sds011:uart=2"],
        ["sds011:uart=1", "pms5003:uart=2"],
        ["sht4x"],
        ["alphasense:cells=4"],
        [""],
        [":uart=1"],
        ["sds011:uart=" + "9" * 5000],
    ],
)
def test_what_cannot_work_is_refused_with_examples(wanted):
    with pytest.raises(NodeSettingsError, match="sds011:uart=1"):
        parts.parse(wanted)


def test_the_examples_work():
    assert len(parts.parse(["sds011:uart=1"])) == 1
    for example in ("pms5003:uart=1,cycle_s=600", "ina219:shunt_uohm=100000", "alphasense"):
        assert example in parts.EXAMPLES
        assert firmware_takes(parts.parse([example]))


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


def settings_of(board):
    return json.loads((board.files / "settings.json").read_bytes())


def test_parts_are_written_and_stay_until_others_are_named(flashed, console, home):
    named = Fitted(parts={"sds011": {"uart": 1}})
    provision.provision(home, console, WISH._replace(fitted=named), NOW_S)
    assert read(settings_of(flashed)).parts == {"sds011": {"uart": 1}}
    provision.provision(home, console, WISH, NOW_S)
    assert read(settings_of(flashed)).parts == {"sds011": {"uart": 1}}
    other = Fitted(parts={"alphasense": {}})
    provision.provision(home, console, WISH._replace(fitted=other), NOW_S)
    assert read(settings_of(flashed)).parts == {"alphasense": {}}
    assert read(settings_of(flashed)).kit == "found"


def test_a_kit_with_parts_of_its_own_takes_none(flashed, console, home):
    wish = WISH._replace(kit="air", fitted=Fitted(parts={"alphasense": {}}))
    with pytest.raises(NodeSettingsError, match="--part goes with --kit found"):
        provision.provision(home, console, wish, NOW_S)
    assert home.boards() == []


def test_a_board_without_that_line_is_told_so(flashed, console, home, monkeypatch):
    whole = load_board("esp32-devkitc")
    buses = {name: bus for name, bus in whole.buses.items() if name != "uart.2"}
    monkeypatch.setattr(fitting, "load_board", lambda name: whole._replace(buses=buses))
    wish = WISH._replace(fitted=Fitted(parts={"sds011": {"uart": 2}}))
    with pytest.raises(NodeSettingsError, match="no pins for a sds011"):
        provision.provision(home, console, wish, NOW_S)


@pytest.mark.parametrize("name", board_names())
def test_every_board_has_a_bus_and_a_line_for_this_kit(name):
    assert {"i2c.0", "uart.1"} <= load_board(name).buses.keys()
