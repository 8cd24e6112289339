# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Which instruments a kit has. To fit a sensor to a kit: add its line here, and its channel to
the kit's list in `barri_wire/schema.py`.
"""

from micropython import const

from barri_node.sampled import Sampled

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from barri_node.clock import Clock
    from barri_node.ports import Driver, Hal, Instrument, Say
    from barri_node.windows import Windows

_SAMPLE_RATE_HZ = const(48000)
_SLOW_MS = const(10000)  # temperature, light and charge change slowly
_SECOND_MS = const(1000)  # a smart meter and a particle sensor speak once a second

_AIR = const(0)
_LIGHT = const(1)
_BATTERY = const(2)
_PARTICLES = const(3)
_NOISE = const(4)
_ENERGY = const(5)
_FITTED = {
    "air": (_AIR, _LIGHT, _BATTERY, _PARTICLES),
    "noise": (_NOISE, _AIR, _BATTERY),
    "energy": (_ENERGY,),
    "smart_citizen": (_AIR, _LIGHT, _BATTERY, _NOISE),
}


def build(
    kit: str, hal: "Hal", clock: "Clock", windows: "Windows", say: "Say"
) -> "list[Instrument]":
    """Give the instruments of a kit, ready to run."""
    parts = _Parts(hal, clock, windows, say)
    return [parts.make(part) for part in _FITTED[kit]]


class _Parts:
    def __init__(self, hal: "Hal", clock: "Clock", windows: "Windows", say: "Say") -> None:
        self._hal = hal
        self._clock = clock
        self._windows = windows
        self._say = say
        self._i2c = hal.i2c(0)

    def make(self, part: int) -> "Instrument":
        """One instrument; only what is fitted is loaded, because modules take heap too."""
        if part == _NOISE:
            return self._noise()
        driver, period_ms = self._driver(part)
        return Sampled(driver, period_ms, self._clock, self._windows, self._say)

    def _noise(self) -> "Instrument":
        from barri_node.listener import Listener
        from barri_node.noise.kernel import VIPER
        from barri_node.noise.meter import Meter

        if not VIPER:
            self._say("no native code here: only one block of sound in eight is listened to")
        microphone = self._hal.microphone(_SAMPLE_RATE_HZ, whole=VIPER)
        meter = Meter(_SAMPLE_RATE_HZ)
        return Listener(microphone, meter, _SAMPLE_RATE_HZ, self._clock, self._windows, self._say)

    def _driver(self, part: int) -> "tuple[Driver, int]":
        sleep_ms = self._hal.sleep_ms
        if part == _AIR:
            from barri_node.drivers.bme280 import Bme280

            return Bme280(self._i2c, sleep_ms), _SLOW_MS
        if part == _LIGHT:
            from barri_node.drivers.bh1750 import Bh1750

            return Bh1750(self._i2c, sleep_ms), _SLOW_MS
        if part == _BATTERY:
            from barri_node.drivers.max17048 import Max17048

            return Max17048(self._i2c), _SLOW_MS
        if part == _PARTICLES:
            from barri_node.drivers.pms5003 import Pms5003

            return Pms5003(self._hal.uart(1, 9600), sleep_ms, self._clock.uptime_ms), _SECOND_MS
        from barri_node.energy.meter import P1Meter

        return P1Meter(self._hal.uart(2, 115200, rxbuf=8192), sleep_ms), _SECOND_MS
