# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A note and a buffer in memory that may hold anything. Runs on both interpreters."""

from fake_memory import FakeMemory

from barri_node.life.retained import BUFFER_BYTES, NOTE_BYTES, Retained


def empty_memory_holds_neither():
    for content in (b"", b"\x00", bytes(14), bytes(20), bytes(2048), b"\xff" * 2048):
        retained = Retained(FakeMemory(content))
        assert retained.note() is None, content
        assert retained.buffer() is None, content


def what_was_kept_is_there_after_a_reset():
    memory = FakeMemory()
    Retained(memory).set_note(b"abc")
    Retained(memory).set_buffer(b"records")
    Retained(memory).set_note(b"12345678")
    assert Retained(memory).note() == b"12345678"
    assert Retained(memory).buffer() == b"records"
    Retained(memory).set_buffer(b"")
    assert Retained(memory).note() == b"12345678"
    assert Retained(memory).buffer() == b""


def the_largest_of_both_fit():
    memory = FakeMemory()
    Retained(memory).set_note(b"n" * NOTE_BYTES)
    Retained(memory).set_buffer(b"b" * BUFFER_BYTES)
    assert len(memory.content) == 2048
    assert Retained(memory).note() == b"n" * NOTE_BYTES
    assert Retained(memory).buffer() == b"b" * BUFFER_BYTES


def a_flipped_bit_anywhere_costs_the_part_it_is_in_and_no_other():
    memory = FakeMemory()
    Retained(memory).set_note(b"1234")
    Retained(memory).set_buffer(b"records")
    whole = memory.content
    for i in range(len(whole)):
        for bit in range(8):
            damaged = bytearray(whole)
            damaged[i] ^= 1 << bit
            retained = Retained(FakeMemory(bytes(damaged)))
            if i < 14:
                assert retained.note() is None or i >= 10, (i, bit)
                assert retained.buffer() == b"records"
            else:
                assert retained.buffer() is None, (i, bit)
                assert retained.note() == b"1234"


def memory_cut_short_raises_nothing():
    memory = FakeMemory()
    Retained(memory).set_note(b"1234")
    Retained(memory).set_buffer(b"records")
    for length in range(len(memory.content)):
        retained = Retained(FakeMemory(memory.content[:length]))
        assert retained.note() in (None, b"1234")
        assert retained.buffer() is None
