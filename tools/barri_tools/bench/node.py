# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Figures of the whole node: the least heap that each kit runs in, and its size in flash.

The heap is that of the simulated node, where objects are twice as large as on a board's 32 bits.
It is found by trying: real firmware, real MicroPython, real gateway, ever less heap.
"""

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from barri_tools import firmware
from barri_tools.bench.report import FOLDER, Report
from barri_tools.demo.collect import evidence
from barri_tools.demo.stage import Scene, Stage, StageError
from barri_tools.demo.street import STREET, Resident
from barri_tools.firmware import BOARD_ARCHITECTURES, FirmwareError
from barri_tools.sim.world import SyntheticStreet

KITS = ("air", "noise", "energy", "smart_citizen")
_STEP = 4 * 1024
_MOST = 256 * 1024
_TRY_S = 90.0  # simulated: connecting, a first sync, and half a dozen records
_WINDOW_S, _SPEED = 10, 10.0
_ENOUGH_RECORDS = 4


def run(folder: Path = FOLDER) -> Report:
    """Print the figures and write node.json."""
    report = Report("node", folder)
    with tempfile.TemporaryDirectory() as place:
        built = firmware.prepared(Path(place) / "built")
        least = {kit: least_heap(kit, Path(place), built) for kit in KITS}
        for kit, size in least.items():
            report.add(f"node.peak_heap_bytes.{kit}", size, "B")
        report.add("node.peak_heap_bytes", max(least.values()), "B")
        for architecture in BOARD_ARCHITECTURES:
            report.add(f"node.mpy_bytes.{architecture}", mpy_bytes(Path(place), architecture), "B")
    report.note("heap of a 64-bit simulation; tried in steps of 4 kB")
    report.write()
    return report


def mpy_bytes(place: Path, architecture: str) -> int:
    """What is copied onto a board of that architecture, in bytes."""
    tree = place / architecture
    firmware.compile_to(tree, architecture)
    return sum(path.stat().st_size for path in tree.rglob("*") if path.is_file())


def least_heap(kit: str, place: Path, built: Path) -> int:
    """The smallest heap, in bytes, in which a kit measures and is acknowledged."""
    low, high = 0, _MOST // _STEP
    while high - low > 1:
        middle = (low + high) // 2
        if works(kit, middle * _STEP, place / f"{kit}-{middle}", built):
            high = middle
        else:
            low = middle
    return high * _STEP


def works(kit: str, heap_bytes: int, place: Path, built: Path) -> bool:
    """Say whether a node of that kit gets its records to a gateway with so much heap."""
    scene = Scene(
        place, (_resident(kit),), SyntheticStreet(seed=2026), _WINDOW_S, _SPEED, firmware=built,
        heap=str(heap_bytes),
    )  # fmt: skip
    with Stage(scene) as stage:
        stage.start_gateway()
        stage.wait_for_gateway()
        stage.start_nodes()
        try:
            stage.wait(_TRY_S)
        except (FirmwareError, StageError) as error:
            sys.stderr.write(f"# {kit} in {heap_bytes} B: {str(error).splitlines()[-1]}\n")
            return False
        kept = evidence(stage, int(stage.now_s())).kept
        said = "".join(node.console() for node in stage.nodes.values())
    return len(kept) >= _ENOUGH_RECORDS and "memory allocation failed" not in said


def _resident(kit: str) -> Resident:
    known = {resident.kit: resident for resident in STREET}
    return known.get(kit) or replace(STREET[0], kit=kit)
