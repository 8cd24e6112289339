# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A smart meter's P1 port: a DSMR 5 telegram each second at 115200 baud.

Follows the P1 Companion Standard 5.0.2. The identifiers in it say that it is simulated. Not
modelled: the Data Request line (always asked), gas and water meters behind it, encryption.
"""

import datetime

from barri_tools.sim.chips.uart_line import UartLine
from barri_tools.sim.journal import Journal
from barri_tools.sim.world import World

_BAUD = 115_200
_PERIOD_US = 1_000_000
_MOST_PERIODS = 4  # what a caller who was away for long still finds on the line
_QUANTITIES = ("energy_import", "energy_export", "power_import", "power_export", "voltage")
_HEADER = "/BRR5\\SIMULATED-METER"
_EQUIPMENT = "53494D554C41544544"  # "SIMULATED" as the standard writes text: hexadecimal


def crc16(data: bytes) -> int:
    """CRC-16 of a telegram from "/" to "!" (polynomial 0xA001, start 0), bit by bit."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return crc


def telegram(values: dict[str, float | None], moment: datetime.datetime) -> bytes:
    """Make a telegram. values: by quantity, in Wh, W, V; a line without a value is left out."""
    lines = [
        _HEADER,
        "",
        "1-3:0.2.8(50)",
        f"0-0:1.0.0({moment:%y%m%d%H%M%S}W)",
        f"0-0:96.1.1({_EQUIPMENT})",
        *_counter_lines("1.8", values["energy_import"]),
        *_counter_lines("2.8", values["energy_export"]),
        "0-0:96.14.0(0002)",
        *_power_line("1.7.0", values["power_import"]),
        *_power_line("2.7.0", values["power_export"]),
        "0-0:96.7.21(00004)",
        "0-0:96.7.9(00002)",
        "1-0:32.32.0(00001)",
        "1-0:32.36.0(00000)",
        "0-0:96.13.0()",
        *_voltage_lines(values["voltage"], values["power_import"]),
    ]
    text = ("\r\n".join(lines) + "\r\n!").encode("ascii")
    return text + f"{crc16(text):04X}\r\n".encode("ascii")


def _counter_lines(code: str, energy_wh: float | None) -> list[str]:
    """Both tariffs: two fifths of the energy in the first, so that both rise and add up."""
    if energy_wh is None:
        return []
    tariff_1 = int(energy_wh) * 2 // 5
    tariffs = (tariff_1, int(energy_wh) - tariff_1)
    return [f"1-0:{code}.{n}({wh / 1000:010.3f}*kWh)" for n, wh in enumerate(tariffs, start=1)]


def _power_line(code: str, power_w: float | None) -> list[str]:
    return [] if power_w is None else [f"1-0:{code}({power_w / 1000:06.3f}*kW)"]


def _voltage_lines(voltage_v: float | None, power_w: float | None) -> list[str]:
    if voltage_v is None:
        return []
    current_a = (power_w or 0.0) / voltage_v if voltage_v else 0.0
    return [f"1-0:32.7.0({voltage_v:05.1f}*V)", f"1-0:31.7.0({current_a:03.0f}*A)"]


class P1Port:
    """The model. Where the World has no import counter there is no meter, and the line is silent.

    starts_at: the meter's own clock at simulated zero (nothing here reads it).
    """

    def __init__(
        self,
        world: World,
        journal: Journal,
        starts_at: datetime.datetime = datetime.datetime(2026, 1, 15, 9, tzinfo=datetime.UTC),
        name: str = "p1_meter",
    ) -> None:
        self._world = world
        self._journal = journal
        self._starts_at = starts_at
        self._name = name
        self._line = UartLine(_BAUD)
        self._next_us = 0

    def receive(self, data: bytes, now_us: int) -> None:
        """A P1 port has no input: what the node sends is lost."""

    def transmit(self, now_us: int) -> bytes:
        """Give what has arrived at the node since the last call."""
        if now_us - self._next_us > _MOST_PERIODS * _PERIOD_US:
            self._next_us = (now_us // _PERIOD_US - _MOST_PERIODS + 1) * _PERIOD_US
        while self._next_us <= now_us:
            self._send(self._next_us)
            self._next_us += _PERIOD_US
        return self._line.take(now_us)

    def _send(self, t_us: int) -> None:
        values = {name: self._world.value(name, t_us / 1e6) for name in _QUANTITIES}
        if values["energy_import"] is None:
            return
        for name, value in values.items():
            self._journal.note(self._name, name, t_us, value)
        moment = self._starts_at + datetime.timedelta(microseconds=t_us)
        self._line.send(telegram(values, moment), t_us)
