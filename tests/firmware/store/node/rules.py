# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Asks the simulated flash for what real flash cannot do. Prints what it answered."""

import vfs
from counting_flash import CountingFlash

from barri_node.files_unix import mount
from barri_node.flash_unix import BLOCK_BYTES, FlashBlockDevice, FlashRuleError


def main(arguments):
    path = arguments[0]
    flash = CountingFlash(path, 4)
    print("new", flash.is_new, flash.ioctl(4, 0), flash.ioctl(5, 0))
    flash.writeblocks(1, b"\x0f" * 32, 64)
    flash.writeblocks(1, b"\x05" * 32, 64)
    say("zero_to_one", lambda: flash.writeblocks(1, b"\x0d" * 32, 64))
    say("part_of_a_unit", lambda: flash.writeblocks(1, b"\x00" * 16, 64))
    say("between_units", lambda: flash.readblocks(1, bytearray(32), 8))
    say("outside", lambda: flash.writeblocks(4, b"\x00" * 32, 0))
    again = FlashBlockDevice(path, 4)  # as after a kill: the first one was never closed
    found = bytearray(32)
    again.readblocks(1, found, 64)
    print("found", again.is_new, found[0])
    again.ioctl(6, 1)
    again.readblocks(1, found, 64)
    print("erased", found[0])
    flash.writeblocks(1, b"\x00" * BLOCK_BYTES)
    print("counted", flash.programs, flash.programmed_bytes, flash.erases)
    say("no_file_system", lambda: mount(path, "/flash", 4))
    say("other_size", lambda: mount(path, "/flash", 5))
    mount(path + ".other", "/flash", 8)
    with open("/flash/word", "w") as file:
        file.write("kept")
    vfs.umount("/flash")
    mount(path + ".other", "/flash", 8)
    with open("/flash/word") as file:
        print("mounted_again", file.read())


def say(name, action):
    try:
        action()
        print(name, "allowed")
    except (FlashRuleError, OSError, ValueError) as error:
        print(name, type(error).__name__)
