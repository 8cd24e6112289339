# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What a node on a battery consumes: mAh a day by part, and seconds awake per cycle.

A model, not a measurement: times are estimates, and the datasheets' currents are written down
from experience, not read anew (but for the ESP32-S2's); what a 5 V part loses in its converter is
left out. `python -m barri_tools.energy_model [--board B] [--parts P...] [--cycle-s S]
[--flush-every N]` prints `name value unit` lines.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass

_DAY_S = 86400
_HOUR_S = 3600


@dataclass(frozen=True)
class Board:
    """Currents in mA at 3.3 V with the radio off (`awake`), joining or talking (`radio`: the mean
    of listening and short transmissions), and in deep sleep with all that the board itself takes.
    """

    awake_ma: float
    radio_ma: float
    asleep_ma: float
    source: str


@dataclass(frozen=True)
class Part:
    """A sensor: mA while it measures, mA while the node sleeps, seconds awake for one reading.

    always_on: it never rests, so that a cycle costs its current all the time.
    """

    active_ma: float
    idle_ma: float
    reading_s: float
    source: str
    always_on: bool = False


@dataclass(frozen=True)
class Cycle:
    """cycle_s: from one window's end to the next. flush_every: cycles for one connection."""

    cycle_s: int = 600
    flush_every: int = 6
    found: bool = True  # the network: if not, each connection costs the whole patience


# Times of a cycle, in seconds. Estimates until a board is measured: MicroPython boots in hundreds
# of milliseconds; the modules are loaded from flash; records go to memory in microseconds.
BOOT_S = 1.2
KEEP_S = 0.05
FLUSH_S = 0.3
JOIN_S = 3.5
TALK_S = 1.5
PATIENCE_S = 20.5  # life/wifi.py: the rest of the radio and the time to join

BOARDS = {
    "esp32-devkitc": Board(
        30.0, 120.0, 10.0,
        "ESP32 datasheet: modem-sleep 20-31 mA at 80 MHz, RX 95-100 mA, TX 180-240 mA, deep sleep "
        "0.01 mA; the board's regulator, USB bridge and light take about 10 mA by makers' reports",
    ),
    "xiao-esp32c3": Board(
        25.0, 105.0, 0.044,
        "ESP32-C3 datasheet: modem-sleep 20-28 mA at 160 MHz, RX 84-87 mA, TX 276-335 mA peak; "
        "Seeed's page on the board: 44 uA in deep sleep on the battery's pads",
    ),
    "bare-esp32-s2": Board(
        25.0, 85.0, 0.066,
        "ESP32-S2 datasheet, tables 7 and 8: modem-sleep 14-22 mA, RX 63 mA, TX 190 mA mean; "
        "reference note 8: 66 uA in deep sleep measured on a UM Feather S2",
    ),
}  # fmt: skip
PARTS = {
    "bme280": Part(0.7, 0.0001, 0.05, "Bosch BST-BME280-DS001: 714 uA in pressure measurement, "
                   "0.1 uA asleep; breakouts with a regulator take some uA more"),
    "bh1750": Part(0.12, 0.00001, 0.18, "ROHM BH1750FVI: 120 uA, 0.01 uA powered down"),
    "max17048": Part(0.023, 0.023, 0.0, "Analog MAX17048: 23 uA active, always", always_on=True),
    "sht4x": Part(0.32, 0.00008, 0.01, "Sensirion SHT4x: 320 uA measuring, 0.08 uA idle"),
    "scd41": Part(18.0, 0.0005, 5.0, "Sensirion SCD4x: single shot of 5 s at 15-18 mA mean, "
                  "0.5 uA in sleep"),
    "pms5003": Part(80.0, 0.2, 35.0, "Plantower PMS5003: at most 100 mA with the fan, 0.2 mA in "
                    "standby; 30 s of fan before a reading, at 5 V"),
    "sps30": Part(55.0, 0.05, 35.0, "Sensirion SPS30: 55 mA measuring, below 50 uA in sleep, at "
                  "5 V; 30 s before a reading"),
    "inmp441": Part(2.2, 0.0045, 0.0, "InvenSense INMP441: 2.2 mA, 4.5 uA in standby"),
}  # fmt: skip


def seconds_awake(parts: "list[str]", cycle: Cycle) -> float:
    """Mean seconds awake in one cycle; readings of several parts run side by side."""
    reading_s = max([PARTS[name].reading_s for name in parts], default=0.0)
    return BOOT_S + reading_s + KEEP_S + _connection_s(cycle)


def _connection_s(cycle: Cycle) -> float:
    """Of the connection that only every n-th cycle makes, one cycle's share."""
    return (FLUSH_S + _radio_s(cycle)) / cycle.flush_every


def _radio_s(cycle: Cycle) -> float:
    return JOIN_S + TALK_S if cycle.found else PATIENCE_S


def mah_per_day(board: Board, parts: "list[str]", cycle: Cycle) -> dict[str, float]:
    """mAh a day for `awake`, `radio`, `asleep` and each part; their sum is `total`.

    Raises ValueError for a cycle shorter than the node is awake in it.
    """
    awake_s = seconds_awake(parts, cycle)
    if awake_s >= cycle.cycle_s:
        raise ValueError(f"a cycle of {cycle.cycle_s} s is too short: awake for {awake_s:.1f} s")
    return consumed(board, parts, cycle, awake_s, _radio_s(cycle) / cycle.flush_every)


def consumed(
    board: Board, parts: "list[str]", cycle: Cycle, awake_s: float, radio_s: float
) -> dict[str, float]:
    """As `mah_per_day`; awake_s: of a mean cycle, radio_s: of that with the radio on."""
    used = {
        "awake": board.awake_ma * (awake_s - radio_s),
        "radio": board.radio_ma * radio_s,
        "asleep": board.asleep_ma * (cycle.cycle_s - awake_s),
    }
    for name in parts:
        used[name] = _part_mas(PARTS[name], cycle)
    per_day = _DAY_S / cycle.cycle_s / _HOUR_S
    result = {name: charge * per_day for name, charge in used.items()}
    result["total"] = sum(result.values())
    return result


def always_on_mah_per_day(board: Board, parts: "list[str]") -> float:
    """A node on mains: awake all day; what its radio takes besides is left out."""
    return 24 * (board.awake_ma + sum(PARTS[name].active_ma for name in parts))


def _part_mas(part: Part, cycle: Cycle) -> float:
    """mA times seconds of one cycle."""
    if part.always_on:
        return part.active_ma * cycle.cycle_s
    return part.active_ma * part.reading_s + part.idle_ma * (cycle.cycle_s - part.reading_s)


def report(board: str, parts: "list[str]", cycle: Cycle, battery_mah: float) -> Iterator[str]:
    """The figures as lines, and where they come from."""
    used = mah_per_day(BOARDS[board], parts, cycle)
    yield f"# {board}, a window every {cycle.cycle_s} s, a connection every {cycle.flush_every}"
    yield f"energy.seconds_awake_per_cycle {seconds_awake(parts, cycle):.2f} s"
    for name, mah in used.items():
        yield f"energy.{name} {mah:.3g} mAh/d"
    yield f"energy.days_on_{battery_mah:.0f}_mah {0.8 * battery_mah / used['total']:.0f} d"
    yield "# a model: 80 % of the battery is counted, currents are those of"
    for name, source in [(board, BOARDS[board].source)] + [(p, PARTS[p].source) for p in parts]:
        yield f"#   {name}: {source}"


def main(arguments: "list[str]") -> int:
    parser = argparse.ArgumentParser(prog="barri_tools.energy_model")
    parser.add_argument("--board", choices=sorted(BOARDS), default="xiao-esp32c3")
    parser.add_argument(
        "--parts", nargs="*", choices=sorted(PARTS), default=["bme280", "max17048"]
    )
    parser.add_argument("--cycle-s", type=int, default=600)
    parser.add_argument("--flush-every", type=int, default=6)
    parser.add_argument("--no-network", action="store_true")
    parser.add_argument("--battery-mah", type=float, default=3000.0)
    given = parser.parse_args(arguments)
    if given.flush_every < 1:
        parser.error("--flush-every must be at least 1")
    cycle = Cycle(given.cycle_s, given.flush_every, not given.no_network)
    try:
        for line in report(given.board, given.parts, cycle, given.battery_mah):
            sys.stdout.write(line + "\n")
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
