# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The commands as a person types them, from an empty board to a node; and no secret in any output.

The flash is a file behind a fake esptool, the board the unix MicroPython on a pseudo-terminal.
"""

import json
import re

import pytest
from golden import OURS, flash_image
from node_rig import FAKE_ESPTOOL, patient
from typer.testing import CliRunner

from barri.adapters.sources.certificate import fingerprint, make_certificate
from barri.adapters.stores.home import Home
from barri_tools.boards import board_json, load_board
from barri_tools.node import command, deploy, wipe
from barri_tools.node.errors import (
    ImageError,
    NodeSettingsError,
    NodeToolError,
    RegistryError,
)
from barri_tools.node.loader import Esptool

MB = 1 << 20
PASSWORD = "correct horse"
NETWORK = "neighbours"
TREE = {
    "main.py": b"",
    "barri_node/app.mpy": b"M\x06" * 500,
    "barri_wire/frame.mpy": b"M\x06",
    "board.json": b'{"name":"esp32-devkitc"}',
}


@pytest.fixture
def workshop(board, tmp_path, monkeypatch):
    """A computer with a gateway's settings, an image, and one board plugged in."""
    flash = tmp_path / "flash.bin"
    flash.write_bytes(b"\xff" * 4 * MB)
    fake = [*FAKE_ESPTOOL, str(flash), "none"]
    (tmp_path / "barri.toml").write_text(f'data = "{tmp_path}"\n')
    (tmp_path / "image.bin").write_bytes(flash_image())
    monkeypatch.setattr(command, "Esptool", lambda device, usb: Esptool(device, usb, fake))
    monkeypatch.setattr(command, "Console", lambda device: patient(board))
    monkeypatch.setattr(deploy, "build", lambda board: TREE)
    monkeypatch.setattr(deploy, "_MPY_ARCHITECTURES", {"xtensawin": 2})  # x64, which runs here
    monkeypatch.setattr(wipe, "_MOST_FILLS", 1)
    return Workshop(board, tmp_path)


class Workshop:
    def __init__(self, board, directory):
        self.board = board
        self.directory = directory
        self.output = ""

    def barri_node(self, *arguments, typed="", code=0):
        port = ["--port", self.board.device]
        result = CliRunner().invoke(command.app, [*arguments, *port], input=typed)
        self.output += result.output
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result.output

    def flash(self, *more, typed=""):
        image = ["--image", str(self.directory / "image.bin")]
        return self.barri_node("flash", "--board", "esp32-devkitc", *image, *more, typed=typed)

    def provision(self, *more, typed=f"{PASSWORD}\n"):
        asked = ["--thing", "ana", "--kit", "air", "--host", "192.168.1.10", "--wifi", NETWORK]
        config = ["--config", str(self.directory / "barri.toml")]
        return self.barri_node("provision", *asked, *config, *more, typed=typed)

    def settings_of_gateway(self, more):
        (self.directory / "barri.toml").write_text(f'data = "{self.directory}"\n{more}')

    def settings(self):
        return json.loads((self.board.files / "settings.json").read_bytes())


def test_from_an_empty_board_to_a_node_that_is_well_and_back(workshop):
    said = workshop.flash()
    assert f"Done: {len(TREE)} files written, 0 were there already." in said
    assert "barri node provision" in said
    flashed = (workshop.directory / "flash.bin").read_bytes()
    assert flashed[0x8000:0x8C00] == OURS
    assert re.search(
        r"Board \w{8} serves ana and has keys of its own", workshop.provision("--name", "A")
    )
    well = workshop.barri_node("doctor")
    assert "✓ files: all" in well
    assert "✓ settings: complete, for the air kit" in well
    assert "✓ Wi-Fi" in well
    assert "✗" not in well
    node = workshop.settings()["node"]
    config = ["--config", str(workshop.directory / "barri.toml")]
    assert "Wiped" in workshop.barri_node("wipe", *config, typed="y\n")
    assert not (workshop.board.files / "settings.json").exists()
    home = Home(workshop.directory / "home.db")
    assert [(b.node, b.to_s is None) for b in home.boards()] == [(node, False)]
    home.close()
    assert "✗ settings: none yet" in workshop.barri_node("doctor", code=1)


def test_no_secret_is_in_any_output(workshop, caplog, capfd):
    workshop.flash()
    workshop.provision("--name", "A")
    secrets = [workshop.settings()["secret"], workshop.settings()["seal_key"], PASSWORD]
    assert "kept its name, and has a new seal key" in workshop.provision("--window-s", "30")
    secrets.append(workshop.settings()["seal_key"])
    workshop.barri_node("doctor")
    with pytest.raises(NodeToolError) as error:
        workshop.provision("--window-s", "7")
    workshop.provision("--fresh", "--replace")
    secrets += [workshop.settings()["secret"], workshop.settings()["seal_key"]]
    workshop.barri_node("wipe", "--yes")
    told = workshop.output + caplog.text + "".join(capfd.readouterr()) + str(error.value)
    assert len(told) > 500
    for secret in secrets:
        assert secret not in told


def test_a_gateway_with_tls_gives_the_board_its_fingerprint(workshop):
    workshop.flash()
    workshop.settings_of_gateway("[broker]\ntls = true\n")
    with pytest.raises(NodeSettingsError, match="start barri gateway once"):
        workshop.provision("--name", "A")
    assert not (workshop.board.files / "settings.json").exists()
    certificate = make_certificate(workshop.directory)
    workshop.provision("--name", "A")
    assert workshop.settings()["gateway_key"] == fingerprint(certificate)


def test_it_is_told_what_the_gateway_still_lacks(workshop):
    workshop.flash()
    said = workshop.provision("--name", "A")
    assert 'it listens on 127.0.0.1 alone. Set `bind = "0.0.0.0"`' in said
    workshop.settings_of_gateway('[broker]\nbind = "0.0.0.0"\n')
    said = workshop.provision()
    assert "No board can reach" not in said
    assert "Within a minute or two, the page shows" in said
    workshop.settings_of_gateway('[broker]\nkind = "mosquitto"\n')
    assert "barri mosquitto DIRECTORY" in workshop.provision()


def test_a_board_without_wifi_is_not_left_without_a_word(workshop):
    workshop.flash()
    config = ["--config", str(workshop.directory / "barri.toml")]
    asked = ["--thing", "ana", "--name", "A", "--kit", "air", "--host", "192.168.1.10", *config]
    assert "knows no network yet" in workshop.barri_node("provision", *asked)
    assert "no network" not in workshop.provision()


def test_a_meter_at_mains_comes_with_a_warning(workshop):
    workshop.flash()
    described = board_json(load_board("esp32-devkitc"))
    (workshop.board.files / "board.json").write_text(json.dumps(described))
    parts = ["--kit", "energy", "--meter"]
    assert "mains-warning" not in workshop.provision("--name", "A", *parts, "p1")
    assert "carries mains. An electrician" in workshop.provision(*parts, "sdm120")
    with pytest.raises(NodeSettingsError, match="--meter is one of"):
        workshop.provision(*parts, "gas", typed="")


def test_what_there_is_to_say_of_a_meter_is_said_and_its_key_is_not_seen(workshop):
    workshop.flash()
    described = board_json(load_board("esp32-devkitc"))
    (workshop.board.files / "board.json").write_text(json.dumps(described))
    (workshop.directory / "meter.key").write_text("ab" * 16)
    parts = ["--kit", "energy", "--meter"]
    key = ["--p1-key-file", str(workshop.directory / "meter.key")]
    workshop.provision("--name", "A", *parts, "p1", *key)
    assert workshop.settings()["meter"] == {"kind": "p1", "key": "ab" * 16}
    workshop.provision(*parts, "sdm120", "--unit", "9", "--baud", "9600")
    assert workshop.settings()["meter"] == {"kind": "sdm120", "unit": 9, "baud": 9600}
    workshop.provision(*parts, "pulse_led", "--impulses", "4000")
    assert workshop.settings()["meter"] == {"kind": "pulse_led", "impulses_per_kwh": 4000}
    with pytest.raises(NodeSettingsError, match="a sdm120 needs --unit"):
        workshop.provision(*parts, "sdm120", "--unit", "300")
    assert "ab" * 16 not in workshop.output


def test_parts_that_a_node_cannot_see_are_named(workshop):
    workshop.flash()
    described = board_json(load_board("esp32-devkitc"))
    (workshop.board.files / "board.json").write_text(json.dumps(described))
    found = ["--kit", "found", "--part"]
    workshop.provision("--name", "A", *found, "sds011:uart=1", "--part", "alphasense")
    assert workshop.settings()["parts"] == {"sds011": {"uart": 1}, "alphasense": {}}
    with pytest.raises(NodeSettingsError, match="needs uart"):
        workshop.provision(*found, "sds011", typed="")


def test_a_registry_that_cannot_be_written_is_known_before_the_board_is_touched(workshop):
    workshop.flash()
    workshop.provision("--name", "A")
    before = workshop.settings()
    (workshop.directory / "barri.toml").write_text('data = "/nowhere"\n')
    config = ["--config", str(workshop.directory / "barri.toml")]
    with pytest.raises(RegistryError, match="no folder /nowhere"):
        workshop.provision()
    with pytest.raises(RegistryError, match="no folder /nowhere"):
        workshop.barri_node("wipe", *config, "--yes")
    assert workshop.settings() == before


def test_flashing_again_copies_only_what_changed_and_keeps_the_settings(workshop):
    workshop.flash()
    workshop.provision("--name", "A")
    before = workshop.settings()
    (workshop.board.files / "barri_node/app.mpy").write_bytes(b"older")
    said = workshop.barri_node("flash", "--board", "esp32-devkitc")
    assert f"Done: 2 files written, {len(TREE) - 2} were there already." in said  # main.py too
    assert workshop.settings() == before


def test_a_replaced_board_leaves_the_thing_its_series(workshop):
    workshop.flash()
    workshop.provision("--name", "A")
    old = workshop.settings()["node"]
    for path in workshop.board.files.glob("settings*"):
        path.unlink()
    with pytest.raises(RegistryError):
        workshop.provision()
    said = workshop.provision("--replace")
    assert f"{old} serves no longer; the series of ana goes on." in said


def test_what_is_on_a_foreign_board_is_asked_about(workshop):
    flash = workshop.directory / "flash.bin"
    foreign = bytearray(flash.read_bytes())
    foreign[0x8000:0x8C00] = flash_image()[0x7000:0x7C00]
    flash.write_bytes(foreign)
    with pytest.raises(NodeToolError, match="nothing was changed"):
        workshop.flash(typed="n\n")
    assert "Done" in workshop.flash(typed="y\n")


def test_a_wipe_is_asked_about(workshop):
    workshop.flash()
    assert "Wipe the board?" in workshop.barri_node("wipe", typed="n\n", code=1)
    assert (workshop.board.files / "main.py").exists()


def test_what_cannot_work_says_what_to_do(workshop):
    with pytest.raises(NodeSettingsError, match=r"there is no board 'esp99': use one of"):
        workshop.barri_node("flash", "--board", "esp99")
    with pytest.raises(ImageError, match="--erase needs an image"):
        workshop.barri_node("flash", "--board", "esp32-devkitc", "--erase")
    with pytest.raises(NodeSettingsError, match="kit: one of"):
        workshop.provision("--name", "A", "--kit", "water")


def test_boards_and_ports_are_listed(monkeypatch):
    said = CliRunner().invoke(command.app, ["boards"]).output
    assert "heltec-v3" in said
    assert "ESP32_GENERIC_S3" in said
    monkeypatch.setattr(command.ports, "usb_ports", lambda: [])
    assert CliRunner().invoke(command.app, ["ports"]).output == "no serial port\n"
