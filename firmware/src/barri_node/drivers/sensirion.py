# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What Sensirion's parts on I2C have in common: commands, words of 16 bits with a checksum each,
and how a driver of such a part fails and begins again. Imports no hardware.
"""

from micropython import const

from barri_node.errors import SensorError
from barri_wire.quantities import BY_NAME, plausible

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from barri_node.ports import I2c, Readings, SleepMs

_CRC_POLYNOMIAL = const(0x31)
_CRC_START = const(0xFF)
_WORD_BYTES = const(3)  # two of data, one of checksum

# So many measurements in a row with the very same raw words, noise and all, are a part that hangs:
# an hour at one every 10 s.
_MOST_STILL = const(360)


def crc8(data: "bytes | bytearray | memoryview", start: int, end: int) -> int:
    """The checksum of bytes start..end-1, CRC-8 from 0xFF on; 0xBEEF gives 0x92."""
    crc = _CRC_START
    for at in range(start, end):
        crc ^= data[at]
        for _ in range(8):
            crc = crc << 1 ^ _CRC_POLYNOMIAL if crc & 0x80 else crc << 1
            crc &= 0xFF
    return crc


def float_steps(high: int, low: int, per_unit: int) -> "int | None":
    """An IEEE 754 number in two words, in steps of 1/per_unit, rounded; None: not a number, or
    2**24 and more. In integers, since a board's own floats would round it a second time.
    """
    exponent = (high >> 7 & 0xFF) - 127
    if exponent > 23:
        return None
    scaled = (high & 0x7F | 0x80) << 16 | low
    scaled *= per_unit
    shift = 23 - exponent
    if shift > 60:
        return 0  # also every denormal number
    steps = (scaled + (1 << shift >> 1)) >> shift
    return -steps if high & 0x8000 else steps


class Words:
    """The bus as a Sensirion part uses it. All but `word` and `text` raise OSError."""

    def __init__(self, i2c: "I2c", address: int, most_words: int) -> None:
        self._i2c = i2c
        self._address = address
        self._sent = bytearray(2 + 2 * _WORD_BYTES)
        self.raw = bytearray(_WORD_BYTES * most_words)
        self._view = memoryview(self.raw)

    def opcode(self, code: int) -> None:
        """Send a command of one byte."""
        self._i2c.writeto(self._address, bytes((code,)))

    def command(self, code: int, *words: int) -> None:
        """Send a command of two bytes and up to two words."""
        sent = self._sent
        sent[0], sent[1] = code >> 8, code & 0xFF
        end = 2
        for word in words:
            sent[end], sent[end + 1] = word >> 8, word & 0xFF
            sent[end + 2] = crc8(sent, end, end + 2)
            end += _WORD_BYTES
        self._i2c.writeto(self._address, memoryview(sent)[:end])  # type: ignore[arg-type]  # bytes

    def receive(self, count: int) -> None:
        """Read so many words; `word` has them. Raises SensorError for a wrong checksum."""
        view = self._view[: _WORD_BYTES * count]
        self._i2c.readfrom_into(self._address, view)  # type: ignore[arg-type]  # it takes buffers
        for at in range(0, _WORD_BYTES * count, _WORD_BYTES):
            if crc8(self.raw, at, at + 2) != self.raw[at + 2]:
                raise SensorError("a wrong checksum; is the cable long, or a pull-up missing?")

    def word(self, at: int) -> int:
        """A word received, 0..65535."""
        return self.raw[_WORD_BYTES * at] << 8 | self.raw[_WORD_BYTES * at + 1]

    def signed(self, at: int) -> int:
        """A word received, -32768..32767."""
        word = self.word(at)
        return word - 0x10000 if word & 0x8000 else word

    def text(self, count: int) -> str:
        """The characters in the first words received, up to the first zero."""
        found = ""
        for at in range(2 * count):
            code = self.raw[at // 2 * _WORD_BYTES + at % 2]
            if not 0x20 <= code < 0x7F:
                break
            found += chr(code)
        return found


class Part:
    """A driver without its part. Those of this family say what is different in:

    `_NAME`; `_begin()`, which checks the identity and starts the part; `_take()`, which gives its
    readings, or None while there are no new ones; `_PATIENCE`, after how many measurements without
    a value it is started anew, as one that was without power for a moment and has forgotten.
    channels: which of CHANNELS to give; what is not among them is read and thrown away here.
    """

    CHANNELS: "tuple[str, ...]" = ()
    _NAME = ""
    _PATIENCE = 12

    def __init__(
        self,
        i2c: "I2c",
        sleep_ms: "SleepMs",
        address: int,
        most_words: int,
        channels: "tuple[str, ...]",
    ) -> None:
        self.CHANNELS = channels
        self._words = Words(i2c, address, most_words)
        self._sleep_ms = sleep_ms
        self._address = address
        self._before = bytearray(len(self._words.raw))
        self._same = 0
        self._missed = 0
        self._started = False
        self.faults = 0
        self.last_fault: "str | None" = None

    async def start(self) -> None:
        """Check which part it is and start it. Raises SensorError if it is absent or another."""
        self._started = False
        try:
            await self._begin()
        except OSError as error:
            raise SensorError(
                "{}: no answer at 0x{:02x}; check power, SDA and SCL ({})".format(
                    self._NAME, self._address, error
                )
            ) from error
        except SensorError as error:
            raise SensorError("{}: {}".format(self._NAME, error.reason)) from error
        self._started = True

    async def measure(self) -> "Readings":
        """Give the newest readings, in the steps of the quantity table; None for no reading."""
        try:
            if not self._started:
                await self.start()
            readings = await self._take()
        except SensorError as error:
            return self._nothing(error.reason, forgotten=False)
        except OSError as error:
            return self._nothing("no answer ({})".format(error))
        if readings is None:
            return self._nothing(None)
        self._missed = 0
        return {name: self._flagged(name, readings.get(name)) for name in self.CHANNELS}

    async def _begin(self) -> None:
        raise NotImplementedError

    async def _take(self) -> "Readings | None":
        raise NotImplementedError

    async def _stop(self, code: int, wait_ms: int) -> None:
        """Bring it to rest: it may still measure from before a restart of the node. In rest
        already, it need not acknowledge; whether it is there at all is asked next.
        """
        try:
            self._words.command(code)
        except OSError:
            pass
        await self._sleep_ms(wait_ms)

    async def _ask(self, code: int, words: int, wait_ms: int) -> None:
        """Send a command, wait, and receive its answer."""
        self._words.command(code)
        await self._sleep_ms(wait_ms)
        self._words.receive(words)

    def _refuse(self, found: str) -> None:
        raise SensorError("the part at 0x{:02x} says {}".format(self._address, found))

    def _check_serial(self, words: int) -> None:
        """A serial number just received; all zeros or all ones is a line without a part."""
        if {self._words.word(at) for at in range(words)} in ({0}, {0xFFFF}):
            self._refuse("no serial number")

    def _on_scale(self, word: int) -> bool:
        """False, and a fault, for a word at either end of its scale, as of a broken cell."""
        if 0 < word < 0xFFFF:
            return True
        self._note("a value at the end of its scale; is the part damaged or wet?")
        return False

    def _check_alive(self) -> None:
        """Raise SensorError when the words just received have stood still for too long."""
        if self._before == self._words.raw:
            self._same += 1
        else:
            self._same = 0
            self._before[:] = self._words.raw
        if self._same >= _MOST_STILL:
            raise SensorError("the same values {} times; it is stuck".format(self._same + 1))

    def _nothing(self, fault: "str | None", forgotten: bool = True) -> "Readings":
        """No readings. After many that look as if it had forgotten to measure, start it anew."""
        self._missed += forgotten
        if self._missed >= self._PATIENCE:
            self._missed = 0
            self._started = False
            fault = fault or "no new values; it is started again"
        if fault is not None:
            self._note(fault)
        return dict.fromkeys(self.CHANNELS)

    def _flagged(self, name: str, value: "int | None") -> "int | None":
        """The value, or None and a fault where no working sensor could report it."""
        if value is None or plausible(BY_NAME[name], value):
            return value
        self._note("{} is out of its range ({} steps)".format(name, value))
        return None

    def _note(self, fault: str) -> None:
        """Count a fault, and keep what it was."""
        self.faults += 1
        self.last_fault = fault if fault.startswith(self._NAME) else self._NAME + ": " + fault
