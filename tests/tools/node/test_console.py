# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The prompt and the files of a board: real mpremote, real MicroPython, and a cable that fails."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from node_rig import patient

from barri_tools.node.console import Console, _board_error, open_line
from barri_tools.node.errors import (
    BoardFullError,
    CopyError,
    NoPortError,
    NoPythonError,
    PortBusyError,
)

RUNNING = b"import time\nprint('measuring')\nwhile True:\n    time.sleep_ms(5)\n"


def sha256(octets):
    return hashlib.sha256(octets).hexdigest()


def test_a_file_of_any_bytes_arrives(board, console):
    octets = bytes(range(256)) * 20
    sent = []
    console.write("a/b/c.bin", octets, sent.append)
    assert (board.files / "a/b/c.bin").read_bytes() == octets
    assert console.hashes() == {"a/b/c.bin": sha256(octets)}
    assert sum(sent) == len(octets)


def test_small_files_come_back(console):
    for octets in (b"", b"\x00", b"{}", bytes(range(256))):
        console.write("f", octets)
        assert console.read("f") == octets


def test_a_running_program_is_interrupted(board):
    (board.files / "main.py").write_bytes(RUNNING)
    with patient(board) as console:
        console.restart()
        console.connect()
        assert console.exists("main.py")
    assert board.starts == 2


def test_the_old_file_stays_until_the_new_one_is_whole(board, console):
    console.write("main.py", b"old")
    board.cable.drop_after = board.cable.passed + 1500
    with pytest.raises(CopyError, match="fell silent"):
        console.write("main.py", b"new" * 2000)
    assert (board.files / "main.py").read_bytes() == b"old"


def test_a_damaged_byte_is_never_taken_for_a_good_file(board, console):
    """Wherever it strikes: in the data, in the code around it, or in the protocol."""
    octets = bytes(700)
    for after in range(0, 1400, 130):
        board.cable.flip_at = board.cable.passed + after
        try:
            console.write("f", octets)
        except (CopyError, NoPythonError):
            console.close()
            console.connect()
        board.cable.flip_at = None
        present = console.hashes()
        assert present.get("f", sha256(octets)) == sha256(octets)


def test_a_cable_that_is_pulled_says_so_soon(board, console):
    board.cable.pulled = True
    with pytest.raises(CopyError, match="short cable and no hub"):
        console.run("print(1)")


def test_a_board_that_never_answers_is_given_up(board):
    board.cable.pulled = True
    waits = []
    console = Console(board.device, sleep=waits.append)
    console._enter = lambda: (_ for _ in ()).throw(NoPythonError("no prompt"))
    with pytest.raises(NoPythonError):
        console.connect()
    assert 10 <= sum(waits) <= 30


def test_a_port_that_is_not_there_and_one_in_use_are_told_apart(board):
    with pytest.raises(NoPortError):
        open_line("/dev/no-such-port")
    held = open_line(board.device)
    with pytest.raises(PortBusyError):
        open_line(board.device)
    held.close()


def test_a_full_board_is_told_apart(console):
    with pytest.raises(BoardFullError, match="full"):
        console.run("raise OSError(28)")


def test_what_a_board_says_in_an_error_stays_there(console):
    with pytest.raises(CopyError) as said:
        console.run("raise ValueError('correct horse battery')")
    assert "ValueError" in str(said.value)
    assert "horse" not in str(said.value)


def test_an_answer_that_is_no_json_is_an_error(console):
    console.run("import json\njson = type('', (), {'dumps': staticmethod(lambda x: 'no json')})")
    with pytest.raises(CopyError, match="cannot be read"):
        console.ask("1")


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=300))
def test_any_traceback_becomes_one_of_our_errors(text):
    assert str(_board_error(text))
