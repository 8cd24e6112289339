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
    from barri_node.ports import Besides, Driver, Hal, I2c, Instrument, Say
    from barri_node.settings import Settings
    from barri_node.store.ringlog import RingLog
    from barri_node.windows import Windows

_SLOW_MS = const(10000)  # temperature, light and charge change slowly
_SECOND_MS = const(1000)  # a smart meter and a particle sensor speak once a second

_SOUND = (
    "la10", "laeq", "lceq", "la50", "la90", "lafmin", "lafmax", "sound_range", "measured_share",
)  # fmt: skip

_AIR = const(0)
_LIGHT = const(1)
_BATTERY = const(2)
_PARTICLES = const(3)
_NOISE = const(4)
_ENERGY = const(5)
_FITTED = {
    "air": (_AIR, _LIGHT, _BATTERY, _PARTICLES),
    "noise": (_NOISE,),
    "energy": (_ENERGY,),
    "smart_citizen": (_AIR, _LIGHT, _BATTERY, _NOISE),
}


def build(
    settings: "Settings",
    hal: "Hal",
    clock: "Clock",
    windows: "Windows",
    log: "RingLog",
    say: "Say",
) -> "tuple[list[Instrument], list[Besides]]":
    """Give the instruments of a kit, ready to run, and what else they have to keep."""
    parts = _Parts(settings, hal, clock, windows, log, say)
    return [parts.make(part) for part in _FITTED[settings.kit]], parts.besides


class _Parts:
    def __init__(
        self,
        settings: "Settings",
        hal: "Hal",
        clock: "Clock",
        windows: "Windows",
        log: "RingLog",
        say: "Say",
    ) -> None:
        self._settings = settings
        self._hal = hal
        self._clock = clock
        self._windows = windows
        self._log = log
        self._say = say
        self._bus: "I2c | None" = None
        self.besides: "list[Besides]" = []

    def make(self, part: int) -> "Instrument":
        """One instrument; only what is fitted is loaded, because modules take heap too."""
        if part == _NOISE:
            return self._noise()
        driver, period_ms = self._driver(part)
        unwanted = self._settings.unwanted
        if unwanted:
            from barri_node.life.unwanted import Off, Without, all_unwanted

            if all_unwanted(driver.CHANNELS, unwanted):
                return Off(None, self._hal.sleep_ms)
            driver = Without(driver, unwanted)
        return Sampled(driver, period_ms, self._clock, self._windows, self._say)

    def _noise(self) -> "Instrument":
        """The sound level meter, with hourly histograms where nothing of the sound is unwanted."""
        settings, hal = self._settings, self._hal
        unwanted = [name for name in _SOUND if name in settings.unwanted]
        if len(unwanted) == len(_SOUND):
            from barri_node.life.unwanted import Off

            return Off(None, hal.sleep_ms)
        from barri_node.listener import Listener
        from barri_node.noise.kernel import VIPER
        from barri_node.noise.meter import Meter

        if not VIPER:
            self._say("no native code here: only one block of sound in eight is listened to")
        rate_hz = settings.sample_rate_hz
        meter = Meter(rate_hz, settings.mic_model)
        microphone = hal.microphone(rate_hz, whole=VIPER)
        listener = Listener(microphone, meter, rate_hz, self._clock, self._windows, self._say)
        if unwanted:
            from barri_node.life.unwanted import Trimmed

            return Trimmed(listener, unwanted)
        from barri_node.hourly import Hourly

        self.besides.append(Hourly(meter))
        return listener

    def _i2c(self) -> "I2c":
        if self._bus is None:
            self._bus = self._hal.i2c(0)
        return self._bus

    def _driver(self, part: int) -> "tuple[Driver, int]":
        sleep_ms = self._hal.sleep_ms
        if part == _AIR:
            from barri_node.drivers.bme280 import Bme280

            return Bme280(self._i2c(), sleep_ms), _SLOW_MS
        if part == _LIGHT:
            from barri_node.drivers.bh1750 import Bh1750

            return Bh1750(self._i2c(), sleep_ms), _SLOW_MS
        if part == _BATTERY:
            from barri_node.drivers.max17048 import Max17048

            return Max17048(self._i2c()), _SLOW_MS
        if part == _PARTICLES:
            from barri_node.drivers.pms5003 import Pms5003

            return Pms5003(self._hal.uart(1, 9600), sleep_ms, self._clock.uptime_ms), _SECOND_MS
        return self._meter(), _SECOND_MS

    def _meter(self) -> "Driver":
        from barri_node.energy.fit import Fitting, recorded

        hal, meter = self._hal, self._settings.meter
        known = recorded(self._log)
        return Fitting(meter, hal, self._clock.uptime_ms, hal.flash_root(), known).driver()
