# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A barri node, from power-on: read the settings, then measure for ever.

To change what is measured, see `barri_node/kits.py`. To change how often, see `window_s` in the
settings. Nothing here or below ever keeps a sound: only its level.
"""

import gc

gc.threshold(8192)  # collect early and often: what stays lies close together, large buffers fit

import sys  # noqa: E402

from barri_node.life.start import live  # noqa: E402


def hardware():
    """The board we are on, or the simulated one of a PC."""
    if sys.platform == "esp32":
        from barri_node.hal_esp32 import Esp32Hal

        return Esp32Hal()
    from barri_node.hal_unix import from_arguments

    return from_arguments(sys.argv[1:])


def measure(life):
    """What goes on until the power goes; wrong settings end it before it begins."""
    from barri_node.settings_file import load

    settings = load(hal.settings_path())
    if settings.report_every:
        from barri_node.battery import run
    else:
        from barri_node.app import run
    return run(hal, settings, life)


def update():
    """After bad boots, instead of measuring: look for a release that works."""
    from barri_node.rescue import look_for_update

    return look_for_update(hal)


hal = hardware()
live(hal, measure, update=update)
