# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""How smart meters of different countries and years word the same values in a P1 telegram.

Data from the P1 Companion Standards 2.2, 3.0, 4.2 and 5.0.2, from e-MUCS (Belgium), and from
telegrams that users of such meters have published. Knows no world and no line.
"""

from collections.abc import Iterator
from typing import NamedTuple


class Dialect(NamedTuple):
    """One way to say it.

    channel: of medium electricity. total, tariffs: which energy lines are sent. energy, power,
    volts: digits before and after the point, unit; volts None: not told. suffix: behind a code.
    checksum: "arc", "x25" or none. seven_bits: with even parity. months: lines of a history in
    one line that has no limit.
    """

    header: str
    version: str | None = "1-3:0.2.8(50)"
    channel: str = "1-0"
    total: bool = False
    tariffs: int = 2
    energy: tuple[int, int, str] = (6, 3, "kWh")
    power: tuple[int, int, str] = (2, 3, "kW")
    volts: tuple[int, int, str] | None = (3, 1, "V")
    suffix: str = ""
    checksum: str | None = "arc"
    seven_bits: bool = False
    baud: int = 115_200
    period_s: int = 1
    cheap_tariff: int = 1
    months: int = 0


_OLD = Dialect(
    header="/BRR5\\SIMULATED-OLD",
    version=None,
    energy=(5, 3, "kWh"),
    power=(4, 2, "kW"),
    volts=None,
    checksum=None,
    seven_bits=True,
    baud=9600,
    period_s=10,
)

DIALECTS = {
    "dsmr2.2": _OLD,
    "dsmr3": _OLD._replace(header="/BRR5\\SIMULATED-3", power=(3, 2, "kW")),
    "dsmr4": Dialect("/BRR5\\SIMULATED-4", "1-3:0.2.8(42)", volts=None, period_s=10),
    "dsmr4-7e1": Dialect(
        "/BRR5\\SIMULATED-4", "1-3:0.2.8(42)", volts=None, period_s=10, seven_bits=True
    ),
    "dsmr5": Dialect("/BRR5\\SIMULATED-METER"),
    "belgium": Dialect("/FLU5\\SIMULATED", "0-0:96.1.4(50217)", cheap_tariff=2, months=13),
    "luxembourg": Dialect("/BRR5\\SIMULATED-LU", total=True, tariffs=0),
    "switzerland": Dialect("/BRR5\\SIMULATED-CH", None, channel="1-1"),
    "sweden": Dialect(
        "/BRR5\\SIMULATED-SE", None, total=True, tariffs=0, energy=(8, 3, "kWh"),
        power=(4, 3, "kW"), period_s=10,
    ),
    "hungary": Dialect(
        "/BRR5\\SIMULATED-HU", None, total=True, tariffs=4, power=(5, 3, "kW"), period_s=10
    ),
    "austria": Dialect(
        "/BRR5\\SIMULATED-AT", total=True, energy=(9, 0, "Wh"), power=(9, 0, "W"), volts=None
    ),
    "germany": Dialect(
        "/BRR5SIMULATED-DE", None, total=True, tariffs=0, energy=(8, 7, "kWh"),
        power=(6, 2, "W"), volts=None, suffix="*255", checksum=None, seven_bits=True, baud=9600,
    ),
    "holley": Dialect(
        "/BRR5/SIMULATED-X25", total=True, tariffs=4,
        energy=(8, 3, "kWh"), power=(8, 3, "kW"), volts=(6, 2, "V"), checksum="x25", period_s=10,
    ),
}  # fmt: skip


def printed(value: float, digits: tuple[int, int, str]) -> str:
    """Print a value in Wh, W or V in a dialect's digits and unit, cut off as counters are."""
    before, after, unit = digits
    steps = int(value) * 10**after if unit != "V" else round(value * 10**after)
    if unit[0] == "k":
        steps //= 1000
    text = f"{steps:0{before + after}d}"
    return f"({text[:-after]}.{text[-after:]}*{unit})" if after else f"({text}*{unit})"


def energy_lines(dialect: Dialect, code: str, energy_wh: float | None) -> Iterator[str]:
    """The total, then the tariffs: two fifths in the cheap one, so that all of them add up."""
    if energy_wh is None:
        return
    cheap = int(energy_wh) * 2 // 5
    parts = [int(energy_wh) - cheap, 0, 0, 0]
    parts.insert(dialect.cheap_tariff - 1, cheap)
    counted = [int(energy_wh), *parts[:4]]
    for tariff, wh in enumerate(counted[: dialect.tariffs + 1]):
        if tariff or dialect.total:
            yield _line(dialect, f"{code}.{tariff}", printed(wh, dialect.energy))


def power_line(dialect: Dialect, code: str, power_w: float | None) -> Iterator[str]:
    if power_w is not None:
        yield _line(dialect, code, printed(power_w, dialect.power))


def voltage_line(dialect: Dialect, voltage_v: float | None) -> Iterator[str]:
    """Always of channel 0, also where energy is of channel 1."""
    if dialect.volts is not None and voltage_v is not None:
        yield f"1-0:32.7.0{printed(voltage_v, dialect.volts)}"


def history_line(dialect: Dialect) -> Iterator[str]:
    """The highest quarter of an hour of each month, all in one line (Belgium)."""
    if dialect.months:
        month = "(230201000000W)(230117224500W)(04.329*kW)"
        yield f"0-0:98.1.0({dialect.months})(1-0:1.6.0)(1-0:1.6.0)" + month * dialect.months


def _line(dialect: Dialect, code: str, content: str) -> str:
    return f"{dialect.channel}:{code}{dialect.suffix}{content}"


def with_parity(data: bytes) -> bytes:
    """Seven bits and even parity, as eight bits without parity see them."""
    return bytes(byte | (byte.bit_count() & 1) << 7 for byte in data)
