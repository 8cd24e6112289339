# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Which meter the settings name, made ready: its driver, its line, its counters.

Loads only the driver that is named. MAINS: see hardware/mains-warning.md before connecting any.
"""

from binascii import unhexlify

from micropython import const

from barri_node.energy.kept_file import KeptFile
from barri_node.errors import SettingsError

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Callable

    from barri_node.energy.decipher import Decipher
    from barri_node.energy.pulse_led import PulseCounter
    from barri_node.ports import Driver, Hal
    from barri_node.store.ringlog import RingLog

_P1_BUS = const(2)  # the boards' files have it upside down, as a P1 port is
_MODBUS_BUS = const(1)
_P1_BUFFER = const(8192)
_LOOK_BACK = const(32)  # records; older energy would be no news of what left
_AT_ONCE = const(8)


def recorded(log: "RingLog") -> "dict[str, int]":
    """The newest energy in the log by quantity name: 0 if it is new, nothing if nobody knows."""
    names = ("energy_import", "energy_export")
    if not log.next_sequence:
        return dict([(name, 0) for name in names])
    found: "dict[str, int]" = {}
    at = max(log.oldest, log.flushed - _LOOK_BACK)
    while at < log.flushed:
        records = log.read(at, _AT_ONCE)  # of one schema; of health there are some in between
        if not records:
            break
        quantities = log.schema_of(records[0].sequence).quantities
        for record in records:
            for quantity, value in zip(quantities, record.values):  # noqa: B905
                if quantity.name in names and value is not None:
                    found[quantity.name] = value
        at = records[-1].sequence + 1
    return found


class Fitting:
    """What a meter is made with.

    given: the settings' table "meter": kind "p1" (what an empty table means), "p1_old" (before
    DSMR 4), "pzem004t", "sdm120" or "pulse_led"; key: 32 hexadecimal digits where P1 is encrypted;
    unit: a Modbus address; impulses_per_kwh: of a pulse_led.
    folder: where counters are kept. recorded: the newest energy in the log by quantity name, 0 if
    the log is empty; a name that is missing is unknown. pulses: the board's pulse counter.
    """

    def __init__(
        self,
        given: "dict[str, object]",
        hal: "Hal",
        uptime_ms: "Callable[[], int]",
        folder: str,
        recorded: "dict[str, int]",
        pulses: "PulseCounter | None" = None,
    ) -> None:
        self._given = given
        self._hal = hal
        self._uptime_ms = uptime_ms
        self._folder = folder
        self._recorded = recorded
        self._pulses = pulses

    def driver(self) -> "Driver":
        """Make the driver. Raises SettingsError that names the setting and what it must be."""
        kind = self._given.get("kind", "p1")
        if kind in ("p1", "p1_old"):
            return self._p1(kind == "p1_old")
        if kind == "pzem004t":
            return self._pzem004t()
        if kind == "sdm120":
            return self._sdm120()
        if kind == "pulse_led":
            return self._pulse_led()
        raise SettingsError("meter.kind", "one of p1, p1_old, pzem004t, sdm120, pulse_led")

    def _p1(self, old: bool) -> "Driver":
        from barri_node.energy import meter

        baud = meter.OLD_BAUD if old else meter.BAUD
        return meter.P1Meter(
            self._hal.uart(_P1_BUS, baud, rxbuf=_P1_BUFFER),
            self._hal.sleep_ms,
            meter.OLD_TIMEOUT_MS if old else meter.TIMEOUT_MS,
            imported=meter.counter(*self._kept("energy_import")),
            exported=meter.counter(*self._kept("energy_export")),
            decipher=self._decipher(),
        )

    def _pzem004t(self) -> "Driver":
        from barri_node.energy import pzem004t

        return pzem004t.Pzem004t(
            self._hal.uart(_MODBUS_BUS, pzem004t.BAUD),
            self._hal.sleep_ms,
            self._number("unit", 1, pzem004t.ANY_UNIT, pzem004t.ANY_UNIT),
            pzem004t.counter(*self._kept("energy_import")),
        )

    def _sdm120(self) -> "Driver":
        from barri_node.energy import sdm120

        return sdm120.Sdm120(
            self._hal.uart(_MODBUS_BUS, sdm120.BAUD),
            self._hal.sleep_ms,
            self._number("unit", 1, 247, 1),
            sdm120.counter(*self._kept("energy_import")),
            sdm120.counter(*self._kept("energy_export")),
        )

    def _pulse_led(self) -> "Driver":
        from barri_node.energy import pulse_led

        if self._pulses is None:
            raise SettingsError("meter.kind", "not pulse_led: this board counts no pulses")
        impulses = self._number("impulses_per_kwh", 1, 100000, 1000)
        keeper, recorded_wh = self._kept("energy_import")
        recorded = None if recorded_wh is None else pulse_led.pulses_for(recorded_wh, impulses)
        total = pulse_led.counter(16, keeper, recorded)
        return pulse_led.PulseLed(self._pulses, self._uptime_ms, impulses, total)

    def _kept(self, name: str) -> "tuple[KeptFile, int | None]":
        """Where a counter is kept, and what the log has of it."""
        return KeptFile("{}/{}".format(self._folder, name)), self._recorded.get(name)

    def _decipher(self) -> "Decipher | None":
        key = self._given.get("key")
        if key is None:
            return None
        from barri_node.energy.decipher import Decipher, aes_128

        try:
            return Decipher(aes_128(unhexlify(key)))  # type: ignore[arg-type]  # or TypeError
        except (ValueError, TypeError):
            raise SettingsError("meter.key", "32 hexadecimal digits from the grid operator")

    def _number(self, name: str, lowest: int, highest: int, otherwise: int) -> int:
        value = self._given.get(name, otherwise)
        if not isinstance(value, int) or not lowest <= value <= highest:
            advice = "must be a whole number from {} to {}".format(lowest, highest)
            raise SettingsError("meter." + name, advice)
        return value
