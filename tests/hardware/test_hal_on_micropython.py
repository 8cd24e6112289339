# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The ESP32's hardware layer on real MicroPython, against stand-ins that misbehave on purpose.

This is not a board: what a real radio or microphone does, only a board can show.
"""

import ast
import json
import os
import subprocess
from pathlib import Path

import pytest

from barri_node.errors import SettingsError
from barri_node.settings_file import read_wifi
from barri_tools.boards import board_json, load_board
from barri_tools.firmware import program, source_directory

HERE = Path(__file__).parent
SCRIPT = HERE / "node_hal.py"
MICROPYTHON = program("micropython")
HELPERS = {"refused", "join", "reason", "new_hal"}
SCENARIOS = [
    node.name
    for node in ast.parse(SCRIPT.read_text()).body
    if isinstance(node, ast.FunctionDef) and node.name not in HELPERS
]


@pytest.mark.skipif(MICROPYTHON is None, reason="micropython is not installed")
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_hal(scenario, tmp_path):
    board = tmp_path / "board.json"
    board.write_text(json.dumps(board_json(load_board("esp32-devkitc"))))
    done = subprocess.run(
        [str(MICROPYTHON), str(SCRIPT), scenario, str(board)],
        env={**os.environ, "MICROPYPATH": f"{source_directory()}:.frozen"},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout == f"done {scenario}\n"


def test_both_boards_offer_the_application_the_same():
    """What app.py and its rooms call on the unix twin, the ESP32 twin has too, and so back."""

    def interface(name, class_name):
        tree = ast.parse((source_directory() / "barri_node" / name).read_text())
        (twin,) = [
            node for node in tree.body
            if isinstance(node, ast.ClassDef) and node.name == class_name
        ]  # fmt: skip
        return {
            node.name: (type(node), ast.unparse(node.args))
            for node in twin.body
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and not node.name.startswith("_")
        }

    simulation_only = {"now_us", "ask_into"}
    unix = interface("hal_unix.py", "UnixHal")
    esp32 = interface("hal_esp32.py", "Esp32Hal")
    assert {name: unix[name] for name in unix.keys() - simulation_only} == esp32


@pytest.mark.parametrize(
    "given",
    [
        None,
        [],
        "home",
        {},
        {"name": ""},
        {"name": 3},
        {"name": "n" * 33},
        {"name": "é" * 17},
        {"name": "home", "password": "short"},
        {"name": "home", "password": "x" * 64},
        {"name": "home", "password": 12345678},
        {"name": "home", "password": None},
    ],
)
def test_wifi_settings_that_cannot_work_are_refused(given):
    with pytest.raises(SettingsError, match=r"^wifi"):
        read_wifi(given)


def test_the_wifi_password_does_not_show_itself():
    wifi = read_wifi({"name": "home", "password": "correct horse"})
    assert "correct" not in f"{wifi.password} {wifi.password!r}"
    assert wifi.password.reveal() == "correct horse"
    with pytest.raises(SettingsError) as caught:
        read_wifi({"name": "home", "password": "short"})
    assert "short" not in str(caught.value)
