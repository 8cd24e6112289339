# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The partition table, against tables that ESP-IDF's own tool and an official image hold."""

import contextlib

import pytest
from golden import OFFICIAL_1_23, OFFICIAL_1_29, OURS
from hypothesis import given
from hypothesis import strategies as st

from barri_tools.node.partitions import (
    LOG_NAME,
    Partition,
    PartitionError,
    application,
    build_table,
    parse_table,
    with_log,
)

MB = 1 << 20


@pytest.mark.parametrize("octets", [OFFICIAL_1_23, OFFICIAL_1_29, OURS])
def test_tables_made_by_others_are_read_and_made_again_to_the_byte(octets):
    assert build_table(parse_table(octets)) == octets


@pytest.mark.parametrize("official", [OFFICIAL_1_23, OFFICIAL_1_29])
def test_ours_is_what_gen_esp32part_makes_of_our_rows(official):
    """Older images have a row for files, newer ones make it at run time."""
    assert build_table(with_log(parse_table(official), 4 * MB)) == OURS


def test_4_mb_leave_1_mb_for_records_and_1_mb_for_files():
    files, log = with_log(parse_table(OFFICIAL_1_29), 4 * MB)[-2:]
    assert (files.name, files.size) == ("vfs", MB)
    assert (log.name, log.size, log.end) == (LOG_NAME, MB, 4 * MB)


def test_more_flash_goes_to_the_records():
    assert with_log(parse_table(OFFICIAL_1_29), 8 * MB)[-1].size == 5 * MB


def test_ours_stays_ours():
    assert with_log(parse_table(OURS), 4 * MB) == parse_table(OURS)


def test_what_the_image_starts_from_is_left_where_it_is():
    assert with_log(parse_table(OFFICIAL_1_23), 4 * MB)[:3] == parse_table(OFFICIAL_1_23)[:3]


def test_two_applications_leave_no_room_on_4_mb():
    """The OTA variant: two applications of 1.5 MB."""
    ota = (
        Partition("nvs", 1, 2, 0x9000, 0x4000),
        Partition("ota_0", 0, 0x10, 0x10000, 0x180000),
        Partition("ota_1", 0, 0x11, 0x190000, 0x180000),
    )
    with pytest.raises(PartitionError, match="2 MB of flash after the application, and 960 kB"):
        with_log(ota, 4 * MB)


def test_a_table_without_an_application_is_none_of_ours():
    with pytest.raises(PartitionError, match="no application"):
        with_log((Partition("nvs", 1, 2, 0x9000, 0x4000),), 4 * MB)
    with pytest.raises(PartitionError, match="no application"):
        application(())


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ((Partition("a", 1, 2, 0x8000, 0x1000),), "overlaps"),
        ((Partition("a", 1, 2, 0x9000, 0x2000), Partition("b", 1, 2, 0xA000, 0x1000)), "overlaps"),
        ((Partition("a", 1, 2, 0x9001, 0x1000),), "whole sectors"),
        ((Partition("a" * 17, 1, 2, 0x9000, 0x1000),), "1 to 16 bytes"),
        (
            tuple(Partition(f"p{i}", 1, 2, 0x9000 + i * 0x1000, 0x1000) for i in range(95)),
            "too many",
        ),
    ],
)
def test_tables_that_cannot_work_are_not_made(table, said):
    with pytest.raises(PartitionError, match=said):
        build_table(table)


@given(st.integers(0, 0x9F), st.integers(1, 255))
def test_a_damaged_table_is_never_taken_for_a_good_one(at, flip):
    damaged = bytearray(OURS)
    damaged[at] ^= flip
    with pytest.raises(PartitionError):
        parse_table(bytes(damaged))


@given(st.binary(max_size=400))
def test_any_bytes_give_a_table_or_its_own_error(octets):
    with contextlib.suppress(PartitionError):
        parse_table(octets)


@pytest.mark.parametrize("octets", [b"", b"\xff" * 0xC00, bytes(0xC00)])
def test_an_empty_flash_has_no_table(octets):
    with pytest.raises(PartitionError, match="no partition table"):
        parse_table(octets)
