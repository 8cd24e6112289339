# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Which instruments a kit has. To fit a sensor to a kit: add its line here, and its channel to
the kit's list in `barri_wire/schema.py`.
"""

from micropython import const

from barri_node.sampled import Sampled
from barri_wire.schema import KITS

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from barri_node.clock import Clock
    from barri_node.ports import Besides, Driver, Fitted, Hal, I2c, Instrument, Say
    from barri_node.settings import Settings
    from barri_node.store.ringlog import RingLog
    from barri_node.windows import Windows
    from barri_wire.schema import Schema

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
    "noise": (_NOISE,),
    "energy": (_ENERGY,),
    "smart_citizen": (_AIR, _LIGHT, _BATTERY, _NOISE),
}


async def look(
    settings: "Settings", hal: "Hal", clock: "Clock", say: "Say"
) -> "tuple[Schema | None, list[Fitted] | None]":
    """Give a kit's schema, and the drivers of its parts where these have to be looked for.

    The schema is None where none are found.
    """
    if settings.kit != "found":
        return KITS[settings.kit], None
    from barri_node.forget import forget
    from barri_node.found import look as look_for_parts

    schema, found = await look_for_parts(settings, hal, clock.uptime_ms, say)
    del look_for_parts
    forget("barri_node.found")
    return schema, found


def build(
    settings: "Settings",
    hal: "Hal",
    clock: "Clock",
    windows: "Windows",
    log: "RingLog",
    say: "Say",
    found: "list[Fitted] | None" = None,
) -> "tuple[list[Instrument], list[Besides]]":
    """Give the instruments of a kit, ready to run, and what else they have to keep.

    found: the drivers of a kit whose parts were looked for, as `look` gives them.
    """
    parts = _Parts(settings, hal, clock, windows, log, say)
    if found is not None:
        return [parts.sampled(*fitted) for fitted in found], []
    return [parts.make(part) for part in _FITTED[settings.kit]], parts.besides


def drivers(settings: "Settings", hal: "Hal", clock: "Clock", say: "Say") -> "list[Driver]":
    """Those of a kit, for a node that asks each of them once and sleeps."""
    parts = _Parts(settings, hal, clock, None, None, say)  # type: ignore[arg-type]  # needs neither
    found = [parts.driver(part) for part in _FITTED[settings.kit]]
    if settings.unwanted:
        from barri_node.life.unwanted import wanted

        return wanted(found, settings.unwanted)
    return found


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

    def driver(self, part: int) -> "Driver":
        return self._driver(part)[0]

    def make(self, part: int) -> "Instrument":
        """One instrument; only what is fitted is loaded, because modules take heap too."""
        if part == _NOISE:
            return self._noise()
        driver, period_ms = self._driver(part)
        return self.sampled(driver, period_ms, driver.CHANNELS)

    def sampled(
        self, driver: "Driver", period_ms: int, channels: "tuple[str, ...]"
    ) -> "Instrument":
        """A driver without what is unwanted. channels: what it gives."""
        unwanted = self._settings.unwanted
        if unwanted:
            from barri_node.life import unwanted as cut

            if cut.all_unwanted(channels, unwanted):
                return cut.Off(None, self._hal.sleep_ms)
            driver = cut.Without(driver, unwanted)
        return Sampled(driver, period_ms, self._clock, self._windows, self._say)

    def _noise(self) -> "Instrument":
        from barri_node.sound import level_meter

        meter, besides = level_meter(
            self._settings, self._hal, self._clock, self._windows, self._say
        )
        self.besides.extend(besides)
        return meter

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
        from barri_node.energy.fit import fitted

        return fitted(self._settings.meter, self._hal, self._clock.uptime_ms, self._log)
