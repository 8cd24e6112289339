# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Lets go of modules that only a node's start needs: on a board every module takes heap."""

import gc
import sys


def forget(*names: str) -> None:
    """names: modules that nothing holds any more, such as "barri_node.store.recovery"."""
    for name in names:
        package, _, last = name.rpartition(".")
        if name in sys.modules:
            # MicroPython keeps the value of a key that is taken out, so that goes first.
            sys.modules[name] = None  # type: ignore[assignment]
            del sys.modules[name]
            setattr(sys.modules[package], last, None)
            delattr(sys.modules[package], last)
            gc.collect()
