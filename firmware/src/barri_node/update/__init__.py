# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Updates over the air: fetch a signed release beside the running tree, try it, and go back unless
it proves itself.

`slots` and `boot.py` decide what runs; `fetching` and `staging` bring a release; `trial` judges.
"""

import sys


def forget() -> None:
    """Let go of what was loaded to fetch; a table keeps what is only deleted from it."""
    for name in list(sys.modules):
        if name.startswith("barri_node.update.") or name == "barri_wire.messages_update":
            package, _, module = name.rpartition(".")
            setattr(sys.modules[package], module, None)
            sys.modules[name] = None  # type: ignore[assignment]
            del sys.modules[name]
