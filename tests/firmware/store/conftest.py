# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Runs scripts of `node/` on real MicroPython, with the compiled firmware and a board's heap."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from store_bench import HEAP, NEEDED, SCRIPTS, SOURCE, Run, Start, compile_into, executable

LONGEST_RUN_S = 100


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the .mpy files that the scripts import, and nothing else."""
    folder = tmp_path_factory.mktemp("mpy")
    sources = [SOURCE / "barri_node" / name for name in ("flash_unix.py", "files_unix.py")]
    for name in NEEDED:
        path = SOURCE / name
        sources += sorted(path.rglob("*.py")) if path.is_dir() else [path]
    compile_into(folder, sources, SOURCE)
    compile_into(folder, sorted(SCRIPTS.glob("*.py")), SCRIPTS)
    return folder


@pytest.fixture
def start(compiled: Path, tmp_path: Path) -> Iterator[Start]:
    """Start `node/NAME.mpy`'s `main(arguments)` in a process of its own."""
    started: list[subprocess.Popen[str]] = []

    def begin(name: str, *arguments: object) -> "subprocess.Popen[str]":
        code = f"import {name}; {name}.main({[str(a) for a in arguments]!r})"
        process = subprocess.Popen(
            [executable("micropython"), "-X", f"heapsize={HEAP}", "-c", code],
            cwd=tmp_path,
            env={"MICROPYPATH": str(compiled)},
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def run(start: Start) -> Run:
    """Run a script to its end; gives its lines, split into words."""

    def finish(name: str, *arguments: object) -> list[list[str]]:
        process = start(name, *arguments)
        out, _ = process.communicate(timeout=LONGEST_RUN_S)
        assert process.returncode == 0, out[-2000:]
        return [line.split() for line in out.splitlines()]

    return finish
