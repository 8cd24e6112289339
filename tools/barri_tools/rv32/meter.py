# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The node's sound level meter on this Python, its kernels executed as a RISC-V board would.

The meter's own modules decide which kernel is called with what; only the functions that they find
in `barri_node.noise.kernel` are others. Needs the `micropython` module of MicroPython's stubs.
"""

import importlib
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from barri_tools.firmware import FirmwareError, source_directory
from barri_tools.rv32.kernel import Rv32Kernel, compile_module

_PACKAGE = "barri_node.noise"
_KERNEL = f"{_PACKAGE}.kernel"


def kernel_source() -> Path:
    """The kernels of the sound meter, as the node has them."""
    return source_directory() / "barri_node" / "noise" / "kernel_viper.py"


def node_kernel(folder: Path) -> Rv32Kernel:
    """The meter's kernels, compiled into a folder and loaded. Raises FirmwareError, Rv32Error."""
    return Rv32Kernel(compile_module(kernel_source(), folder / "kernel_viper.mpy"))


class CountedKernel:
    """The kernels as a module; `executed` counts instructions, `calls` calls, by function."""

    def __init__(self, kernel: Rv32Kernel) -> None:
        self.executed: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self.module = ModuleType(_KERNEL)
        self.module.VIPER = True  # type: ignore[attr-defined]  # as `kernel` itself has it
        for name in kernel.names:
            setattr(self.module, name, self._function(kernel, name))

    def _function(self, kernel: Rv32Kernel, name: str) -> Callable[..., int | None]:
        def call(*arguments: Any) -> int | None:
            result, instructions = kernel.call(name, *arguments)
            self.executed[name] += instructions
            self.calls[name] += 1
            return result

        return call


def meter_module(kernel: CountedKernel) -> Any:
    """A copy of `barri_node.noise.meter` that calls these kernels. Raises FirmwareError."""
    with _own_modules(kernel.module):
        try:
            return importlib.import_module(f"{_PACKAGE}.meter")
        except ModuleNotFoundError as error:
            raise FirmwareError(f"{error.name} is missing: pip install 'barri[dev]'") from error


@contextmanager
def _own_modules(kernel: ModuleType) -> Iterator[None]:
    """Import the meter's modules anew within, and leave no trace of them behind."""
    source = str(source_directory())
    before = _take_out()
    sys.modules[_KERNEL] = kernel
    sys.path.insert(0, source)
    try:
        yield
    finally:
        sys.path.remove(source)
        _take_out()
        sys.modules.update(before)


def _take_out() -> dict[str, ModuleType]:
    taken = {n: m for n, m in sys.modules.items() if n == _PACKAGE or n.startswith(_PACKAGE + ".")}
    for name in taken:
        del sys.modules[name]
    return taken
