# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Boards: what is described can work, and what cannot work is refused.

Reserved GPIOs are from Espressif's datasheets (ESP32, ESP32-S3: strapping pins, pin overview).
"""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from barri_node import kits, settings_file
from barri_tools.boards import (
    KIT_BUSES,
    BoardError,
    board_json,
    board_names,
    load_board,
    main,
    read_board,
)
from barri_tools.microcontrollers import MICROCONTROLLERS

ROOT = Path(__file__).resolve().parents[2]

GOOD = """
name = "test"
title = "Test"
part = "TEST-1"
mcu = "esp32"
flash_mb = 4
image = "ESP32_GENERIC"
usb = "its only socket"
kits = ["air"]
[i2c.0]
unit = 0
sda = 21
scl = 22
[uart.1]
unit = 1
rx = 26
tx = 27
"""
SECOND_UART = "[uart.2]\nunit = 2\nrx = 16\ntx = 17\n"


def board(tmp_path, text):
    path = tmp_path / "test.toml"
    path.write_text(text)
    return read_board(path)


def complaint(tmp_path, text):
    with pytest.raises(BoardError) as caught:
        board(tmp_path, text)
    assert str(caught.value).startswith("test.toml: ")
    return str(caught.value)


@pytest.mark.parametrize("name", board_names())
def test_every_board_is_sound(name):
    assert load_board(name).kits


def test_there_is_a_board_of_every_chip():
    assert {load_board(name).mcu for name in board_names()} == set(MICROCONTROLLERS)


def test_the_example_is_good(tmp_path):
    assert board(tmp_path, GOOD).buses["uart.1"].pins == {"rx": 26, "tx": 27}


@pytest.mark.parametrize("gpio", [6, 7, 8, 9, 10, 11, 0, 2, 5, 12, 15, 1, 3])
def test_esp32_pins_of_flash_strapping_and_console_are_refused(tmp_path, gpio):
    text = GOOD.replace("rx = 26", f"rx = {gpio}")
    assert f"uart.1 rx: GPIO {gpio} belongs to " in complaint(tmp_path, text)


@pytest.mark.parametrize("gpio", [*range(26, 33), *range(33, 38), 19, 20, 0, 3, 45, 46, 43, 44])
def test_esp32_s3_pins_of_flash_psram_usb_and_strapping_are_refused(tmp_path, gpio):
    text = GOOD.replace('"esp32"', '"esp32-s3"').replace("sda = 21", f"sda = {gpio}")
    assert f"i2c.0 sda: GPIO {gpio} belongs to " in complaint(tmp_path, text)


@pytest.mark.parametrize("gpio", [34, 35, 36, 39])
def test_input_only_pins_may_listen_but_not_drive(tmp_path, gpio):
    assert board(tmp_path, GOOD.replace("rx = 26", f"rx = {gpio}"))
    assert "can only listen" in complaint(tmp_path, GOOD.replace("tx = 27", f"tx = {gpio}"))
    assert "can only listen" in complaint(tmp_path, GOOD.replace("scl = 22", f"scl = {gpio}"))


@pytest.mark.parametrize("gpio", [-1, 20, 24, 37, 40, 99])
def test_gpios_that_no_module_has_are_refused(tmp_path, gpio):
    text = GOOD.replace("sda = 21", f"sda = {gpio}")
    assert f"there is no GPIO {gpio}" in complaint(tmp_path, text)


def test_a_pin_used_twice_is_refused(tmp_path):
    assert "GPIO 21 is used by i2c.0 and uart.1" in complaint(
        tmp_path, GOOD.replace("rx = 26", "rx = 21")
    )


def test_more_buses_than_the_chip_has_are_refused(tmp_path):
    assert board(tmp_path, GOOD + SECOND_UART)
    for unit in (0, 3):  # 0 is the console
        text = GOOD + SECOND_UART.replace("unit = 2", f"unit = {unit}")
        assert f"no uart unit {unit} to spare" in complaint(tmp_path, text)
    assert "uart unit 1 is used by uart.1 and uart.2" in complaint(
        tmp_path, GOOD + SECOND_UART.replace("unit = 2", "unit = 1")
    )
    assert "no i2c unit 2" in complaint(tmp_path, GOOD.replace("unit = 0", "unit = 2", 1))


def test_one_pin_for_both_lines_of_a_bus_is_refused(tmp_path):
    assert "uart.1 uses a GPIO twice" in complaint(tmp_path, GOOD.replace("tx = 27", "tx = 26"))


def test_a_pin_that_the_board_s_own_parts_use_is_refused(tmp_path):
    text = GOOD + '[taken]\n26 = "the radio"\n'
    assert "uart.1 rx: GPIO 26 belongs to the radio" in complaint(tmp_path, text)


def test_buses_may_share_pins_and_units_if_no_kit_uses_two_of_them(tmp_path):
    shared = SECOND_UART.replace("unit = 2", "unit = 1").replace("rx = 16", "rx = 26")
    free = 'one_at_a_time = ["uart.1", "uart.2"]'
    assert "GPIO 26 is used by uart.1 and uart.2" in complaint(tmp_path, GOOD + shared)
    assert board(tmp_path, free + GOOD + shared)
    assert "names i2s.9, which" in complaint(tmp_path, 'one_at_a_time = ["i2s.9"]' + GOOD)
    bound = 'one_at_a_time = ["uart.1", "i2c.0"]'
    assert "the air kit needs i2c.0 and uart.1 at once" in complaint(tmp_path, bound + GOOD)


@pytest.mark.parametrize("gpio", [2, 8, 9, 18, 19, 20, 21])
def test_esp32_c3_pins_of_strapping_usb_and_console_are_refused(tmp_path, gpio):
    text = GOOD.replace('"esp32"', '"esp32-c3"').replace("sda = 21", f"sda = {gpio}")
    assert f"i2c.0 sda: GPIO {gpio} belongs to " in complaint(tmp_path, text)


def test_an_esp32_c3_has_one_uart_to_spare_and_no_pulse_counter(tmp_path):
    text = GOOD.replace('"esp32"', '"esp32-c3"') + SECOND_UART
    assert "the esp32-c3 has no uart unit 2 to spare" in complaint(tmp_path, text)
    assert MICROCONTROLLERS["esp32-c3"].pulse_counters == 0


def test_pulses_may_come_in_where_a_pin_can_only_listen_and_nowhere_that_is_reserved(tmp_path):
    pulse = "[pulse.0]\nunit = 0\npulse = 36\n"
    assert board(tmp_path, GOOD + pulse).buses["pulse.0"].pins == {"pulse": 36}
    flash = pulse.replace("36", "6")
    assert "pulse.0 pulse: GPIO 6 belongs to the flash" in complaint(tmp_path, GOOD + flash)
    taken = pulse.replace("36", "26")
    assert "GPIO 26 is used by uart.1 and pulse.0" in complaint(tmp_path, GOOD + taken)
    assert "no pulse unit 8" in complaint(tmp_path, GOOD + pulse.replace("unit = 0", "unit = 8"))


def test_an_esp32_c3_counts_pulses_of_one_line_by_interrupts():
    assert MICROCONTROLLERS["esp32-c3"].units["pulse"] == {0}
    assert board_json(load_board("xiao-esp32c3"))["pulse"] == {"0": {"unit": 0, "pulse": 10}}


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("pin = 36", "has `on` and nothing else"),
        ("pin = 36\non = 0\naddress = 1", "has `on` and nothing else"),
        ("address = 0x34", "needs a pin, or address, id_register and id"),
        (
            "address = 52\nid_register = 3\nid = 3\nclear = [[0x12, 0x0E]]",
            "switch off the ESP32 itself",
        ),
    ],
)
def test_a_power_step_that_cannot_work_is_refused(tmp_path, step, said):
    assert said in complaint(tmp_path, GOOD + f"[[power]]\n{step}\n")


def test_the_heltec_switches_ve_on_with_a_low_level():
    assert board_json(load_board("heltec-v3"))["power"] == [{"pin": 36, "on": 0}]


def test_the_t_beam_raises_its_header_to_3300_mv_and_leaves_the_esp32_on():
    """AXP192 datasheet: DC1 is 0.7 V and 25 mV a step in register 0x26, bit 0 of 0x12 is its
    switch, bit 1 DC3's.
    """
    axp192, axp2101 = board_json(load_board("lilygo-t-beam"))["power"]
    assert (axp192["id"], axp2101["id"]) == (0x03, 0x4A)
    ((register, steps),) = axp192["write"]
    assert register == 0x26
    assert 700 + 25 * steps == 3300
    assert axp192["set"] == [[0x12, 0x01]]
    assert all(not bits & 0x02 for register, bits in axp192["clear"] if register == 0x12)


@pytest.mark.parametrize("name", board_names())
def test_what_is_fitted_stands_in_taken_too(name):
    board = load_board(name)
    fitted = board.fitted
    pins = {
        value for key, value in fitted.get("lora", {}).items() if key not in ("chip", "tcxo_mv")
    }
    pins |= {fitted["led"]["pin"]} if "led" in fitted else set()
    pins |= {step["pin"] for step in fitted.get("power", ()) if "pin" in step}
    assert pins <= set(board.taken)


def test_lora_boards_know_their_radio():
    radios = {name: load_board(name).fitted.get("lora", {}).get("chip") for name in board_names()}
    assert radios["lilygo-t3"] == radios["lilygo-t-beam"] == "sx1276"
    assert radios["heltec-v3"] == "sx1262"
    assert load_board("heltec-v3").fitted["lora"]["tcxo_mv"] == 1800


def test_a_kit_that_asks_for_more_than_the_board_has_is_refused(tmp_path):
    text = GOOD.replace('["air"]', '["air", "noise"]')
    assert "the noise kit needs i2s.0" in complaint(tmp_path, text)
    assert "no kit 'water'" in complaint(tmp_path, GOOD.replace('"air"', '"water"'))


def test_a_board_with_a_microphone_s_pins_alone_can_be_a_noise_kit(tmp_path):
    text = GOOD[: GOOD.index("[i2c.0]")].replace('["air"]', '["noise"]')
    assert "the noise kit needs i2s.0" in complaint(tmp_path, text)
    i2s = "[i2s.0]\nunit = 0\nsck = 32\nws = 33\nsd = 25\n"
    assert board(tmp_path, text + i2s).buses.keys() == {"i2s.0"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("sda = 21\n", "", "i2c.0.sda is missing"),
        ('mcu = "esp32"\n', "", "mcu is missing"),
        ('"esp32"', '"esp33"', "'esp33' is not one of"),
        ("sda = 21", 'sda = "21"', "sda must be a whole number"),
        ("sda = 21", "sda = true", "sda must be a whole number"),
        ("tx = 27", 'tx = 27\ninverted = "yes"', "inverted is true or false"),
        ("scl = 22", "scl = 22\ninverted = true", "for a uart only"),
        ('name = "test"', 'name = "other"', "is not that of the file"),
        ("[i2c.0]", "[i2c.0", "test.toml:"),
    ],
)
def test_a_damaged_file_is_named_with_its_fault(tmp_path, old, new, said):
    assert said in complaint(tmp_path, GOOD.replace(old, new))


def test_all_faults_are_said_at_once(tmp_path):
    text = complaint(tmp_path, GOOD.replace("rx = 26", "rx = 6").replace("scl = 22", "scl = 34"))
    assert "GPIO 6" in text
    assert "GPIO 34" in text


class RecordingHal:
    """Notes which buses the firmware opens; offers nothing that works."""

    def __init__(self):
        self.opened = set()
        self.sleep_ms = None

    def i2c(self, bus):
        self.opened.add(f"i2c.{bus}")

    def uart(self, bus, baudrate, **options):
        self.opened.add(f"uart.{bus}")

    def microphone(self, sample_rate_hz, whole=True):
        self.opened.add("i2s.0")

    def pulses(self, bus):
        self.opened.add(f"pulse.{bus}")

    def flash_root(self):
        return "/no-such-folder"


def instruments_of(kit, hal):
    """What the firmware makes of a kit whose settings name nothing special, its log being new."""
    given = {"node": "k7m2p9qa", "secret": "s", "host": "h", "port": 1883, "window_s": 60}
    settings = settings_file.read({**given, "kit": kit})
    clock, log = SimpleNamespace(uptime_ms=None), SimpleNamespace(next_sequence=0)
    instruments, _ = kits.build(settings, hal, clock, None, log, print)
    return instruments


@pytest.mark.parametrize("kit", sorted(KIT_BUSES))
def test_kits_need_what_the_firmware_opens(kit):
    hal = RecordingHal()
    instruments_of(kit, hal)
    assert hal.opened == set(KIT_BUSES[kit])


@pytest.mark.parametrize("name", board_names())
def test_board_json_has_every_bus_of_its_kits(name):
    described = board_json(load_board(name))
    for kit in load_board(name).kits:
        for bus in KIT_BUSES[kit]:
            kind, number = bus.split(".")
            assert "unit" in described[kind][number]


def test_the_p1_line_is_turned_round():
    for name in board_names():
        uarts = board_json(load_board(name))["uart"]
        assert uarts["2"]["inverted"] is True
        assert "inverted" not in uarts["1"]


def test_the_command_prints_the_file_or_says_what_to_do(capsys):
    assert main(["esp32-devkitc"]) == 0
    assert '"sda": 21' in capsys.readouterr().out
    assert main(["esp99"]) == 1
    assert "use one of " in capsys.readouterr().err
    assert main([]) == 2
    assert "usage" in capsys.readouterr().err


def test_no_pin_number_stands_in_the_firmware():
    literal_pin = re.compile(r"Pin\(\s*[\d\"']|\b(sda|scl|tx|rx|sck|ws|sd)\s*=\s*\d|GPIO ?\d")
    found = [
        f"{path.name}: {line.strip()}"
        for path in (ROOT / "firmware" / "src").rglob("*.py")
        for line in path.read_text().splitlines()
        if literal_pin.search(line)
    ]
    assert not found
