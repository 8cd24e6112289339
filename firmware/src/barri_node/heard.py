# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What one part has to know of the air that another measures: a CO2 sensor its pressure, a gas
sensor its temperature and humidity. What nobody wants measured is not told on either.
"""

from micropython import const

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Collection

    from barri_node.ports import Driver, Readings


class Air:
    """The newest readings of all parts that tell. unwanted: names of quantities."""

    def __init__(self, unwanted: "Collection[str]") -> None:
        self._unwanted = unwanted
        self._newest: "Readings" = {}

    def take(self, readings: "Readings") -> None:
        for name, value in readings.items():
            if name not in self._unwanted:
                self._newest[name] = value

    def climate(self) -> "Readings":
        return self._newest

    def pressure(self) -> "int | None":
        return self._newest.get("pressure")


class Heard:
    """A driver whose readings the air takes on their way. channels: what it gives."""

    def __init__(self, driver: "Driver", air: Air, channels: "tuple[str, ...]") -> None:
        self._driver = driver
        self._air = air
        self.CHANNELS = channels

    @property
    def faults(self) -> int:
        return self._driver.faults

    @property
    def last_fault(self) -> "str | None":
        return self._driver.last_fault

    async def start(self) -> None:
        self._air.take(dict.fromkeys(self.CHANNELS))  # it may have been away for long
        await self._driver.start()

    async def measure(self) -> "Readings":
        readings = await self._driver.measure()
        self._air.take(readings)
        return readings
