# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Which parts are on the I2C bus: looked up at start, so that nobody has to list them.

Only addresses at which a known part may be are ever written to, and only with that part's own
question of who it is; all others are read from. Imports a driver once its part is found.
"""

from micropython import const

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Callable

    from barri_node.ports import Driver, I2c, Say, SleepMs

    Factory = Callable[..., Driver]
    Extras = dict[str, dict[str, object]]
    Found = tuple[Factory, int, str, tuple[str, ...]]

# Every driver's module, and with a capital its class. Where two parts have the same quantity, the
# one that comes first here gives it: what sits in free air before what warms itself, and of two of
# one kind the more exact one.
_NAMES = (
    "sht4x",
    "bme280",
    "bme680",
    "sgp41",
    "sen5x",
    "sen5x",  # a SEN50, which has particles only
    "scd30",
    "scd41",
    "sps30",
    "alphasense",
    "bh1750",
    "max17048",
    "ina226",
    "ina219",
)
_SHT4X = const(0)
_BME280 = const(1)
_BME680 = const(2)
_SGP41 = const(3)
_SEN5X = const(4)
_SEN50 = const(5)
_SCD30 = const(6)
_SCD41 = const(7)
_SPS30 = const(8)
_ALPHASENSE = const(9)
_BH1750 = const(10)
_MAX17048 = const(11)
_INA226 = const(12)
_INA219 = const(13)
_NOBODY = const(-1)
_STRANGER = const(-2)

_FIRST, _LAST = const(0x08), const(0x77)  # below and above are addresses with a meaning of the bus
_BOOT_MS = const(2000)  # the slowest part, an SCD30, answers two seconds after power-on
_ANSWER_MS = const(20)  # the longest, a SEN5x looking for its name

_SLOW_MS = const(10000)
_SECOND_MS = const(1000)


async def find(
    i2c: "I2c",
    sleep_ms: "SleepMs",
    uptime_ms: "Callable[[], int]",
    say: "Say",
    extras: "Extras | None" = None,
    given: "tuple[str, ...]" = (),
) -> "list[Found]":
    """Give (factory, period_ms, name, channels) for each part that has something to say.

    extras: by driver, more arguments for it. What is found is used without, but for "alphasense",
    "ina226" and "ina219": nobody sees from here which cells or what shunt is connected.
    given: quantities that a part on another line has. A factory takes more arguments by name.
    """
    await sleep_ms(max(0, _BOOT_MS - uptime_ms()))
    probe = Probe(i2c, sleep_ms)
    parts = []
    for address in range(_FIRST, _LAST + 1):
        part = await probe.part_at(address)
        if part == _STRANGER:
            say("i2c 0x{:02x}: not a part that is known here; left alone".format(address))
        elif part != _NOBODY:
            parts.append((part, address))
    parts.sort()
    return _chosen(parts, (i2c, sleep_ms, uptime_ms), say, extras or {}, set(given))


def _chosen(
    parts: "list[tuple[int, int]]",
    hardware: "tuple[I2c, SleepMs, Callable[[], int]]",
    say: "Say",
    extras: "Extras",
    given: "set[str]",
) -> "list[Found]":
    """Give each quantity to the first part that has it."""
    chosen = []
    for part, address in parts:
        name = _NAMES[part]
        say("i2c 0x{:02x}: {}".format(address, name))
        if part in (_ALPHASENSE, _INA226, _INA219) and name not in extras:
            say("{}: the settings do not say what is connected to it; not used".format(name))
            continue
        driver = driver_of(name)
        channels = _left_for(part, driver.CHANNELS, given)
        if len(channels) < len(driver.CHANNELS):
            say("{}: used for {}".format(name, ", ".join(channels) or "nothing, others have it"))
        if channels:
            options = _options(part, address, channels, driver.CHANNELS)
            options.update(extras.get(name, {}))
            arguments = hardware[: _most_hardware(part)]
            factory = _factory(driver, arguments, options)
            chosen.append((factory, _period(part), name, channels))
    return chosen


def _left_for(part: int, most: "tuple[str, ...]", given: "set[str]") -> "tuple[str, ...]":
    """Give the channels that are this part's, and note that they are given now."""
    if part == _SEN50:
        most = most[:4]
    channels = tuple([channel for channel in most if channel not in given])
    given.update(channels)
    return channels


def driver_of(name: str):  # type: ignore[no-untyped-def]  # any of the drivers' classes
    """Import the driver's module now, and give its class."""
    module = __import__("barri_node.drivers." + name, None, None, (name,))
    return getattr(module, name[0].upper() + name[1:])


def _factory(driver, hardware, options) -> "Factory":  # type: ignore[no-untyped-def]  # as above
    def make(**more: object) -> "Driver":
        options.update(more)
        return driver(*hardware, **options)  # type: ignore[no-any-return]  # as above

    return make


def _most_hardware(part: int) -> int:
    """How many of bus, sleep and clock a driver takes."""
    if part == _MAX17048:
        return 1
    return 3 if _period(part) == _SECOND_MS else 2


def _options(
    part: int, address: int, channels: "tuple[str, ...]", most: "tuple[str, ...]"
) -> "dict[str, object]":
    options: "dict[str, object]" = {}
    if part in (_SHT4X, _BME280, _BME680, _ALPHASENSE, _BH1750, _INA226, _INA219):
        options["address"] = address
    if len(channels) < len(most):
        options["channels"] = channels
    return options


def _period(part: int) -> int:
    return _SECOND_MS if part in (_SGP41, _SEN5X, _SEN50, _SPS30) else _SLOW_MS


class Probe:
    """Asks one address after the other who is there."""

    def __init__(self, i2c: "I2c", sleep_ms: "SleepMs") -> None:
        self._i2c = i2c
        self._sleep_ms = sleep_ms
        self._byte = bytearray(1)
        self._word = bytearray(2)
        self._words = bytearray(9)  # three of Sensirion's, each with its checksum

    async def part_at(self, address: int) -> int:
        """Give the part, or that nobody answers, or that it is a stranger."""
        try:
            return await self._asked(address)
        except OSError:
            return _NOBODY

    async def _asked(self, address: int) -> int:
        if address in b"\x76\x77":
            return self._bosch(address)
        if 0x48 <= address <= 0x4B:
            return self._converter(address)
        if address in b"\x40\x41":
            return self._power_meter(address)
        if address == 0x36:
            return _MAX17048 if self._register(address, 8) & 0xFFF0 == 0x0010 else _STRANGER
        if address in b"\x44\x45\x46\x59\x61\x62\x69":
            return await self._sensirion(address)
        self._i2c.readfrom_into(address, self._byte)
        return _BH1750 if address in b"\x23\x5c" else _STRANGER  # it has no identity

    def _bosch(self, address: int) -> int:
        self._i2c.readfrom_mem_into(address, 0xD0, self._byte)
        return {0x60: _BME280, 0x61: _BME680}.get(self._byte[0], _STRANGER)

    def _converter(self, address: int) -> int:
        """Its comparator's limits are what tells an ADS1115 from others at these addresses."""
        limits = (self._register(address, 2), self._register(address, 3))
        return _ALPHASENSE if limits == (0x8000, 0x7FFF) else _STRANGER

    def _power_meter(self, address: int) -> int:
        """An INA226 has its maker's name; an INA219 only settings that are its own, or ours."""
        if self._register(address, 0xFE) == 0x5449:
            return _INA226
        return _INA219 if self._register(address, 0) in (0x399F, 0x3FFB) else _STRANGER

    def _register(self, address: int, register: int) -> int:
        self._i2c.readfrom_mem_into(address, register, self._word)
        return self._word[0] << 8 | self._word[1]

    async def _sensirion(self, address: int) -> int:
        """Each question is one that the part answers while it measures, too."""
        if address == 0x69:
            return await self._particles()
        if address == 0x59:
            part, question = _SGP41, b"\x36\x82"  # serial number
        elif address == 0x61:
            part, question = _SCD30, b"\xd1\x00"  # version
        elif address == 0x62:
            part, question = _SCD41, b"\xe4\xb8"  # is there something new?
        else:
            part, question = _SHT4X, b"\x89"  # serial number
        return part if await self._answers(address, question, 1) else _STRANGER

    async def _particles(self) -> int:
        """A SEN5x has a product name, an SPS30 a product type."""
        words = self._words
        try:
            named = await self._answers(0x69, b"\xd0\x14", 3)
        except OSError:
            named = False  # an SPS30 does not acknowledge what it does not know
        if named and words[:2] == b"SE":
            return _SEN50 if words[6] == 0x30 else _SEN5X
        if await self._answers(0x69, b"\xd0\x02", 1) and words[:2] == b"00":
            return _SPS30
        return _STRANGER

    async def _answers(self, address: int, question: bytes, count: int) -> bool:
        """Ask, and read so many words; say whether they came with right checksums.

        Raises OSError if the question is not acknowledged.
        """
        from barri_node.drivers.sensirion import crc8

        end = 3 * count
        words = memoryview(self._words)[:end]
        self._i2c.writeto(address, question)
        await self._sleep_ms(_ANSWER_MS)
        try:
            self._i2c.readfrom_into(address, words)  # type: ignore[arg-type]  # it takes buffers
        except OSError:
            return False
        return all([crc8(self._words, at, at + 2) == words[at + 2] for at in range(0, end, 3)])
