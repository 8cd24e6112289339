# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The wiring tables of the kits: parts from `hardware/parts.toml`, GPIOs from the boards' files.

`python -m barri_tools.wiring` writes them into `hardware/wiring/*.md`, between two marks. Works
in a checkout only, since an installed barri has no `hardware` folder.
"""

import sys
import tomllib
from pathlib import Path
from typing import NamedTuple

from barri_tools.boards import KIT_BUSES, Board, board_names, load_board
from barri_tools.firmware import source_directory

BEGIN = "<!-- wiring: written by barri_tools.wiring, change hardware/parts.toml instead -->"
END = "<!-- end of wiring -->"
SUPPLIES = ("3V3", "5V", "GND")


class WiringError(Exception):
    """A part or a page cannot be used; the text says which, and what to do."""


class Part(NamedTuple):
    """ref: its line in the BOM. pins: pin of the part -> role on `bus`, or a supply.

    variant: the name of another way to build a kit, that the part belongs to.
    """

    ref: str
    kits: tuple[str, ...]
    bus: str
    pins: dict[str, str]
    driver: str | None
    variant: str = ""


def hardware_directory() -> Path:
    return source_directory().parents[1] / "hardware"


def load_parts(path: Path | None = None) -> list[Part]:
    """Read `parts.toml`. Raises WiringError."""
    path = path or hardware_directory() / "parts.toml"
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))["part"]
        return [
            Part(
                part["ref"],
                tuple(part["kits"]),
                part["bus"],
                part["pins"],
                part.get("driver"),
                part.get("variant", ""),
            )
            for part in given
        ]
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise WiringError(f"{path.name} cannot be used: {error!r}") from error


def variants(kit: str) -> list[str]:
    """The ways to build a kit, "" first: its usual one."""
    return sorted({part.variant for part in load_parts() if kit in part.kits})


def drawing_name(kit: str, variant: str, board: Board) -> str:
    """What a drawing is called, without ending."""
    return "-".join([kit, *([variant] if variant else []), board.name])


def boards_for(kit: str) -> list[Board]:
    boards = [load_board(name) for name in board_names()]
    return [board for board in boards if kit in board.kits]


def end_of_wire(board: Board, part: Part, target: str) -> str:
    """Where a wire ends on the board: a GPIO or a supply pin. Raises WiringError."""
    if target in SUPPLIES:
        return target
    try:
        gpio = board.buses[part.bus].pins[target]
    except KeyError as error:
        raise WiringError(f"{part.ref}: {board.name} has no {part.bus} {target}") from error
    label = board.labels.get(gpio)
    return f"GPIO {gpio} ({label})" if label else f"GPIO {gpio}"


def table(kit: str) -> str:
    """The wiring of a kit as a Markdown table: one row a wire, one column a board."""
    boards = boards_for(kit)
    titles = ["Part", "Its pin", *(board.title for board in boards)]
    rows = [
        [part.ref, pin, *(end_of_wire(board, part, target) for board in boards)]
        for part in load_parts()
        if kit in part.kits
        for pin, target in part.pins.items()
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in [titles, ["---"] * len(titles), *rows])


def with_table(page: str, kit: str) -> str:
    """The page of a kit with its table renewed. Raises WiringError if the marks are missing."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise WiringError(f"the page of the {kit} kit has lost the marks around its table")
    return f"{before}{BEGIN}\n\n{table(kit)}\n\n{drawings(kit)}\n\n{END}{after}"


def drawings(kit: str) -> str:
    """Links to the drawings of a kit, one a line; `barri_tools.drawings` makes them."""
    lines = ["Drawn, board by board:", ""]
    for variant in variants(kit):
        for board in boards_for(kit):
            title = f"{board.title}: {variant}" if variant else board.title
            lines.append(f"- [{title}](drawings/{drawing_name(kit, variant, board)}.svg)")
    return "\n".join(lines)


def main() -> int:
    for kit in KIT_BUSES:
        path = hardware_directory() / "wiring" / f"{kit}.md"
        path.write_text(with_table(path.read_text(encoding="utf-8"), kit), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
