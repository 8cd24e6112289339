# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Which meter or microphone a board is given, and whether its kit and its pins take it.

A test compares the names and buses with what the firmware opens.
"""

import json
from typing import NamedTuple

from barri_tools.boards import Board, BoardError, load_board
from barri_tools.node.console import Console
from barri_tools.node.errors import NodeSettingsError, NodeToolError
from barri_tools.node.meter_options import METER_BUSES, MeterOptions
from barri_tools.node.parts import KIT as FOUND
from barri_tools.node.parts import Parts, buses

AT_MAINS = ("pzem004t", "sdm120")
MICROPHONES = ("inmp441", "ics43434", "sph0645")
SAMPLE_RATES_HZ = (48000, 24000)
_MICROPHONE_BUS = "i2s.0"
_METER_KITS = ("energy",)
_MICROPHONE_KITS = ("noise", "smart_citizen")


class Fitted(NamedTuple):
    """Parts that are not the kit's usual ones. None: as the board has it, or the usual one.

    meter_options: what there is to say of the meter, named here or before. parts: of the kit
    "found", what it cannot find out.
    """

    meter: str | None = None
    microphone: str | None = None
    meter_options: MeterOptions = MeterOptions()
    parts: Parts | None = None

    def buses(self) -> dict[str, str]:
        """What each part is wired to: its name -> a bus of the board."""
        wanted = buses(self.parts or {})
        if self.meter is not None:
            wanted[self.meter] = METER_BUSES[self.meter]
        return wanted if self.microphone is None else {**wanted, self.microphone: _MICROPHONE_BUS}


def demand_known(fitted: Fitted, kit: str) -> None:
    """Raises NodeSettingsError for a part that there is not, or of another kit."""
    _demand_one_of("--meter", fitted.meter, tuple(METER_BUSES), kit, _METER_KITS)
    if fitted.meter_options.given() and kit not in _METER_KITS:
        raise NodeSettingsError(f"options of a meter go with --kit energy, not with {kit}")
    if fitted.parts and kit != FOUND:
        raise NodeSettingsError(
            f"--part goes with --kit {FOUND}, and this board gets the {kit} kit"
        )
    _demand_one_of("--microphone", fitted.microphone, MICROPHONES, kit, _MICROPHONE_KITS)


def demand_pins(fitted: Fitted, console: Console) -> None:
    """Raises NodeSettingsError if this very board has no pins for a part."""
    wanted = fitted.buses()
    if not wanted:
        return
    board = _board_of(console)
    for part, bus in wanted.items():
        if bus not in board.buses:
            raise NodeSettingsError(
                f"{board.title} has no pins for a {part} ({bus} in firmware/boards): take another"
                " part, or another board"
            )


def _board_of(console: Console) -> Board:
    try:
        return load_board(str(json.loads(console.read("board.json"))["name"]))
    except (NodeToolError, BoardError, ValueError, LookupError, TypeError) as error:
        raise NodeSettingsError(
            "what this board is cannot be read from it: barri node flash --board NAME first"
        ) from error


def _demand_one_of(
    option: str, asked: str | None, known: tuple[str, ...], kit: str, kits: tuple[str, ...]
) -> None:
    if asked is None:
        return
    if asked not in known:
        raise NodeSettingsError(f"{option} is one of {', '.join(known)}")
    if kit not in kits:
        raise NodeSettingsError(
            f"{option} goes with --kit {' or '.join(kits)}, and this board gets the {kit} kit"
        )
