# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The real esptool, as we start it, against a stand-in of the chip's loader: byte for byte."""

import random

import pytest
from golden import OURS, flash_image
from rom_board import RomBoard

from barri_tools.boards import load_board
from barri_tools.node import flash
from barri_tools.node.errors import NoAnswerError, NodeToolError, WriteError
from barri_tools.node.image import prepare
from barri_tools.node.loader import Chip, Esptool

MB = 1 << 20
BOARD = load_board("esp32-devkitc")
IMAGE = prepare(flash_image(), BOARD)


def test_the_chip_is_told_and_its_flash_read():
    with RomBoard() as rom:
        rom.flash[0x8000:0x8C00] = OURS
        loader = Esptool(rom.device)
        assert loader.identify() == Chip("esp32", 4 * MB)
        assert loader.read(0x8000, 0xC00) == OURS


def test_a_whole_board_is_flashed_and_what_is_not_written_is_erased(steps):
    with RomBoard() as rom:
        rom.flash[0x200000:0x200004] = b"old!"
        assert flash.write_image(Esptool(rom.device), BOARD, IMAGE, False, lambda _: True, steps)
        end = IMAGE.offset + len(IMAGE.octets)
        assert rom.flash[IMAGE.offset : end] == IMAGE.octets
        assert set(rom.flash[end:]) == {0xFF}
        assert steps.shares[-1] == 1.0


def test_records_survive_a_second_flashing(steps):
    with RomBoard() as rom:
        rom.flash[0x8000:0x8C00] = OURS
        rom.flash[0x300000:0x300007] = b"records"
        assert not flash.write_image(Esptool(rom.device), BOARD, IMAGE, False, None, steps)
        assert rom.flash[0x300000:0x300007] == b"records"
        assert rom.flash[0x1000 : 0x1000 + len(IMAGE.octets)] == IMAGE.octets


NOISE = bytes(random.Random(7).choices(b"0123456789abcdef", k=100_000))  # four packets


@pytest.mark.parametrize(
    ("fault", "said"),
    [("worn", "MD5 of file does not match"), ("unplugged", "run the same command again")],
)
def test_a_flash_that_forgets_and_a_cable_that_is_pulled_are_found(fault, said):
    with RomBoard(fault=fault) as rom:
        with pytest.raises(WriteError, match=said):
            Esptool(rom.device).write(0x10000, NOISE, False, lambda share: None)
        assert rom.packets > 1


def test_what_went_wrong_once_is_repeated():
    with RomBoard(fault="worn once") as rom:
        Esptool(rom.device).write(0x10000, NOISE, False, lambda share: None)
        assert rom.flash[0x10000 : 0x10000 + len(NOISE)] == NOISE


def test_a_2_mb_board_is_told():
    with RomBoard(megabytes=2) as rom:
        assert Esptool(rom.device).identify() == Chip("esp32", 2 * MB)


@pytest.mark.parametrize("fault", ["silent", "noise"])
def test_a_chip_that_does_not_answer_asks_for_the_button(fault):
    with RomBoard(fault=fault) as rom, pytest.raises(NoAnswerError, match="Hold the button BOOT"):
        Esptool(rom.device, timeout_s=8).identify()


def test_a_port_that_is_not_there_says_so():
    with pytest.raises(NodeToolError, match="there is no port /dev/no-such-port"):
        Esptool("/dev/no-such-port").identify()
