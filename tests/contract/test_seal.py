# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""AES-CMAC and seals. References: RFC 4493 section 4, and the `cryptography` library."""

from collections.abc import Callable

import hypothesis.strategies as st
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB
from cryptography.hazmat.primitives.cmac import CMAC
from hypothesis import given

from barri_wire.cmac import cmac
from barri_wire.errors import FrameError
from barri_wire.seal import COUNTER_LIMIT, is_sealed, seal, unseal

KEY = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")
MESSAGE = bytes.fromhex(
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
)
RFC_4493 = {
    0: "bb1d6929e95937287fa37d129b756746",
    16: "070a16b46b4d4144f79bdd9dd04a287c",
    40: "dfa66747de9ae63030ca32611497c827",
    64: "51f0bebf7e3b9d92fc49741779363cfe",
}
TOPIC = "barri/1/5/balcony1/up/frame"


def block_cipher(key: bytes) -> Callable[[bytes], bytes]:
    encryptor = Cipher(AES(key), ECB()).encryptor()
    return encryptor.update


def mac(message: bytes) -> bytes:
    return cmac(block_cipher(KEY), message)


@pytest.mark.parametrize("length", RFC_4493)
def test_the_examples_of_rfc_4493(length: int) -> None:
    assert mac(MESSAGE[:length]).hex() == RFC_4493[length]


@given(key=st.binary(min_size=16, max_size=16), message=st.binary(max_size=100))
def test_any_message_has_the_tag_that_the_library_gives_it(key: bytes, message: bytes) -> None:
    oracle = CMAC(AES(key))
    oracle.update(message)
    assert cmac(block_cipher(key), message) == oracle.finalize()


@given(
    session=st.binary(min_size=4, max_size=4),
    counter=st.integers(0, COUNTER_LIMIT - 1),
    body=st.binary(max_size=60),
)
def test_what_was_sealed_opens(session: bytes, counter: int, body: bytes) -> None:
    sealed = seal(mac, TOPIC, session, counter, body)
    assert is_sealed(sealed)
    assert len(sealed) == len(body) + 16
    assert unseal(mac, TOPIC, sealed) == (session, counter, body)


@given(body=st.binary(max_size=40), where=st.integers(0, 1 << 16), flip=st.integers(1, 255))
def test_no_byte_of_it_can_be_changed(body: bytes, where: int, flip: int) -> None:
    sealed = bytearray(seal(mac, TOPIC, b"abcd", 7, body))
    sealed[where % len(sealed)] ^= flip
    with pytest.raises(FrameError):
        unseal(mac, TOPIC, bytes(sealed))


def test_a_seal_holds_for_its_topic_and_key_alone() -> None:
    sealed = seal(mac, TOPIC, b"abcd", 7, b"x")
    with pytest.raises(FrameError, match="wrong seal"):
        unseal(mac, TOPIC.replace("frame", "void"), sealed)
    with pytest.raises(FrameError, match="wrong seal"):
        unseal(lambda message: cmac(block_cipher(bytes(16)), message), TOPIC, sealed)


@given(st.binary(max_size=80))
def test_any_other_bytes_are_refused(garbage: bytes) -> None:
    with pytest.raises(FrameError):
        unseal(mac, TOPIC, garbage)
    with pytest.raises(FrameError):
        unseal(mac, TOPIC, b"\xc1" + garbage)


def test_counters_end() -> None:
    with pytest.raises(FrameError, match="counter"):
        seal(mac, TOPIC, b"abcd", COUNTER_LIMIT, b"")
