# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Figures of the whole node: the least heap that each kit runs in, its size in flash, its start.

The heap is that of the simulated node, where objects are twice as large as on a board's 32 bits.
"""

import tempfile
from pathlib import Path

from barri_tools import firmware
from barri_tools.bench import battery, full_node
from barri_tools.bench.node_heap import least_heap
from barri_tools.bench.node_start import first_record_s
from barri_tools.bench.report import FOLDER, Report
from barri_tools.firmware import BOARD_ARCHITECTURES
from barri_tools.sim.node_process import heap_of

KITS = ("air", "noise", "energy", "smart_citizen")
STARTED = ("air", "noise", "energy")
_FULL_GUESS = 320 * 1024


def run(folder: Path = FOLDER) -> Report:
    """Print the figures and write node.json."""
    report = Report("node", folder)
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        built = firmware.prepared(place / "built")
        sizes = _add_sizes(report, place)
        _add_starts(report, place, built, max(sizes))
        _add_heaps(report, place, built)
        battery.add(report, place / "battery", built)
    report.write()
    return report


def _add_sizes(report: Report, place: Path) -> list[int]:
    sizes = [mpy_bytes(place, architecture) for architecture in BOARD_ARCHITECTURES]
    for architecture, size in zip(BOARD_ARCHITECTURES, sizes, strict=True):
        report.add(f"node.mpy_bytes.{architecture}", size, "B")
    report.add("node.mpy_bytes", max(sizes), "B")
    return sizes


def _add_starts(report: Report, place: Path, built: Path, size: int) -> None:
    starts = {kit: first_record_s(kit, place / f"{kit}-start", built, size) for kit in STARTED}
    for kit, start_s in starts.items():
        report.add(f"node.boot_to_first_record_s.{kit}", start_s, "s")
    report.add("node.boot_to_first_record_s", max(starts.values()), "s")
    report.note(
        "records of a minute, switched on at a full one; waited for in the simulation. Reading the"
        " program and opening the store are modelled and added, though they would rather shorten"
        " the first window. Not in it: the start of the chip and of MicroPython, and the time that"
        " modules take to run when they are loaded"
    )


def _add_heaps(report: Report, place: Path, built: Path) -> None:
    least = {kit: least_heap(kit, place, built, _bytes(heap_of(kit))) for kit in KITS}
    for kit, size in least.items():
        report.add(f"node.peak_heap_bytes.{kit}", size, "B")
    report.add("node.peak_heap_bytes", max(least.values()), "B")
    full = full_node.prepared(built, place / "full")
    size = least_heap(full_node.NAME, place, full, _FULL_GUESS)
    report.add(f"node.peak_heap_bytes.{full_node.NAME}", size, "B")
    report.note("heap of a 64-bit simulation; tried in steps of 4 kB. full: air, noise and energy")


def mpy_bytes(place: Path, architecture: str) -> int:
    """What is copied onto a board of that architecture, in bytes."""
    tree = place / architecture
    firmware.compile_to(tree, architecture)
    return sum(path.stat().st_size for path in tree.rglob("*") if path.is_file())


def _bytes(heap: str) -> int:
    return int(heap.removesuffix("k")) * 1024
