# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The least heap that a kit runs in, found by trying: real firmware, MicroPython and gateway.

Objects are twice as large in this simulation of 64 bits as on a board's 32. A try counts as lack
of heap only where the node says so; whatever else goes wrong ends the benchmark.
"""

import sys
from dataclasses import replace
from pathlib import Path

import apsw

from barri_tools.demo.stage import Scene, Stage
from barri_tools.demo.street import SCHOOL, STREET, Resident
from barri_tools.firmware import FirmwareError
from barri_tools.sim.world import SyntheticStreet
from barri_wire.frame import decode_header

STEP = 4 * 1024
_LEAST, _MOST = 64 * 1024, 512 * 1024
_TRY_S = 90.0  # simulated: connecting, a first sync, and some records
_PATIENCE_S = 600.0  # for the records, on a machine that has much else to do
_WINDOW_S, _SPEED = 10, 10.0
_ENOUGH_RECORDS = 4
_LACKS = ("memory allocation failed", "MemoryError", "too little memory")


class BenchError(Exception):
    """A try failed of something else than its heap; the text has the last words."""


def least_heap(kit: str, place: Path, built: Path, guess: int) -> int:
    """The smallest heap, in bytes, in which a kit measures and is acknowledged, twice in a row.

    guess: where to begin. built: the compiled firmware. Raises BenchError.
    """
    low, high = _LEAST, min(guess, _MOST)
    while not works(kit, high, place / f"{kit}-{high}", built):
        low, high = high, high + 8 * STEP
        if high > _MOST:
            raise BenchError(f"{kit} does not run in {low} B")
    while high - low > STEP:
        middle = (low + high) // 2 // STEP * STEP
        if works(kit, middle, place / f"{kit}-{middle}", built):
            high = middle
        else:
            low = middle
    while not works(kit, high, place / f"{kit}-{high}-again", built):
        high += STEP  # where it worked by luck
    return high


def works(kit: str, heap_bytes: int, place: Path, built: Path) -> bool:
    """Say whether a node of that kit gets its records to a gateway with so much heap."""
    scene = Scene(
        place, (resident(kit),), SyntheticStreet(seed=2026), _WINDOW_S, _SPEED, firmware=built,
        heap=str(heap_bytes),
    )  # fmt: skip
    with Stage(scene) as stage:
        stage.start_gateway()
        stage.wait_for_gateway()
        stage.start_nodes()
        lack = _lack(stage)
    if lack:
        sys.stderr.write(f"# {kit} in {heap_bytes} B: {lack}\n")
    return not lack


def _lack(stage: Stage) -> str:
    """Play; give the line in which the node says that heap lacks, or "" if all went well."""
    began_s = stage.now_s()
    while True:
        try:
            stage.wait(5)
        except FirmwareError as error:  # the node has ended
            if not (lack := _line(stage)):
                raise BenchError(str(error)) from error
            return lack
        if lack := _line(stage):
            return lack
        passed_s = stage.now_s() - began_s
        if passed_s >= _TRY_S and stored_records(stage) >= _ENOUGH_RECORDS:
            return ""
        if passed_s > _PATIENCE_S:
            raise BenchError("records do not come, and not for lack of heap:\n" + said(stage))


def _line(stage: Stage) -> str:
    for line in said(stage).splitlines():
        if any(lack in line for lack in _LACKS):
            return line
    return ""


def said(stage: Stage) -> str:
    """What the nodes of a stage have said."""
    return "".join(node.console() for node in stage.nodes.values())


def stored_records(stage: Stage) -> int:
    """How many records the gateway has stored; of any schema, since only heads are read."""
    path = str(stage.data / "gateway.db")
    connection = apsw.Connection(path, flags=apsw.SQLITE_OPEN_READONLY)
    try:
        frames = [bytes(body) for (body,) in connection.execute("SELECT body FROM frame")]
    finally:
        connection.close()
    stored: set[int] = set()
    for head in map(decode_header, frames):
        stored.update(range(head.first_sequence, head.first_sequence + head.count))
    return len(stored)


def resident(kit: str) -> Resident:
    """Somebody in the street who has that kit."""
    known = {one.kit: one for one in (*STREET, *SCHOOL)}
    return known.get(kit) or replace(STREET[0], kit=kit)
