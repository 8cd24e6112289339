# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What its owner does not want to be measured never leaves the driver.

A driver is wrapped where a kit makes it; one that has nothing left to measure is not started, and
told once to switch its part off if the part can be.
"""

from micropython import const

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from barri_node.ports import Driver, Instrument, Readings, SleepMs

_IDLE_MS = const(3600000)


def all_unwanted(channels: "tuple[str, ...]", unwanted: "Collection[str]") -> bool:
    """Whether nothing of a part is wanted."""
    return all(name in unwanted for name in channels)


def discard(readings: "Readings", unwanted: "Collection[str]") -> "Readings":
    """Take the unwanted values out of readings, which are changed and given back."""
    for name in unwanted:
        readings.pop(name, None)
    return readings


class Without:
    """A driver with some of its values cut off. unwanted: names of quantities."""

    def __init__(self, driver: "Driver", unwanted: "Collection[str]") -> None:
        self._driver = driver
        self._unwanted = unwanted
        self.CHANNELS = driver.CHANNELS

    @property
    def faults(self) -> int:
        return self._driver.faults

    @property
    def last_fault(self) -> "str | None":
        return self._driver.last_fault

    async def start(self) -> None:
        await self._driver.start()

    async def measure(self) -> "Readings":
        return discard(await self._driver.measure(), self._unwanted)

    def sleep(self) -> None:
        rest(self._driver)


def rest(driver: "Driver") -> None:
    """Stop a part that would run on; most sleep by themselves."""
    if hasattr(driver, "sleep"):
        driver.sleep()


def wanted(drivers: "list[Driver]", unwanted: "Collection[str]") -> "list[Driver]":
    """Without what is unwanted; a part of which nothing is left is stopped."""
    left: "list[Driver]" = []
    for driver in drivers:
        if all_unwanted(driver.CHANNELS, unwanted):
            rest(driver)
        else:
            left.append(Without(driver, unwanted))
    return left


class Trimmed:
    """An instrument with some of its values cut off. unwanted: names of quantities."""

    def __init__(self, instrument: "Instrument", unwanted: "Collection[str]") -> None:
        self._instrument = instrument
        self._unwanted = unwanted

    @property
    def faults(self) -> int:
        return self._instrument.faults

    async def run(self) -> None:
        await self._instrument.run()

    async def close(self, end_ms: int, duration_ms: int) -> "Readings":
        return discard(await self._instrument.close(end_ms, duration_ms), self._unwanted)


class Off:
    """An instrument that is none: its part is never started, and switched off if it can be.

    off: a function that switches the part off; None for a part that sleeps by itself.
    """

    def __init__(self, off: "Callable[[], object] | None", sleep_ms: "SleepMs") -> None:
        self._off = off
        self._sleep_ms = sleep_ms
        self.faults = 0

    async def run(self) -> None:
        if self._off is not None:
            self._off()
        while True:
            await self._sleep_ms(_IDLE_MS)

    async def close(self, end_ms: int, duration_ms: int) -> "Readings":
        return {}
