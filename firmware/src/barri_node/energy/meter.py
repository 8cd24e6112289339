# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A smart meter's P1 port on a UART: what the household draws, gives, and has counted.

MAINS: the meter's customer port and nothing else, see hardware/mains-warning.md. 115200 baud 8N1,
or 9600 up to DSMR 3, always inverted; the UART's receive buffer should hold 8 kB, a whole Belgian
telegram. Imports no hardware.
"""

from micropython import const

from barri_node.energy.monotonic import Monotonic
from barri_node.energy.p1 import MOST_TELEGRAM_BYTES, TelegramParser
from barri_node.errors import SensorError
from barri_wire.quantities import BY_NAME, plausible

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from barri_node.energy.decipher import Decipher
    from barri_node.energy.monotonic import Keeper
    from barri_node.ports import Readings, SleepMs, Uart

BAUD, OLD_BAUD = 115200, 9600
# DSMR 5 sends each second, the old ones every 10 s; a damaged one costs as much again.
TIMEOUT_MS, OLD_TIMEOUT_MS = 2500, 25000

_POLL_MS = const(20)
_SILENT_POLLS = const(5)  # within a telegram no meter pauses for so long
# So many odd readings in a row are not damage but another meter.
_NEW_METER_READINGS = const(3)
# Old meters show five digits of kWh, later ones six or eight: all start over at multiples of this.
_MODULUS_WH = const(100000000)
_MOST_WRAP_WH = const(100000)
_MOST_RISE_WH = const(10000000)  # two years of a household, in which the node lay in a drawer


def counter(keeper: "Keeper | None" = None, recorded: "int | None" = None) -> Monotonic:
    """Make a counter that outlives the meter. keeper, recorded: as `Monotonic` has them."""
    return Monotonic(
        _MOST_RISE_WH,
        _MODULUS_WH,
        _MOST_WRAP_WH,
        _NEW_METER_READINGS,
        keeper=keeper,
        recorded=recorded,
    )


class P1Meter:
    """The driver. timeout_ms: how long to wait for a telegram. checksum_optional: accept telegrams
    that come without checksum and without parity. imported, exported: what counts go through.
    decipher: makes encrypted telegrams plain.
    """

    CHANNELS = ("energy_import", "energy_export", "power_import", "power_export", "voltage")

    def __init__(
        self,
        uart: "Uart",
        sleep_ms: "SleepMs",
        timeout_ms: int = TIMEOUT_MS,
        checksum_optional: bool = False,
        imported: "Monotonic | None" = None,
        exported: "Monotonic | None" = None,
        decipher: "Decipher | None" = None,
    ) -> None:
        self._uart = uart
        self._sleep_ms = sleep_ms
        self._polls = timeout_ms // _POLL_MS
        self._parser = TelegramParser(checksum_optional)
        self._buffer = bytearray(512)
        self._imported = imported or counter()
        self._exported = exported or counter()
        self._decipher = decipher
        self._heard = 0  # bytes of the present wait
        self._silent = 0  # polls in a row
        self.faults = 0
        self.last_fault: "str | None" = None

    async def start(self) -> None:
        """Wait for a telegram. Raises SensorError if none comes."""
        if await self._telegram() is None:
            raise SensorError(self._silence())

    async def measure(self) -> "Readings":
        """Wait for the next telegram. Steps: 1 Wh, 1 W, 0.1 V; None for what it does not say."""
        telegram = await self._telegram()
        if telegram is None:
            self._fail(self._silence())
            return dict.fromkeys(self.CHANNELS)
        self._count("energy_import", self._imported, telegram)
        self._count("energy_export", self._exported, telegram)
        for name, value in telegram.items():
            if value is not None and not plausible(BY_NAME[name], value):
                telegram[name] = None
        return telegram

    async def _telegram(self) -> "Readings | None":
        """Give the next telegram that ends after now, or None if none comes in time."""
        self._catch_up()
        self._heard = 0
        for _ in range(self._polls):
            await self._sleep_ms(_POLL_MS)
            telegram = self._parser.feed(self._buffer, self._receive())
            if telegram is not None:
                return telegram
        return None

    def _catch_up(self) -> None:
        """Read what the UART held over from before; a telegram that is under way is kept."""
        for _ in range(2 * MOST_TELEGRAM_BYTES // len(self._buffer)):
            count = self._receive()
            if not count:
                return
            self._parser.feed(self._buffer, count)

    def _receive(self) -> int:
        """Read what is there, at most a buffer; give the number of bytes of text."""
        if not self._uart.any():
            self._silent += 1
            if self._decipher and self._silent == _SILENT_POLLS:
                self._decipher.reset()
            return 0
        self._silent = 0
        count = self._uart.readinto(self._buffer) or 0
        self._heard += count
        return self._decipher.feed(self._buffer, count) if self._decipher else count

    def _count(self, name: str, total: Monotonic, telegram: "Readings") -> None:
        """Replace what the meter has counted by what has been counted in all."""
        value = telegram[name]
        if value is None:
            return
        gaps = total.gaps
        telegram[name] = total.read(value)
        if total.off:
            self._fail("p1: {}: held back at {} Wh".format(name, value))
        elif total.gaps > gaps:
            self._fail("p1: {}: counts on from {} Wh, is the meter new?".format(name, value))

    def _fail(self, fault: str) -> None:
        self.faults += 1
        self.last_fault = fault

    def _silence(self) -> str:
        if not self._heard:
            return "p1: no telegram came; check the cable and the Data Request pin"
        return (
            "p1: bytes came and no whole telegram ({} damaged); is the line inverted, is it "
            "a meter before DSMR 4 (9600 baud), or one that encrypts?".format(self._parser.damaged)
        )
