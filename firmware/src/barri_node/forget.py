# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Lets go of modules that only a node's start needs: on a board every module takes heap."""

import gc
import sys


def forget(*names: str) -> None:
    """names: modules below `barri_node` that nothing holds any more, such as "store.recovery"."""
    for name in names:
        package, _, last = ("barri_node." + name).rpartition(".")
        if "barri_node." + name in sys.modules:
            # MicroPython keeps the value of a key that is taken out, so that goes first.
            sys.modules["barri_node." + name] = None  # type: ignore[assignment]
            del sys.modules["barri_node." + name]
            setattr(sys.modules[package], last, None)
            delattr(sys.modules[package], last)
    gc.collect()
