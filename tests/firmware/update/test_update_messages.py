# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Offer, want, part and MANIFEST lines: there and back, to the byte; anything else is refused."""

from contextlib import suppress
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barri_wire import messages_update as wire
from barri_wire.errors import FrameError

serials = st.integers(0, wire.SERIAL_LIMIT - 1)
octets = st.integers(0, 255)
files = st.integers(0, wire.FILES_MAX)
offsets = st.integers(0, wire.MANIFEST_MAX_BYTES - 1)
sizes = st.integers(1, wire.MANIFEST_MAX_BYTES)
hashes = st.binary(min_size=32, max_size=32)
tags = st.binary(min_size=16, max_size=16)
contents = st.binary(min_size=1, max_size=wire.PART_MAX_BYTES)
DECODERS = (wire.decode_offer, wire.decode_want, wire.decode_part)


@given(st.builds(wire.Offer, serials, octets, sizes, hashes, tags))
def test_an_offer_comes_back(offer: wire.Offer) -> None:
    assert wire.decode_offer(wire.encode_offer(offer)) == offer


@given(st.builds(wire.Want, serials, octets, files, offsets))
def test_a_want_comes_back(want: wire.Want) -> None:
    assert wire.decode_want(wire.encode_want(want)) == want


@given(st.builds(wire.Part, serials, files, offsets, contents))
def test_a_part_comes_back(part: wire.Part) -> None:
    assert wire.decode_part(wire.encode_part(part)) == part


def test_the_bytes_are_these() -> None:
    """Computed by hand from the layouts: they are what other releases understand."""
    assert wire.encode_want(wire.Want(1, 10, 2, 768)).hex() == "470000010a0002000300"
    assert wire.encode_part(wire.Part(1, 2, 768, b"ab")).hex() == "4900000100020003006162"
    offer = wire.encode_offer(wire.Offer(258, 11, 9000, b"\x11" * 32, b"\x22" * 16))
    assert offer.hex() == "480001020b002328" + "11" * 32 + "22" * 16


@pytest.mark.parametrize(
    "make",
    [
        lambda: wire.encode_offer(wire.Offer(1, 2, 0, bytes(32), bytes(16))),
        lambda: wire.encode_offer(wire.Offer(1, 2, 65537, bytes(32), bytes(16))),
        lambda: wire.encode_offer(wire.Offer(1, 2, 3, bytes(31), bytes(16))),
        lambda: wire.encode_offer(wire.Offer(1, 2, 3, bytes(32), bytes(15))),
        lambda: wire.encode_offer(wire.Offer(1 << 24, 2, 3, bytes(32), bytes(16))),
        lambda: wire.encode_want(wire.Want(1, 2, 501, 0)),
        lambda: wire.encode_want(wire.Want(1, 2, 0, 65536)),
        lambda: wire.encode_want(wire.Want(1, 256, 0, 0)),
        lambda: wire.encode_part(wire.Part(1, 0, 0, b"")),
        lambda: wire.encode_part(wire.Part(1, 0, 0, bytes(769))),
    ],
)
def test_what_the_wire_cannot_carry_is_refused(make) -> None:
    with pytest.raises(FrameError):
        make()


def test_every_other_length_is_refused() -> None:
    offer = wire.encode_offer(wire.Offer(1, 2, 3, bytes(32), bytes(16)))
    want = wire.encode_want(wire.Want(1, 2, 3, 4))
    part = wire.encode_part(wire.Part(1, 2, 3, bytes(768)))
    for good, decode in ((offer, wire.decode_offer), (want, wire.decode_want)):
        for length in range(len(good)):
            with pytest.raises(FrameError):
                decode(good[:length])
    for body in (offer + b"x", want + b"x", part + b"x", part[:9]):
        for decode in DECODERS:
            with pytest.raises(FrameError):
                decode(body)


@given(st.binary(max_size=900))
def test_any_bytes_give_a_message_or_a_frame_error(body: bytes) -> None:
    for head in (b"", b"\x47", b"\x48", b"\x49"):
        for decode in DECODERS:
            with suppress(FrameError):  # any other error fails the test
                assert isinstance(decode(head + body), wire.Plain)


@given(st.binary(max_size=200))
def test_any_line_is_parsed_or_refused(line: bytes) -> None:
    for parse in (wire.parse_head, wire.parse_line):
        for end in (b"", b"\n"):
            with suppress(FrameError):
                assert len(parse(line + end)) == 3


def test_lines_with_one_octet_changed_never_lead_out_of_the_tree() -> None:
    rng = Random(3)
    good = ("0" * 64 + " 20 barri_node/drivers/bme280.mpy\n").encode()
    for _ in range(20_000):
        changed = bytearray(good)
        for _ in range(rng.randint(1, 3)):
            changed[rng.randrange(len(good))] = rng.choice(b"/.. \n\x00azA~\\:")
        try:
            _, size, path = wire.parse_line(bytes(changed))
        except FrameError:
            continue
        assert 0 <= size <= wire.FILE_MAX_BYTES
        assert not path.startswith("/")
        assert ".." not in path.split("/")
        assert path.endswith((".mpy", ".py", ".json"))
