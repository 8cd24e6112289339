# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""From a node's power-on to the end of its first record: simulated waits and modelled work.

The simulated clock counts what the firmware waits for (sensors, the line, the window) and stands
still while it computes, so that this machine's speed is not in it. Opening the store and reading
the program are added by the cost model of a board: see `bench/store.py`.
"""

import math
from pathlib import Path

from barri_tools.bench import store
from barri_tools.bench.node_heap import BenchError, resident
from barri_tools.demo.collect import evidence
from barri_tools.demo.stage import Scene, Stage
from barri_tools.sim.nor_flash import BLOCK_BYTES
from barri_tools.sim.world import SyntheticStreet

WINDOW_S = 60  # as boards are provisioned
_SPEED = 10.0
_PATIENCE_S = 600.0  # simulated


def first_record_s(kit: str, place: Path, built: Path, mpy_bytes: int) -> float:
    """Seconds from power-on to the end of the first record of a node that is switched on at a full
    minute, which is the longest way. Raises BenchError.
    """
    return simulated_s(kit, place, built) + modelled_s(mpy_bytes)


def modelled_s(mpy_bytes: int) -> float:
    """What a board works at its start: reading the whole program, and opening a 1 MB ring."""
    reading_ms = math.ceil(mpy_bytes / BLOCK_BYTES) * store.READ_MS
    return (reading_ms + store.startup_ms(store.fullest_image())) / 1000


def simulated_s(kit: str, place: Path, built: Path) -> float:
    """From the moment at which a simulated node joins to the end of what its record 0 covers."""
    street = SyntheticStreet(seed=2026)
    scene = Scene(place, (resident(kit),), street, WINDOW_S, _SPEED, firmware=built)
    with Stage(scene) as stage:
        stage.start_gateway()
        stage.wait_for_gateway()
        stage.wait(WINDOW_S - stage.now_s() % WINDOW_S)
        stage.conductor.set_speed(1.0)  # until it has joined: its process starts in real time
        stage.start_nodes()
        joined_s = _joined_s(stage)
        stage.conductor.set_speed(_SPEED)
        return _first_end_s(stage) - joined_s


def _joined_s(stage: Stage) -> float:
    """When the node's hardware was there, in simulated Unix time."""
    (node,) = stage.homes
    began_s = stage.now_s()
    while stage.now_s() - began_s < _PATIENCE_S:
        joined_us = stage.conductor.joined_us(node)
        if joined_us is not None:
            return stage.start_utc_s + joined_us / 1e6
        stage.wait(0.05)
    raise BenchError("the node does not start:\n" + stage.nodes[node].console())


def _first_end_s(stage: Stage) -> float:
    began_s = stage.now_s()
    while stage.now_s() - began_s < _PATIENCE_S:
        for kept in evidence(stage, int(stage.now_s())).kept:
            if kept.sequence == 0 and kept.start_s is not None:
                return kept.start_s + kept.duration_s
        stage.wait(5)
    raise BenchError("no first record comes")
