# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Puts the sound level meter together. Only a node's start needs this."""

from micropython import const

from barri_node.listener import Listener
from barri_node.noise.kernel import VIPER
from barri_node.noise.meter import Meter

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from barri_node.clock import Clock
    from barri_node.ports import Besides, Hal, Instrument, Say
    from barri_node.settings import Settings
    from barri_node.windows import Windows

_LEVELS = (
    "la10", "laeq", "lceq", "la50", "la90", "lafmin", "lafmax", "sound_range", "measured_share",
)  # fmt: skip


def level_meter(
    settings: "Settings", hal: "Hal", clock: "Clock", windows: "Windows", say: "Say"
) -> "tuple[Instrument, list[Besides]]":
    """Give the meter, and its hourly histograms where nothing of the sound is unwanted."""
    unwanted = [name for name in _LEVELS if name in settings.unwanted]
    if len(unwanted) == len(_LEVELS):
        from barri_node.life.unwanted import Off

        return Off(None, hal.sleep_ms), []
    if not VIPER:
        say("no native code here: only one block of sound in eight is listened to")
    rate_hz = settings.sample_rate_hz
    meter = Meter(rate_hz, settings.mic_model)
    microphone = hal.microphone(rate_hz, whole=VIPER)
    listener = Listener(microphone, meter, rate_hz, clock, windows, say)
    if unwanted:
        from barri_node.life.unwanted import Trimmed

        return Trimmed(listener, unwanted), []
    from barri_node.hourly import Hourly

    return listener, [Hourly(meter)]
