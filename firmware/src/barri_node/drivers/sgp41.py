# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Sensirion SGP41 on I2C: how much volatile organics and nitrogen oxides, as indices (datasheet of
the SGP41). It has to be asked once a second: the index learns by counting its values. Its heater
draws 3 mA all the time, so it is for nodes on a supply. Imports no hardware.
"""

from micropython import const

from barri_node.drivers.gas_index import GasIndex, nox, voc
from barri_node.drivers.sensirion import Part

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Callable

    from barri_node.ports import I2c, Readings, SleepMs

    State = tuple[int, int]

_ADDRESS = const(0x59)
_SERIAL = const(0x3682)
_CONDITION = const(0x2612)
_MEASURE = const(0x2619)
_HEATER_OFF = const(0x3615)
_COMMAND_MS = const(2)  # at most 1
_RAW_MS = const(51)  # at most 50
# More than 10 s of conditioning harm the NOx pixel; the ninth second leaves room for other tasks.
_CONDITIONING_MS = const(9000)
_CONDITIONING_STEP_MS = const(500)
_PAUSE_MS = const(60000)  # a loose wire must not condition it over and over
_ATTEMPTS, _ATTEMPT_MS = const(9), const(100)

# What the part takes as "no compensation": 50 % and 25 degC.
_HUMIDITY_WORD, _TEMPERATURE_WORD = const(0x8000), const(0x6666)

_STALE_MS = const(600000)  # after ten minutes without values, what was learnt is not trusted
_SAVE_EVERY = const(300)  # measurements, so five minutes


def humidity_word(tenths: int) -> int:
    """0.1 % to the part's scale: 65535 is 100 %."""
    return (min(max(tenths, 0), 1000) * 65535 + 500) // 1000


def temperature_word(hundredths: int) -> int:
    """0.01 degC to the part's scale: -45 degC is 0, 130 degC is 65535."""
    return ((min(max(hundredths, -4500), 13000) + 4500) * 65535 + 8750) // 17500


class Sgp41(Part):
    """The driver.

    uptime_ms: never goes back. climate: gives the newest readings of a part with temperature and
    humidity, or an empty dict; without it nothing is compensated. load, save: keep what the VOC
    index has learnt over a restart; `load` gives None for what is over ten minutes old.
    """

    CHANNELS: "tuple[str, ...]" = ("voc_index", "nox_index")
    _NAME = "sgp41"
    _PATIENCE = 3  # a part that was without power has to be conditioned again

    def __init__(
        self,
        i2c: "I2c",
        sleep_ms: "SleepMs",
        uptime_ms: "Callable[[], int]",
        climate: "Callable[[], Readings] | None" = None,
        load: "Callable[[], State | None] | None" = None,
        save: "Callable[[State], None] | None" = None,
        channels: "tuple[str, ...]" = CHANNELS,
    ) -> None:
        super().__init__(i2c, sleep_ms, _ADDRESS, 3, channels)
        self._uptime_ms = uptime_ms
        self._climate = climate
        self._load = load
        self._save = save
        self._until_save = _SAVE_EVERY
        self._conditioned_ms = -_PAUSE_MS
        self._learn_anew()
        state = load() if load else None
        if state is not None:
            self._voc.resume(state)
        self._newest_ms = uptime_ms()

    async def _begin(self) -> None:
        await self._ask(_SERIAL, 3, _COMMAND_MS)
        self._check_serial(3)
        self._words.command(_HEATER_OFF)  # the conditioning begins from idle, whatever was before
        await self._sleep_ms(_COMMAND_MS)
        if self._uptime_ms() - self._conditioned_ms >= _PAUSE_MS:
            await self._condition_and_measure()

    async def _condition_and_measure(self) -> None:
        measuring = False
        try:
            await self._condition()
            await self._ask_compensated(_MEASURE, 2)  # straight on, or the heaters cool down
            measuring = True
        finally:
            self._conditioned_ms = self._uptime_ms()
            if not measuring:
                await self._insist_on_heaters_off()

    async def _insist_on_heaters_off(self) -> None:
        """Left in conditioning the part would harm itself, so one lost command is not the end."""
        for _ in range(_ATTEMPTS):
            try:
                self._words.command(_HEATER_OFF)
                return
            except OSError:
                await self._sleep_ms(_ATTEMPT_MS)

    async def _condition(self) -> None:
        begun_ms = self._uptime_ms()
        while self._uptime_ms() - begun_ms < _CONDITIONING_MS:
            await self._ask_compensated(_CONDITION, 1)
            await self._sleep_ms(_CONDITIONING_STEP_MS)

    async def _take(self) -> "Readings | None":
        await self._ask_compensated(_MEASURE, 2)
        self._check_alive()
        now_ms = self._uptime_ms()
        if now_ms - self._newest_ms > _STALE_MS:
            self._learn_anew()
        self._newest_ms = now_ms
        readings: "Readings" = {
            "voc_index": self._index(self._voc, self._words.word(0)),
            "nox_index": self._index(self._nox, self._words.word(1)),
        }
        self._keep()
        return readings

    async def _ask_compensated(self, code: int, words: int) -> None:
        climate = self._climate() if self._climate else {}
        humidity, temperature = climate.get("humidity"), climate.get("temperature")
        if humidity is None or temperature is None:
            self._words.command(code, _HUMIDITY_WORD, _TEMPERATURE_WORD)
        else:
            self._words.command(code, humidity_word(humidity), temperature_word(temperature))
        await self._sleep_ms(_RAW_MS)
        self._words.receive(words)

    def _index(self, gas: GasIndex, word: int) -> "int | None":
        return gas.add(word) if self._on_scale(word) else None

    def _learn_anew(self) -> None:
        self._voc = GasIndex(voc())
        self._nox = GasIndex(nox())

    def _keep(self) -> None:
        """Every five minutes, hand over what the VOC index has learnt."""
        self._until_save -= 1
        if self._until_save > 0 or self._save is None:
            return
        self._until_save = _SAVE_EVERY
        state = self._voc.state()
        if state is not None:
            self._save(state)
