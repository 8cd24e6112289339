# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Runs before main.py and chooses the program tree: the cable's, `/a` or `/b`.

It only ever comes by cable, and stands above all releases: what it does is kept small. A tree on
trial that cannot even start is given up here; one that hangs is bitten by the watchdog.
"""

import gc
import os
import sys

_ON_BOARD = sys.platform == "esp32"
_TRIAL_MS = 300000  # until the tree's own watchdog takes over
_FAILED = 75


def _choose(root: str) -> bool:
    """Enter the folder of the tree to run; says whether it is on trial."""
    from barri_node.update.slots import CABLE, Slots

    slots = Slots(root)
    tree, trial = slots.begin()
    if tree != CABLE:
        os.chdir(slots.path(tree).rstrip("/"))
    return trial


def _forget() -> None:
    """Let go of the cable's modules: a table keeps what is only deleted from it."""
    for name in [name for name in sys.modules if name.startswith("barri_")]:
        sys.modules[name] = None
        del sys.modules[name]


def _try() -> None:
    """Start a tree on trial; an error that leaves it restarts the node, and ends the trial."""
    if _ON_BOARD:
        from machine import WDT

        WDT(timeout=_TRIAL_MS)
    try:
        import main  # noqa: F401
    except Exception as error:  # noqa: BLE001  # whatever it is, the tree has failed
        sys.print_exception(error)
    sys.exit(_FAILED)  # on a board: a soft reset


_on_trial = _choose("/" if _ON_BOARD else sys.argv[3])
_forget()
_choose = _forget = None
gc.collect()
if _on_trial:
    _try()
elif not _ON_BOARD:  # a PC runs no main.py by itself
    import main  # noqa: F401
