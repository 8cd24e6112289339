# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A meter or microphone is given to a board whose kit and pins take it, and to no other."""

import json

import pytest

from barri.domain.secret import Secret
from barri_node.energy.fit import Fitting
from barri_node.energy.options import read as read_meter
from barri_node.errors import SettingsError
from barri_node.noise import coefficients
from barri_node.settings_file import read
from barri_tools.boards import board_json, board_names, load_board
from barri_tools.node import fitting, provision
from barri_tools.node.errors import NodeSettingsError
from barri_tools.node.fitting import Fitted
from barri_tools.node.gateway import Registry

NOW_S = 1_800_000_000
NETWORK = provision.Wifi("neighbours", Secret("correct horse"))
METERS = {kind: {"kind": kind} for kind in fitting.METER_BUSES}
METERS["pulse_led"]["impulses_per_kwh"] = 4000
WISH = provision.Wish("ana", "Ana", "energy", "192.168.1.10", 1883, 60, NETWORK)


class RecordingHal:
    """Notes the buses that a driver asks for."""

    def __init__(self):
        self.opened = set()

    def uart(self, bus, baudrate, **options):
        self.opened.add(f"uart.{bus}")
        return self

    def pulses(self, bus):
        self.opened.add(f"pulse.{bus}")

    def read(self, *_):
        return None

    def sleep_ms(self, _):
        return None


@pytest.mark.parametrize("kind", fitting.METER_BUSES)
def test_a_meter_is_wired_to_the_bus_that_the_firmware_opens(kind, tmp_path):
    hal = RecordingHal()
    Fitting(read_meter(METERS[kind]), hal, lambda: 0, str(tmp_path), {}).driver()
    assert hal.opened == {fitting.METER_BUSES[kind]}


def test_every_meter_can_be_asked_for():
    with pytest.raises(SettingsError) as said:
        read_meter({"kind": "?"})
    known = str(said.value).partition("one of ")[2].split(", ")
    assert [*fitting.METER_BUSES] == known


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


def fitted(**parts):
    return WISH._replace(fitted=Fitted(**parts))


def test_nothing_is_written_of_parts_that_nobody_named(flashed, console, home):
    provision.provision(home, console, WISH, NOW_S)
    assert not {"meter", "microphone"} & settings_of(flashed).keys()


def test_a_meter_that_was_named_is_written_and_stays(flashed, console, home):
    provision.provision(home, console, fitted(meter="sdm120"), NOW_S)
    assert read(settings_of(flashed)).meter == {"kind": "sdm120"}
    provision.provision(home, console, WISH, NOW_S)
    assert read(settings_of(flashed)).meter == {"kind": "sdm120"}


def test_what_was_said_of_a_meter_stays_with_it_and_goes_with_it(flashed, console, home):
    provision.provision(home, console, fitted(meter="sdm120"), NOW_S)
    addressed = {**settings_of(flashed), "meter": {"kind": "sdm120", "unit": 9}}
    (flashed.files / "settings.json").write_text(json.dumps(addressed))
    provision.provision(home, console, fitted(meter="sdm120"), NOW_S)
    assert settings_of(flashed)["meter"] == {"kind": "sdm120", "unit": 9}
    provision.provision(home, console, fitted(meter="p1"), NOW_S)
    assert settings_of(flashed)["meter"] == {"kind": "p1"}


@pytest.mark.parametrize("microphone", fitting.MICROPHONES)
def test_a_microphone_that_was_named_is_written(flashed, console, home, microphone):
    wish = fitted(microphone=microphone)._replace(kit="noise")
    provision.provision(home, console, wish, NOW_S)
    assert read(settings_of(flashed)).mic_model == microphone


def test_the_microphones_are_those_the_firmware_has_filters_for():
    for rate_hz in fitting.SAMPLE_RATES_HZ:
        filters = getattr(coefficients, f"AT_{rate_hz}")
        assert filters.keys() - {"flat"} == set(fitting.MICROPHONES)  # flat: a bench's own


@pytest.mark.parametrize(
    ("kit", "parts", "said"),
    [
        ("energy", {"meter": "gas"}, "--meter is one of p1, p1_old, pzem004t, sdm120, pulse_led"),
        ("noise", {"microphone": "ears"}, "--microphone is one of inmp441, ics43434, sph0645"),
        ("air", {"meter": "p1"}, "--meter goes with --kit energy, and this board gets the air"),
        ("energy", {"microphone": "inmp441"}, "--microphone goes with --kit noise"),
    ],
)
def test_parts_that_do_not_go_with_the_kit_are_refused(flashed, console, home, kit, parts, said):
    with pytest.raises(NodeSettingsError, match=said):
        provision.provision(home, console, fitted(**parts)._replace(kit=kit), NOW_S)
    assert not (flashed.files / "settings.json").exists()
    assert home.boards() == []


def test_a_board_without_the_pins_is_told_so(flashed, console, home, monkeypatch):
    whole = load_board("esp32-devkitc")
    buses = {name: bus for name, bus in whole.buses.items() if name != "uart.1"}
    monkeypatch.setattr(fitting, "load_board", lambda name: whole._replace(buses=buses))
    with pytest.raises(NodeSettingsError, match="ESP32-DevKitC has no pins for a pzem004t"):
        provision.provision(home, console, fitted(meter="pzem004t"), NOW_S)
    provision.provision(home, console, fitted(meter="p1"), NOW_S)


@pytest.mark.parametrize("name", board_names())
def test_all_boards_of_today_have_pins_for_every_part(name):
    wanted = {*fitting.METER_BUSES.values(), *Fitted(microphone="inmp441").buses().values()}
    assert wanted <= load_board(name).buses.keys()


@pytest.mark.parametrize("content", [None, b"{", b"[]", b'{"name":"esp99"}'])
def test_a_board_that_does_not_say_which_it_is_is_to_be_flashed(board, console, home, content):
    if content is not None:
        (board.files / "board.json").write_bytes(content)
    with pytest.raises(NodeSettingsError, match="barri node flash --board NAME first"):
        provision.provision(home, console, fitted(meter="p1"), NOW_S)
