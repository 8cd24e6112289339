# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""esptool is started as it should be; each of its failures becomes a text that says what to do.

Against a program that answers as esptool does; test_rom.py runs the real one.
"""

import pytest
from node_rig import FAKE_ESPTOOL

from barri_tools.node.errors import (
    NoAnswerError,
    NoPortError,
    PortBusyError,
    PortDeniedError,
    WriteError,
)
from barri_tools.node.loader import Chip, Esptool

MB = 1 << 20


@pytest.fixture
def flash(tmp_path):
    path = tmp_path / "flash.bin"
    path.write_bytes(b"\xff" * 4 * MB)
    return path


def loader(flash, fault="none", timeout_s=60):
    command = [*FAKE_ESPTOOL, str(flash), fault]
    return Esptool("/dev/ttyUSB7", "the one marked UART", command, timeout_s)


@pytest.mark.parametrize(
    ("fault", "chip"),
    [
        ("none", Chip("esp32", 4 * MB)),
        ("pico", Chip("esp32", 4 * MB)),
        ("s3", Chip("esp32-s3", 4 * MB)),
        ("c3", Chip("esp32-c3", 4 * MB)),
        ("s2", Chip("esp32-s2fh4", 4 * MB)),
        ("2 MB", Chip("esp32", 2 * MB)),
        ("unknown size", Chip("esp32", 0)),
    ],
)
def test_the_chip_and_its_flash_are_told(flash, fault, chip):
    assert loader(flash, fault).identify() == chip


def test_what_is_written_is_there_and_the_rest_stays(flash):
    flash.write_bytes(b"\x55" * 4 * MB)
    shares = []
    loader(flash).write(0x1000, b"image" * 100, False, shares.append)
    assert loader(flash).read(0x1000, 500) == b"image" * 100
    assert loader(flash).read(0x2000, 1) == b"\x55"
    assert shares[0] == 0.5
    assert shares[-1] == 1.0


def test_erasing_leaves_nothing_else(flash):
    flash.write_bytes(b"\x55" * 4 * MB)
    loader(flash).write(0x1000, b"image", True, lambda share: None)
    assert flash.read_bytes() == b"\xff" * 0x1000 + b"image" + b"\xff" * (4 * MB - 0x1005)


@pytest.mark.parametrize(
    ("fault", "error", "said"),
    [
        ("denied", PortDeniedError, r"usermod -aG dialout .USER"),
        ("busy", PortBusyError, "close the serial monitor, Thonny"),
        ("missing", NoPortError, "there is no port /dev/ttyUSB7"),
        ("silent", NoAnswerError, r"Hold the button BOOT.* socket: the one marked UART"),
        ("boot mode", NoAnswerError, "Hold the button BOOT"),
        ("noise", NoAnswerError, "another cable .*Invalid head of packet"),
        ("no esptool", WriteError, r"pip install 'barri\[flash\]'"),
    ],
)
def test_a_board_that_cannot_be_reached_says_why(flash, fault, error, said):
    with pytest.raises(error, match=said):
        loader(flash, fault).identify()


def test_a_transfer_that_breaks_is_repeated_slowly(flash):
    shares = []
    loader(flash, "breaks when fast").write(0x1000, b"image", False, shares.append)
    assert flash.read_bytes()[0x1000:0x1005] == b"image"
    assert 0.0 in shares  # the bar begins again


@pytest.mark.parametrize(
    ("fault", "said"), [("breaks", "transfer stopped"), ("damages", "MD5 of file does not match")]
)
def test_a_write_that_never_succeeds_says_how_to_go_on(flash, fault, said):
    with pytest.raises(WriteError, match=rf"{said}.*run the same command again"):
        loader(flash, fault).write(0x1000, b"image", False, lambda share: None)


def test_a_program_that_hangs_is_ended(flash):
    with pytest.raises(NoAnswerError):
        loader(flash, "hangs", timeout_s=0.2).identify()


def test_flash_that_reads_short_is_not_believed(flash):
    with pytest.raises(WriteError, match="could not be read"):
        loader(flash, "reads short").read(0x8000, 0xC00)
