# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""AES-CMAC (RFC 4493) over a given AES: a tag that only holders of the key can make.

For nodes, whose MicroPython has AES but no CMAC. Imports nothing; the cipher is injected.
"""

BLOCK_BYTES = 16
_REDUCTION = 0x87  # x**128 + x**7 + x**2 + x + 1

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def _doubled(block: bytes) -> bytes:
    """A block times x in the field of 2**128 elements."""
    doubled = bytearray(BLOCK_BYTES)
    for i in range(BLOCK_BYTES - 1):
        doubled[i] = (block[i] << 1 | block[i + 1] >> 7) & 0xFF
    doubled[-1] = block[-1] << 1 & 0xFF
    if block[0] & 0x80:
        doubled[-1] ^= _REDUCTION
    return bytes(doubled)


def cmac(encrypt: "Callable[[bytes], bytes]", message: bytes) -> bytes:
    """Return the 16-byte tag. encrypt: AES of one 16-byte block under the key."""
    subkey = _doubled(encrypt(bytes(BLOCK_BYTES)))
    whole_blocks = max(0, (len(message) - 1) // BLOCK_BYTES)
    last = message[whole_blocks * BLOCK_BYTES :]
    if len(last) < BLOCK_BYTES:
        subkey = _doubled(subkey)
        last += b"\x80" + bytes(BLOCK_BYTES - 1 - len(last))
    state = bytes(BLOCK_BYTES)
    for i in range(whole_blocks):
        state = encrypt(_xor(state, message[i * BLOCK_BYTES : (i + 1) * BLOCK_BYTES]))
    return encrypt(_xor(state, _xor(subkey, last)))


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes([one[i] ^ other[i] for i in range(BLOCK_BYTES)])
