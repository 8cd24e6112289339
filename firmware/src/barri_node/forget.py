# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Lets go of modules that only a node's start needs: on a board every module takes heap."""

import gc
import sys


def forget(*names: str) -> None:
    """names: modules below `barri_node` that nothing holds any more, such as "store.recovery"."""
    for name in names:
        package, _, last = ("barri_node." + name).rpartition(".")
        if sys.modules.pop("barri_node." + name, None) is not None:
            delattr(sys.modules[package], last)
    gc.collect()
