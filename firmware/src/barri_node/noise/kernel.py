# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The inner loops of the meter: viper machine code where this MicroPython can, else plain Python.

Both give the same numbers bit for bit (a test holds them to it). Which one is here is found by
trying: a port without viper refuses the module as it compiles or loads it.
"""

try:
    from barri_node.noise.kernel_viper import time_weight, weigh

    VIPER = True
except (ImportError, NameError, SyntaxError, ValueError):  # CPython; no viper; a foreign .mpy
    from barri_node.noise.kernel_plain import time_weight, weigh

    VIPER = False

__all__ = ("VIPER", "time_weight", "weigh")
