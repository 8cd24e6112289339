# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The node's compiled viper code, executed instruction by instruction as a RISC-V board would.

`mpy` reads what mpy-cross wrote, `machine` is the processor, `runtime` the few MicroPython helpers
that viper code calls, `kernel` the door. Not a board: no caches, no cycles, no MicroPython.
"""

from barri_tools.rv32.errors import Rv32Error
from barri_tools.rv32.kernel import Rv32Kernel

__all__ = ("Rv32Error", "Rv32Kernel")
