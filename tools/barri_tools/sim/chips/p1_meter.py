# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A smart meter's P1 port that speaks one of the dialects, DSMR 5 if nothing else is asked.

Follows the P1 Companion Standards. The identifiers in it say that it is simulated. Not modelled:
the Data Request line (always asked), gas and water meters behind it, encryption.
"""

import datetime

from barri_tools.sim.chips.p1_dialects import (
    DIALECTS,
    Dialect,
    energy_lines,
    history_line,
    power_line,
    voltage_line,
    with_parity,
)
from barri_tools.sim.chips.uart_line import UartLine
from barri_tools.sim.journal import Journal
from barri_tools.sim.world import World

_MOST_PERIODS = 4  # what a caller who was away for long still finds on the line
_QUANTITIES = ("energy_import", "energy_export", "power_import", "power_export", "voltage")
_EQUIPMENT = "53494D554C41544544"  # "SIMULATED" as the standard writes text: hexadecimal


def crc16(data: bytes, polynomial: int = 0xA001, crc: int = 0) -> int:
    """CRC-16 of a telegram from "/" to "!", bit by bit (reflected polynomial, start value)."""
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ polynomial if crc & 1 else crc >> 1
    return crc


def _checksum(dialect: Dialect, data: bytes) -> str:
    if dialect.checksum is None:
        return ""
    if dialect.checksum == "x25":
        return f"{crc16(data, 0x8408, 0xFFFF) ^ 0xFFFF:04X}"
    return f"{crc16(data):04X}"


def telegram(
    values: dict[str, float | None],
    moment: datetime.datetime,
    dialect: Dialect = DIALECTS["dsmr5"],
) -> bytes:
    """Make a telegram. values: by quantity, in Wh, W, V; a line without a value is left out."""
    lines = [
        dialect.header,
        "",
        *([dialect.version] if dialect.version else []),
        f"0-0:1.0.0({moment:%y%m%d%H%M%S}W)",
        f"0-0:96.1.1({_EQUIPMENT})",
        *energy_lines(dialect, "1.8", values["energy_import"]),
        *energy_lines(dialect, "2.8", values["energy_export"]),
        "0-0:96.14.0(0002)",
        *power_line(dialect, "1.7.0", values["power_import"]),
        *power_line(dialect, "2.7.0", values["power_export"]),
        "0-0:96.7.21(00004)",
        "0-0:96.7.9(00002)",
        *history_line(dialect),
        "0-0:96.13.0()",
        *voltage_line(dialect, values["voltage"]),
    ]
    text = ("\r\n".join(lines) + "\r\n!").encode("ascii")
    data = text + (_checksum(dialect, text) + "\r\n").encode("ascii")
    return with_parity(data) if dialect.seven_bits else data


class P1Port:
    """The model. Where the World has no import counter there is no meter, and the line is silent.

    starts_at: the meter's own clock at simulated zero (nothing here reads it). dialect: one of
    `DIALECTS`. unplugged: while True nothing comes. flipped: xor of the telegram's byte in the
    middle. lost: so many bytes are missing from there on. babble: put before each telegram.
    """

    def __init__(
        self,
        world: World,
        journal: Journal,
        starts_at: datetime.datetime = datetime.datetime(2026, 1, 15, 9, tzinfo=datetime.UTC),
        name: str = "p1_meter",
        dialect: str = "dsmr5",
    ) -> None:
        self._world = world
        self._journal = journal
        self._starts_at = starts_at
        self._name = name
        self._dialect = DIALECTS[dialect]
        self._period_us = self._dialect.period_s * 1_000_000
        self._line = UartLine(self._dialect.baud)
        self._next_us = 0
        self.unplugged = False
        self.flipped = 0
        self.lost = 0
        self.babble = b""

    def receive(self, data: bytes, now_us: int) -> None:
        """A P1 port has no input: what the node sends is lost."""

    def transmit(self, now_us: int) -> bytes:
        """Give what has arrived at the node since the last call."""
        period_us = self._period_us
        if now_us - self._next_us > _MOST_PERIODS * period_us:
            self._next_us = (now_us // period_us - _MOST_PERIODS + 1) * period_us
        while self._next_us <= now_us:
            self._send(self._next_us)
            self._next_us += period_us
        return self._line.take(now_us)

    def _send(self, t_us: int) -> None:
        values = {name: self._world.value(name, t_us / 1e6) for name in _QUANTITIES}
        if self.unplugged:
            self._line.clear()
        if self.unplugged or values["energy_import"] is None:
            return
        for name, value in values.items():
            self._journal.note(self._name, name, t_us, value)
        moment = self._starts_at + datetime.timedelta(microseconds=t_us)
        self._line.send(self._damaged(telegram(values, moment, self._dialect)), t_us)

    def _damaged(self, data: bytes) -> bytes:
        middle = len(data) // 2
        byte = bytes((data[middle] ^ self.flipped,))
        whole = data[:middle] + byte + data[middle + 1 :]
        return self.babble + whole[:middle] + whole[middle + self.lost :]
