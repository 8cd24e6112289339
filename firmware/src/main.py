# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A barri node, from power-on: read the settings, then measure for ever.

To change what is measured, see `barri_node/kits.py`. To change how often, see `window_s` in the
settings. Nothing here or below ever keeps a sound: only its level.
"""

import gc

gc.threshold(8192)  # collect early and often: what stays lies close together, large buffers fit

import sys  # noqa: E402

from micropython import const  # noqa: E402

from barri_node import app  # noqa: E402
from barri_node.life.start import live  # noqa: E402

_TYPE_CHECKING = const(0)  # for the type checker alone: the compiler leaves such blocks out
if _TYPE_CHECKING:
    from collections.abc import Coroutine

    from barri_node.life.start import Life
    from barri_node.ports import Hal


def hardware() -> "Hal":
    """The board we are on, or the simulated one of a PC."""
    if sys.platform == "esp32":
        from barri_node.hal_esp32 import Esp32Hal

        return Esp32Hal()
    from barri_node.hal_unix import from_arguments

    return from_arguments(sys.argv[1:])


def measure(life: "Life") -> "Coroutine[object, object, None]":
    """What goes on until the power goes; wrong settings end it before it begins."""
    from barri_node.settings_file import load

    return app.run(hal, load(hal.settings_path()), life)


hal = hardware()
live(hal, measure)
