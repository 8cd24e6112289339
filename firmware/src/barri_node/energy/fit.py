# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Which meter the settings name, made ready: its driver, its line, its counters.

Loads only the driver that is named. MAINS: see hardware/mains-warning.md before connecting any.
"""

from binascii import unhexlify

from micropython import const

from barri_node.energy.kept_file import KeptFile

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from barri_node.energy.decipher import Decipher
    from barri_node.ports import Driver, Hal
    from barri_node.store.ringlog import RingLog

_P1_BUS = const(2)  # the boards' files have it upside down, as a P1 port is
_MODBUS_BUS = const(1)
_PULSE_BUS = const(0)
_PULSE_BITS = const(16)  # the simulated counter's; a board's goes on for ever
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
    whole = at == 0  # all that was ever kept is looked at
    while at < log.flushed:
        records = log.read(at, _AT_ONCE)  # of one schema; of health there are some in between
        if not records:
            whole = False
            break
        whole = whole and records[0].sequence == at
        quantities = log.schema_of(records[0].sequence).quantities
        for record in records:
            for quantity, value in zip(quantities, record.values):  # noqa: B905
                if quantity.name in names and value is not None:
                    found[quantity.name] = value
        at = records[-1].sequence + 1
    for name in names if whole else ():
        found.setdefault(name, 0)  # none was told yet
    return found


def fitted(
    meter: "dict[str, Any]", hal: "Hal", uptime_ms: "Callable[[], int]", log: "RingLog"
) -> "Driver":
    """The driver of the meter that the settings say, with the counters of the records in `log`."""
    return Fitting(meter, hal, uptime_ms, hal.flash_root(), recorded(log)).driver()


class Fitting:
    """What a meter is made with.

    given: the settings' table "meter", as `options.read` gives it. folder: where counters are
    kept. recorded: the newest energy in the log by quantity name, 0 if the log is empty; a name
    that is missing is unknown.
    """

    def __init__(
        self,
        given: "dict[str, Any]",
        hal: "Hal",
        uptime_ms: "Callable[[], int]",
        folder: str,
        recorded: "dict[str, int]",
    ) -> None:
        self._given = given
        self._hal = hal
        self._uptime_ms = uptime_ms
        self._folder = folder
        self._recorded = recorded

    def driver(self) -> "Driver":
        """Make the driver. Raises SettingsError where the board lacks what it is wired to."""
        kind = self._given.get("kind", "p1")
        if kind == "pzem004t":
            return self._pzem004t()
        if kind == "sdm120":
            return self._sdm120()
        if kind == "pulse_led":
            return self._pulse_led()
        return self._p1(kind == "p1_old")

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
            self._given.get("unit", pzem004t.ANY_UNIT),
            pzem004t.counter(*self._kept("energy_import")),
        )

    def _sdm120(self) -> "Driver":
        from barri_node.energy import sdm120

        return sdm120.Sdm120(
            self._hal.uart(_MODBUS_BUS, self._given.get("baud", sdm120.BAUD)),
            self._hal.sleep_ms,
            self._given.get("unit", 1),
            sdm120.counter(*self._kept("energy_import")),
            sdm120.counter(*self._kept("energy_export")),
        )

    def _pulse_led(self) -> "Driver":
        from barri_node.energy import pulse_led

        impulses = self._given["impulses_per_kwh"]
        # Pulses are no Wh, and those of another meter are other ones: a file for each.
        keeper = KeptFile("{}/pulses_{}".format(self._folder, impulses))
        recorded = self._recorded.get("energy_import")
        if recorded is not None:
            recorded = pulse_led.pulses_for(recorded, impulses)
        total = pulse_led.counter(_PULSE_BITS, keeper, recorded, max(1, impulses // 10))
        return pulse_led.PulseLed(self._hal.pulses(_PULSE_BUS), self._uptime_ms, impulses, total)

    def _kept(self, name: str) -> "tuple[KeptFile, int | None]":
        """Where a counter is kept, and what the log has of it."""
        return KeptFile("{}/{}".format(self._folder, name)), self._recorded.get(name)

    def _decipher(self) -> "Decipher | None":
        key = self._given.get("key")
        if key is None:
            return None
        from barri_node.energy.decipher import Decipher, aes_128

        return Decipher(aes_128(unhexlify(key.reveal())))
