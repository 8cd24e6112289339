# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Encrypted telegrams. The enciphering side is `cryptography`, the other reader dsmr-parser."""

import asyncio
import datetime

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from driver_bench import Bench, SteadyWorld, Uart
from dsmr_parser import telegram_specifications as foreign
from dsmr_parser.parsers import TelegramParser as ForeignParser
from hypothesis import given
from hypothesis import strategies as st

from barri_node.energy.decipher import Decipher
from barri_node.energy.meter import P1Meter
from barri_tools.sim.chips import p1_meter
from barri_tools.sim.chips.p1_dialects import DIALECTS
from barri_tools.sim.journal import Journal

KEY = bytes(range(16))
TITLE = b"BRR\x00\x01\x02\x03\x04"
# The same for every meter of Luxembourg, and public (specification of its P1 port, 3.2.5).
AUTHENTICATION_KEY = bytes.fromhex("00112233445566778899AABBCCDDEEFF")
ENCRYPTED_AND_AUTHENTICATED = b"\x30"
MOMENT = datetime.datetime(2026, 1, 15, 9, 30, tzinfo=datetime.UTC)
HOUSE = {
    "energy_import": 4218334.0,
    "energy_export": 912077.0,
    "power_import": 1193.0,
    "power_export": 0.0,
    "voltage": 230.1,
}
PLAIN = p1_meter.telegram(HOUSE, MOMENT, DIALECTS["luxembourg"])


def encrypt(block):
    """AES-128 of one block, as MicroPython's cryptolib gives it on a board."""
    cipher = Cipher(algorithms.AES(KEY), modes.ECB()).encryptor()
    return cipher.update(bytes(block))


def frame(plain, counter=1):
    """A telegram as the meter sends it, its tag cut to 12 bytes."""
    number = counter.to_bytes(4, "big")
    aad = ENCRYPTED_AND_AUTHENTICATED + AUTHENTICATION_KEY
    sealed = AESGCM(KEY).encrypt(TITLE + number, plain, aad)[:-4]
    body = ENCRYPTED_AND_AUTHENTICATED + number + sealed
    return b"\xdb\x08" + TITLE + b"\x82" + len(body).to_bytes(2, "big") + body


def deciphered(data, decipher=None, size=512):
    decipher = decipher or Decipher(encrypt)
    plain = b""
    for at in range(0, len(data), size):
        piece = bytearray(data[at : at + size])
        plain += piece[: decipher.feed(piece, len(piece))]
    return plain


def test_the_frame_is_one_that_the_foreign_reader_takes():
    said = ForeignParser(foreign.MSN).parse(frame(PLAIN).hex(), KEY.hex(), throw_ex=True)
    assert said.ELECTRICITY_IMPORTED_TOTAL.value * 1000 == 4218334


@given(
    plain=st.binary(min_size=0, max_size=600),
    counter=st.integers(0, (1 << 32) - 1),
    size=st.integers(1, 512),
)
def test_any_telegram_is_deciphered_in_pieces_of_any_size(plain, counter, size):
    assert deciphered(frame(plain, counter), size=size) == plain


def test_frames_back_to_back_and_garbage_between():
    data = b"".join(b"\xdb\x00\xdb\x08x\xff" * 3 + frame(PLAIN, n) for n in range(5))
    assert deciphered(data).count(PLAIN) == 5


@given(st.binary(max_size=400))
def test_any_bytes_are_taken(data):
    assert len(deciphered(data)) <= len(data)


@pytest.mark.parametrize("length", [0, 1, 16, 65535])
def test_a_frame_of_senseless_length_is_passed_over(length):
    decipher = Decipher(encrypt)
    header = b"\xdb\x08" + TITLE + b"\x82" + length.to_bytes(2, "big") + bytes(5)
    assert deciphered(header, decipher) == b""
    assert decipher.frames == 0
    assert deciphered(frame(PLAIN), decipher) == PLAIN


class EncryptingPort(p1_meter.P1Port):
    """The model of the port, behind an encryption that the model itself does not have."""

    def _damaged(self, data):
        return super()._damaged(frame(data))


def plugged_in(**faults):
    bench = Bench()
    chip = EncryptingPort(SteadyWorld(**HOUSE), Journal(), dialect="luxembourg")
    for fault, value in faults.items():
        setattr(chip, fault, value)
    meter = P1Meter(Uart(bench, chip), bench.sleep_ms, decipher=Decipher(encrypt))
    return meter, chip


def test_an_encrypted_meter_is_read():
    meter, _ = plugged_in()
    asyncio.run(meter.start())
    assert asyncio.run(meter.measure())["energy_import"] == 4218334
    assert meter.faults == 0


@pytest.mark.parametrize("fault", [{"flipped": 1}, {"lost": 3}])
def test_a_damaged_frame_gives_nothing_and_spoils_no_other(fault):
    meter, chip = plugged_in()
    asyncio.run(meter.start())
    for name, value in fault.items():
        setattr(chip, name, value)
    asyncio.run(meter.measure())
    assert asyncio.run(meter.measure())["energy_import"] is None
    for name in fault:
        setattr(chip, name, 0)
    readings = [asyncio.run(meter.measure())["energy_import"] for _ in range(2)]
    assert readings[-1] == 4218334


def test_without_the_key_the_fault_says_what_it_may_be():
    bench = Bench()
    chip = EncryptingPort(SteadyWorld(**HOUSE), Journal(), dialect="luxembourg")
    meter = P1Meter(Uart(bench, chip), bench.sleep_ms)
    assert set(asyncio.run(meter.measure()).values()) == {None}
    assert "one that encrypts" in meter.last_fault
