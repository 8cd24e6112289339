# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The one table of what a node may say of itself: by its light, on serial, and on a page.

A code is two digits, `long << 4 | short`: so many long blinks, then so many short ones. The most
serious stands first. See docs/lights.md, which a test compares with this.
"""

# One byte for each code, and its words in the same order.
CODES = b"\x31\x34\x32\x33\x35\x12\x11\x13\x14\x15\x16\x22\x21\x01\x02\x03"
WORDS = """provision this node
safe mode
flash refuses
memory is short
updating
password refused
network not found
no address from the network
radio fails
gateway does not answer
gateway refuses
no sound
sensor fails
measuring
joined
acknowledged"""


def words(code: int) -> str:
    """What a code means; raises ValueError for one that is not in the table."""
    place = CODES.find(bytes((code,)))
    if place < 0:
        raise ValueError("no such code")
    return WORDS.split("\n")[place]


def text(code: int) -> str:
    """One line for the serial console."""
    return "code {}-{}: {}".format(code >> 4, code & 15, words(code))
