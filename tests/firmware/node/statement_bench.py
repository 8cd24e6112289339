# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Runs the functions of a file of `statements/` on MicroPython, all of them in one process."""

import ast
import subprocess
from functools import cache
from pathlib import Path

from barri_tools.firmware import source_directory

STATEMENTS = Path(__file__).parent / "statements"
LONGEST_RUN_S = 40
HEAP = "1m"


def names(module: str, folder: Path = STATEMENTS) -> list[str]:
    """The statements of a module: its functions that are not private."""
    return [
        node.name
        for node in ast.parse((folder / f"{module}.py").read_text()).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    ]


@cache
def outcomes(micropython: str, module: str, *folders: Path) -> dict[str, str]:
    """Run all statements of a module; gives "" for each that holds, else what went wrong.

    folders: the first holds the module, the others what it imports besides.
    """
    command = [micropython, "-X", f"heapsize={HEAP}", str(STATEMENTS / "run_statements.py")]
    path = ":".join([str(folder) for folder in (source_directory(), STATEMENTS, *folders)])
    with subprocess.Popen(
        [*command, module, *names(module, *folders[:1])],
        env={"MICROPYPATH": f"{path}:.frozen"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            out, _ = process.communicate(timeout=LONGEST_RUN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            out, _ = process.communicate()
    return _read(out)


def _read(out: str) -> dict[str, str]:
    found: dict[str, str] = {"": out}
    for part in out.split("\n--- ")[1:]:
        name, _, rest = part.partition("\n")
        text, _, verdict = rest.rpartition("=== ")
        found[name] = "" if verdict.startswith("holds") else f"{text}{verdict}" or "never ended"
    return found


def check(micropython: str, module: str, name: str, *folders: Path) -> None:
    """Fail with what MicroPython said unless the statement holds."""
    found = outcomes(micropython, module, *folders)
    assert name in found, f"{name} was not reached:\n{found[''][-2000:]}"
    assert not found[name], found[name]
