# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Flashing from end to end: what is looked at first, what is refused, what stays."""

import pytest
from golden import ESP32_S3, OFFICIAL_1_23, OURS, flash_image
from node_rig import FAKE_ESPTOOL

from barri_tools.boards import load_board
from barri_tools.node import flash
from barri_tools.node.errors import (
    FlashTooSmallError,
    ImageError,
    OccupiedError,
    WriteError,
    WrongChipError,
    WrongPythonError,
)
from barri_tools.node.loader import Esptool

MB = 1 << 20
BOARD = load_board("esp32-devkitc")


class Flash:
    """A board's flash in a file, behind the fake esptool."""

    def __init__(self, path):
        self.path = path
        self.path.write_bytes(b"\xff" * 4 * MB)

    def put(self, offset, octets):
        whole = bytearray(self.path.read_bytes())
        whole[offset : offset + len(octets)] = octets
        self.path.write_bytes(whole)

    def at(self, offset, size):
        return self.path.read_bytes()[offset : offset + size]

    def loader(self, fault="none"):
        return Esptool("/dev/ttyUSB0", "", [*FAKE_ESPTOOL, str(self.path), fault])


@pytest.fixture
def device(tmp_path):
    return Flash(tmp_path / "flash.bin")


@pytest.fixture
def image(tmp_path):
    path = tmp_path / "ESP32_GENERIC.bin"
    path.write_bytes(flash_image())
    return flash.read_image(path, BOARD)


def never(question):
    raise AssertionError(f"nobody was to be asked: {question}")


def write(device, image, steps, erase=False, agree=never, fault="none"):
    return flash.write_image(device.loader(fault), BOARD, image, erase, agree, steps)


def test_an_empty_board_gets_image_and_table_without_a_question(device, image, steps):
    assert write(device, image, steps)
    assert device.at(0x8000, 0xC00) == OURS
    assert device.at(0x10000, 4) == flash_image()[0xF000:0xF004]
    assert steps.titles == ["Looking at the board", "Writing MicroPython"]
    assert steps.shares[-1] == 1.0


def test_a_board_of_ours_keeps_its_files_and_records(device, image, steps):
    write(device, image, steps)
    device.put(0x200000, b"settings")
    device.put(0x300000, b"records")
    assert not write(device, image, steps)
    assert device.at(0x200000, 8) == b"settings"
    assert device.at(0x300000, 7) == b"records"


def test_a_board_of_ours_is_emptied_if_asked_and_agreed(device, image, steps):
    write(device, image, steps)
    device.put(0x300000, b"records")
    assert write(device, image, steps, erase=True, agree=lambda question: True)
    assert device.at(0x300000, 7) == b"\xff" * 7


def test_what_somebody_else_has_put_there_is_erased_only_with_consent(device, image, steps):
    device.put(0x8000, OFFICIAL_1_23)
    device.put(0x200000, b"their files")
    questions = []
    with pytest.raises(OccupiedError, match="nothing was changed"):
        write(device, image, steps, agree=lambda question: bool(questions.append(question)))
    assert device.at(0x200000, 11) == b"their files"
    assert device.at(0x8000, 0xC00) == OFFICIAL_1_23
    assert "nvs, phy_init, factory, vfs" in questions[0]
    write(device, image, steps, agree=lambda question: True)
    assert device.at(0x200000, 11) == b"\xff" * 11


@pytest.mark.parametrize(
    ("fault", "error", "said"),
    [
        ("s3", WrongChipError, "has an esp32-s3, and ESP32-DevKitC has an esp32: give the right"),
        ("2 MB", FlashTooSmallError, "has 2 MB"),
        ("unknown size", FlashTooSmallError, "has 0 MB"),
        ("breaks", WriteError, "run the same command again"),
    ],
)
def test_a_board_that_will_not_do_is_refused(device, image, steps, fault, error, said):
    with pytest.raises(error, match=said):
        write(device, image, steps, fault=fault)


def test_nothing_is_written_to_a_wrong_board(device, image, steps):
    for fault in ("s3", "2 MB"):
        with pytest.raises((WrongChipError, FlashTooSmallError)):
            write(device, image, steps, fault=fault)
    assert device.path.read_bytes() == b"\xff" * 4 * MB


def test_a_write_that_broke_off_is_finished_by_the_next_run(device, image, steps):
    with pytest.raises(WriteError):
        write(device, image, steps, fault="breaks")
    write(device, image, steps, agree=lambda question: True)
    assert device.at(0x1000, len(image.octets)) == image.octets


def test_a_missing_or_wrong_image_says_which_to_get(tmp_path):
    with pytest.raises(ImageError, match=r"cannot be read .*get ESP32_GENERIC-DATE"):
        flash.read_image(tmp_path / "none.bin", BOARD)
    wrong = tmp_path / "s3.bin"
    wrong.write_bytes(flash_image(ESP32_S3, 0))
    with pytest.raises(ImageError, match="is for esp32-s3"):
        flash.read_image(wrong, BOARD)
    huge = tmp_path / "huge.bin"
    with huge.open("wb") as file:
        file.truncate(17 * MB)
    with pytest.raises(ImageError, match="too large"):
        flash.read_image(huge, BOARD)


def test_an_image_is_described_by_version_and_checksum(tmp_path, image):
    path = tmp_path / "ESP32_GENERIC.bin"
    assert flash.describe(path, image).startswith("MicroPython v1.29.0, SHA-256 of the file ")
    old = image._replace(version="v1.20.0")
    assert "tested with 1.28 and 1.29" in flash.describe(path, old)


def test_files_go_onto_the_right_python_only(console, steps):
    """The stand-in is a PC's MicroPython: its machine code is another."""
    with pytest.raises(WrongPythonError):
        flash.write_files(console, BOARD, {"main.py": b""}, steps)
