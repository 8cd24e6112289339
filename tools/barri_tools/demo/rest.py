# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Nodes of a scene that sleep deeply: started again when they wake, and time flies meanwhile."""

from typing import TYPE_CHECKING

from barri_tools.sim.conductor import Conductor
from barri_tools.sim.node_process import NodeProcess

if TYPE_CHECKING:
    from barri_tools.demo.stage import Scene


def mode(scene: "Scene") -> tuple[str, int]:
    """As a node's settings say it."""
    return ("battery", scene.report_every) if scene.report_every else ("mains", 10)


def look_after(conductor: Conductor, scene: "Scene", nodes: dict[str, NodeProcess]) -> None:
    """Wake who is to wake, and let the time of those who sleep pass faster."""
    if not scene.report_every:
        return
    for name, node in nodes.items():
        if node.asleep() and conductor.has_woken(name):
            node.start()
    speed = scene.asleep_speed if conductor.all_asleep() else scene.speed
    if conductor.speed != speed:
        conductor.set_speed(speed)


def end(conductor: Conductor, name: str, node: NodeProcess) -> None:
    """Power that is cut in deep sleep: nobody wakes any more."""
    if node.asleep():
        conductor.leave(name)
