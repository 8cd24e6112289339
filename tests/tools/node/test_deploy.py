# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The firmware's files on a board: all of them, nothing twice, main.py last; and they run."""

import json

import pytest

from barri_tools.boards import board_json, board_names, load_board
from barri_tools.node import deploy, settings_file
from barri_tools.node.errors import CopyError, WrongPythonError

SMALL = {
    "main.py": b"# main\n",
    "barri_node/app.mpy": b"M\x06app",
    "barri_wire/frame.mpy": b"M\x06frame",
    "board.json": b"{}",
}


def quiet(share):
    pass


def test_all_files_are_copied_and_nothing_is_copied_twice(board, console):
    assert deploy.copy(console, SMALL, quiet) == deploy.Copied(4, 0, 0)
    for name, octets in SMALL.items():
        assert (board.files / name).read_bytes() == octets
    assert deploy.copy(console, SMALL, quiet) == deploy.Copied(0, 4, 0)
    assert deploy.differences(console.hashes(), SMALL) == []


def test_only_what_changed_is_written_and_what_is_left_over_goes(board, console):
    deploy.copy(console, SMALL, quiet)
    (board.files / "settings.json").write_text("{}")
    (board.files / "mine.py").write_text("")
    newer = {**SMALL, "barri_node/app.mpy": b"M\x06newer"}
    del newer["barri_wire/frame.mpy"]
    assert deploy.copy(console, newer, quiet) == deploy.Copied(2, 1, 1)  # main.py goes along
    assert not (board.files / "barri_wire/frame.mpy").exists()
    assert (board.files / "settings.json").exists()
    assert (board.files / "mine.py").exists()


def test_the_program_is_stopped_by_a_restart_before_its_files_change(board, console):
    deploy.copy(console, {**SMALL, "main.py": b"running = True\n"}, quiet)
    console.restart()
    console.connect()
    assert console.ask("'running' in globals()")
    starts = board.starts
    deploy.copy(console, SMALL, quiet)
    assert board.starts == starts + 1
    assert not console.ask("'running' in globals()")


def test_a_board_unplugged_half_way_starts_nothing_and_the_next_run_goes_on(board, console):
    deploy.copy(console, SMALL, quiet)
    newer = {**SMALL, "barri_node/app.mpy": bytes(20000)}
    console.remove("main.py")
    console.restart()
    console.connect()
    board.cable.drop_after = board.cable.passed + 9000
    with pytest.raises(CopyError):
        deploy.copy(console, newer, quiet)
    assert not (board.files / "main.py").exists()
    board.cable.drop_after = None
    console.restart()
    board._process.kill()  # plugged in again
    console.connect()
    deploy.copy(console, newer, quiet)
    assert deploy.differences(console.hashes(), newer) == []


def test_what_came_over_the_air_gives_way_to_the_cable(board, console):
    deploy.copy(console, SMALL, quiet)
    for name in ("slots", "a/main.py", "a/barri_node/app.mpy"):
        console.write(name, b"x")
    assert deploy.copy(console, SMALL, quiet) == deploy.Copied(1, 3, 3)
    assert deploy.differences(console.hashes(), SMALL) == []


def test_main_comes_last():
    order = []

    class Recorder:
        def hashes(self):
            return {}

        def write(self, name, octets, sent):
            order.append(name)

    deploy.copy(Recorder(), SMALL, quiet)
    assert order[-1] == "main.py"


def test_the_copied_firmware_runs_on_the_board_and_takes_its_settings(board, console, tree):
    """Byte code is the same everywhere; only the sound kernel is machine code of the ESP32."""
    deploy.copy(console, tree, quiet)
    assert deploy.differences(console.hashes(), tree) == []
    settings = {"node": "abcd1234", "secret": "s", "host": "h", "port": 1883, "kit": "air"}
    settings |= {"window_s": 60, "seal_key": "ab" * 16, "gateway_key": "cd" * 32}
    settings_file.store(console, settings)
    console.run("from barri_node import app, settings_file as on_board")
    console.run("loaded = on_board.load('settings.json')")
    assert console.ask("[loaded.kit, loaded.window_s, app.__file__]") == [
        "air",
        60,
        "barri_node/app.mpy",
    ]
    assert console.ask("[loaded.seal_key.reveal(), loaded.gateway_key]") == [
        "ab" * 16,
        "cd" * 32,
    ]


def test_the_tree_holds_the_board_s_own_pins(tree):
    assert json.loads(tree["board.json"]) == board_json(load_board("esp32-devkitc"))
    assert set(name for name in tree if name.endswith(".py")) == {"main.py", "boot.py"}


def test_what_is_demanded_of_the_board_is_what_the_compiler_writes(tree):
    """Bytes 1 and 2 of a .mpy with machine code: version; sub-version and architecture."""
    native = {octets[1:3] for octets in tree.values() if octets[:1] == b"M" and octets[2] >> 2}
    assert native == {bytes([6, 10 << 2 | 3])}
    assert deploy._MPY_VERSION == 6 | 3 << 8
    assert deploy._MPY_ARCHITECTURES["xtensawin"] == 10


class Answers:
    def __init__(self, mpy):
        self._mpy = mpy

    def ask(self, expression):
        return self._mpy


@pytest.mark.parametrize("name", board_names())
def test_a_python_that_cannot_load_our_files_is_refused_before_anything_is_copied(name):
    """sys.implementation._mpy: version in bits 0-7, architecture in bits 10-13 (MicroPython's
    docs, "MicroPython .mpy files": xtensawin is 10, rv32imc 11).
    """
    board = load_board(name)
    right = 11 if board.mcu == "esp32-c3" else 10
    deploy.demand_python(Answers(right << 10 | 3 << 8 | 6), board)
    for mpy in (
        0,
        right << 10 | 3 << 8 | 7,
        right << 10 | 2 << 8 | 6,
        (21 - right) << 10 | 3 << 8 | 6,
    ):
        with pytest.raises(WrongPythonError, match="another board"):
            deploy.demand_python(Answers(mpy), board)
