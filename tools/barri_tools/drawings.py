# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The wiring of each kit on each board as WireViz input, and drawn if WireViz is there.

`python -m barri_tools.drawings` writes `hardware/wiring/drawings/KIT-BOARD.yml`, from the same
parts and boards as the tables, and with WireViz and Graphviz the `.svg` beside it.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from barri_tools.boards import KIT_BUSES, Board
from barri_tools.firmware import program
from barri_tools.wiring import (
    SUPPLIES,
    Part,
    boards_for,
    drawing_name,
    end_of_wire,
    hardware_directory,
    load_parts,
    variants,
)

_COLOURS = {
    "3V3": "RD", "5V": "OG", "GND": "BK",
    "scl": "YE", "sda": "BU", "rx": "GN", "tx": "VT", "sck": "YE", "ws": "BU", "sd": "GN",
    "pulse": "GN",
}  # fmt: skip
_AT_METER = {"P1-CABLE", "PHOTO"}
_MAINS = (
    "⚠ MAINS BEHIND THE METER. Customer port, or from outside; never open the meter.<br/>"
    "Port per a usuaris, o per fora; no obriu mai el comptador.<br/>"
    "Puerto para usuarios, o por fuera; no abra nunca el contador."
)
_HEADER = """\
# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: CERN-OHL-S-2.0
# Written by barri_tools.drawings: change hardware/parts.toml or firmware/boards/*.toml instead.
"""


def drawings() -> dict[str, str]:
    """Name without ending -> WireViz input, for every kit, variant and board."""
    return {
        drawing_name(kit, variant, board): wireviz_input(kit, variant, board)
        for kit in KIT_BUSES
        for variant in variants(kit)
        for board in boards_for(kit)
    }


def wireviz_input(kit: str, variant: str, board: Board) -> str:
    """The YAML that WireViz draws: the board at the left, a bundle of wires to each part."""
    parts = [part for part in load_parts() if kit in part.kits and part.variant == variant]
    pins = _pins_in_use(board, parts)
    lines = ["connectors:", *_connector("BOARD", board.title, pins)]
    for part in parts:
        warning = _MAINS if part.ref in _AT_METER else ""
        lines += _connector(part.ref, "", list(part.pins), warning)
    lines.append("cables:")
    for part in parts:
        lines += _bundle(part)
    lines.append("connections:")
    for part in parts:
        lines += _connection(board, part)
    return _HEADER + "\n".join(lines) + "\n"


def _pins_in_use(board: Board, parts: list[Part]) -> list[str]:
    """Supplies first, then GPIOs by number."""
    ends = {end_of_wire(board, part, target) for part in parts for target in part.pins.values()}
    gpios = sorted(ends - set(SUPPLIES), key=lambda end: int(end.split()[1]))
    return [*(supply for supply in SUPPLIES if supply in ends), *gpios]


def _connector(ref: str, title: str, pins: list[str], warning: str = "") -> list[str]:
    return [
        f'  "{ref}":',  # its line in bom.csv
        *([f'    type: "{title}"'] if title else []),
        "    show_pincount: false",
        f"    pins: {_quoted(pins)}",
        *([f'    notes: "{warning}"'] if warning else []),
    ]


def _bundle(part: Part) -> list[str]:
    colours = ", ".join(_COLOURS[target] for target in part.pins.values())
    return [
        f'  "wires of {part.ref}":',
        "    category: bundle",
        "    show_wirecount: false",
        f"    wirecount: {len(part.pins)}",
        f"    colors: [{colours}]",
    ]


def _connection(board: Board, part: Part) -> list[str]:
    ends = [end_of_wire(board, part, target) for target in part.pins.values()]
    return [
        f'  - - "BOARD": {_quoted(ends)}',
        f'    - "wires of {part.ref}": {list(range(1, len(part.pins) + 1))}',
        f'    - "{part.ref}": {_quoted(list(part.pins))}',
    ]


def _quoted(texts: list[str]) -> str:
    return "[" + ", ".join(f'"{text}"' for text in texts) + "]"


def drawings_directory() -> Path:
    return hardware_directory() / "wiring" / "drawings"


def main() -> int:
    directory, wireviz = drawings_directory(), program("wireviz")
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    for name, text in drawings().items():
        path = directory / f"{name}.yml"
        path.write_text(text, encoding="utf-8")
        if wireviz is not None:
            command = [str(wireviz), "-f", "s", "-o", str(directory), str(path)]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    if wireviz is None:
        sys.stderr.write("not drawn: pip install wireviz, and Graphviz of the system\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
