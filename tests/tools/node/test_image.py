# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The official image: what is damaged, for another chip or too large is refused in words."""

import pytest
from esptool.targets.esp32 import ESP32ROM
from esptool.targets.esp32c3 import ESP32C3ROM
from esptool.targets.esp32s3 import ESP32S3ROM
from golden import (
    ESP32_S3,
    MB2,
    MB8,
    OFFICIAL_1_29,
    OURS,
    flash_image,
    part,
)
from hypothesis import given
from hypothesis import strategies as st

from barri_tools.boards import board_names, load_board
from barri_tools.microcontrollers import MICROCONTROLLERS
from barri_tools.node.errors import FlashTooSmallError, ImageError
from barri_tools.node.image import demand_room, is_tested, prepare, what_to_get

DEVKIT = load_board("esp32-devkitc")
MB = 1 << 20


@pytest.mark.parametrize("name", board_names())
def test_every_board_s_image_gets_our_table_and_nothing_else(name):
    board = load_board(name)
    mcu = MICROCONTROLLERS[board.mcu]
    official = flash_image(mcu.image_id, mcu.image_offset, table=OFFICIAL_1_29)
    image = prepare(official, board)
    place = 0x8000 - image.offset
    assert image.octets[place : place + 0xC00] == OURS
    assert image.octets[:place] == official[:place]
    assert image.octets[place + 0xC00 :] == official[place + 0xC00 :]
    assert (image.version, image.flash_bytes) == ("v1.29.0", 4 * MB)


def test_chips_have_the_numbers_and_places_that_esptool_knows():
    for name, rom in (("esp32", ESP32ROM), ("esp32-c3", ESP32C3ROM), ("esp32-s3", ESP32S3ROM)):
        mcu = MICROCONTROLLERS[name]
        assert (mcu.image_id, mcu.image_offset) == (
            rom.IMAGE_CHIP_ID,
            rom.BOOTLOADER_FLASH_OFFSET,
        )


def test_an_image_for_another_chip_is_named_and_the_right_one_too():
    with pytest.raises(
        ImageError, match=r"is for esp32-s3, and ESP32-DevKitC has an esp32"
    ) as said:
        prepare(flash_image(ESP32_S3, 0), DEVKIT)
    assert "get ESP32_GENERIC-DATE-v1.29.0.bin" in str(said.value)
    assert "micropython.org/download/ESP32_GENERIC " in str(said.value)
    with pytest.raises(ImageError, match="is for another chip"):
        prepare(flash_image(77, 0), DEVKIT)


@pytest.mark.parametrize("octets", [b"", b"<html>" * 20000, bytes(70000), flash_image()[:100]])
def test_other_files_are_no_image(octets):
    with pytest.raises(ImageError, match="no MicroPython image"):
        prepare(octets, DEVKIT)


def test_an_application_without_loader_and_table_is_no_image():
    with pytest.raises(ImageError, match=r"no partition table; get .* \(not the .app-bin"):
        prepare(part(body=bytes(60000)), DEVKIT)


@given(st.integers(0, len(flash_image()) - 1), st.integers(1, 255))
def test_a_flipped_bit_anywhere_that_matters_is_found(at, flip):
    """Outside of loader, table and application there is only filling."""
    damaged = bytearray(flash_image())
    damaged[at] ^= flip
    try:
        image = prepare(bytes(damaged), DEVKIT)
    except (ImageError, FlashTooSmallError):
        return
    assert flash_image()[at] == 0xFF
    assert image.octets[0x7000:0x7C00] == OURS


@pytest.mark.parametrize("length", [0x9000, 0xF000, 0xF010, len(flash_image()) - 40])
def test_a_download_that_broke_off_is_found(length):
    with pytest.raises(ImageError, match="download it again"):
        prepare(flash_image()[:length], DEVKIT)


def test_a_part_without_a_hash_is_still_held_to_its_checksum():
    whole = flash_image()
    start = 0xF000
    application = part(body=b"v1.29.0", hashed=False)
    assert prepare(whole[:start] + application, DEVKIT)
    damaged = bytearray(application)
    damaged[40] ^= 1
    with pytest.raises(ImageError, match="damaged"):
        prepare(whole[:start] + bytes(damaged), DEVKIT)


def test_2_mb_and_boards_smaller_than_the_image_are_refused():
    with pytest.raises(ImageError, match="files and records need 2 MB"):
        prepare(flash_image(size=MB2), DEVKIT)
    with pytest.raises(FlashTooSmallError, match="needs 8 MB of flash and the board has 4 MB"):
        prepare(flash_image(size=MB8), DEVKIT)
    image = prepare(flash_image(), DEVKIT)
    demand_room(image, 4 * MB)
    with pytest.raises(FlashTooSmallError, match=r"needs 4 MB .* has 2 MB: use a board"):
        demand_room(image, 2 * MB)


def test_a_board_with_more_flash_may_have_a_larger_image():
    board = load_board("heltec-v3")
    image = prepare(flash_image(ESP32_S3, 0, MB8), board)
    assert image.table[-1].end == 8 * MB


def test_the_version_is_read_from_the_banner():
    assert prepare(flash_image(banner=b"no banner"), DEVKIT).version == "unknown"
    assert is_tested("v1.29.0")
    assert is_tested("1.28")
    assert not is_tested("v1.27.0")
    assert not is_tested("v1.30.0-preview.12.g1234")
    assert not is_tested("unknown")


def test_advice_names_one_file():
    assert "ESP32_GENERIC_C3-DATE-v1.29.0.bin" in what_to_get(load_board("xiao-esp32c3"))
