# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""boot.py itself, as a process on the real MicroPython: what it starts, and what it gives up."""

import shutil
import subprocess
from pathlib import Path

import pytest

from barri_tools.firmware import source_directory

SAYS = "import barri_node\nprint('runs', barri_node.VERSION)\n"
NOTE_TRIAL = "from barri_node.update.slots import Slots\nSlots('{root}').note_trial(4)\n"
CONFIRM = "from barri_node.update.slots import Slots\nSlots('{root}').confirm()\n"
HANGS_S = 2


class Node:
    """A folder with boot.py, the cable's tree and `/a`, and the MicroPython that starts it."""

    def __init__(self, root: Path, micropython: str) -> None:
        self.root, self.micropython = root, micropython
        source = source_directory()
        shutil.copy(source / "boot.py", root)
        (root / "barri_node").mkdir()
        shutil.copytree(source / "barri_node" / "update", root / "barri_node" / "update")
        self.tree(root, "cable")

    def tree(self, folder: Path, version: str, main: str = SAYS) -> None:
        (folder / "barri_node").mkdir(parents=True, exist_ok=True)
        (folder / "barri_node" / "__init__.py").write_text(f"VERSION = '{version}'\n")
        (folder / "main.py").write_text(main)

    def run(self, *what: str) -> "subprocess.CompletedProcess[str]":
        command = [self.micropython, "-X", "heapsize=64k", *what]
        return subprocess.run(
            command, cwd=self.root, env={"MICROPYPATH": ":.frozen"}, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=HANGS_S, check=False,
        )  # fmt: skip

    def starts(self) -> "subprocess.CompletedProcess[str]":
        return self.run("-m", "boot", "name", "0", str(self.root))

    def does(self, script: str) -> None:
        done = self.run("-c", script.format(root=self.root))
        assert done.returncode == 0, done.stdout


@pytest.fixture
def node(tmp_path: Path, micropython: str) -> Node:
    return Node(tmp_path, micropython)


def test_by_itself_it_starts_the_cables_tree(node: Node) -> None:
    assert node.starts().stdout == "runs cable\n"


def test_a_tree_on_trial_runs_with_its_own_modules(node: Node) -> None:
    node.tree(node.root / "a", "four")
    node.does(NOTE_TRIAL)
    assert node.starts().stdout == "runs four\n"
    assert node.starts().stdout == "runs cable\n", "it has confirmed nothing"


def test_a_confirmed_tree_runs_for_good(node: Node) -> None:
    node.tree(node.root / "a", "four")
    node.does(NOTE_TRIAL)
    node.starts()
    node.does(CONFIRM)
    assert [node.starts().stdout for _ in range(3)] == ["runs four\n"] * 3


@pytest.mark.parametrize(
    "main",
    ["import nothing_that_is_there", "raise MemoryError", "1 +", "x = 1 / 0", "", "\x00\xff"],
)
def test_a_tree_that_cannot_start_restarts_the_node_and_is_given_up(node: Node, main: str) -> None:
    node.tree(node.root / "a", "four", main or "pass")
    node.does(NOTE_TRIAL)
    assert node.starts().returncode == 75
    assert node.starts().stdout == "runs cable\n"


def test_after_a_trial_that_hung_the_cables_tree_runs(node: Node) -> None:
    node.tree(node.root / "a", "four", "while True:\n    pass\n")
    node.does(NOTE_TRIAL)
    with pytest.raises(subprocess.TimeoutExpired):  # until the watchdog bites
        node.starts()
    assert node.starts().stdout == "runs cable\n"


def test_it_leaves_nearly_all_of_the_heap_to_the_tree(node: Node) -> None:
    """Its modules are let go of: what they would cost is missing where heap is short."""
    used = "import gc\ngc.collect()\nprint(gc.mem_alloc())\n"
    node.tree(node.root, "cable", used)
    through_boot = int(node.starts().stdout)
    alone = int(node.run("-m", "main").stdout)
    assert through_boot - alone < 4096
