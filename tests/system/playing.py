# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""How system tests play a scene: start it, let something happen, end it, look at what is left.

Waiting is in simulated time, and bounded. What is looked at are journals, flash, the log's bytes
and the city's own record; roll-ups and notices are read from gateway.db where they are meant.
"""

import socket
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw

from barri.adapters.stores.home import Home
from barri.domain.household import Choice
from barri_tools.demo.audit import Audit, audit
from barri_tools.demo.collect import evidence, nodes_know_the_time
from barri_tools.demo.evidence import Evidence, Kept
from barri_tools.demo.stage import Scene, Stage
from barri_tools.demo.street import CITY

MakeScene = Callable[..., Scene]
PORT_OPENS_S = 30.0  # real seconds for a gateway to start on a busy machine


@dataclass(frozen=True)
class Played:
    """A scene that has ended: its remains, and the report on it."""

    stage: Stage
    evidence: Evidence
    report: Audit


def share(stage: Stage, thing: str, quantity: str, window_s: int = 0) -> Choice:
    """Choose now: as measured, or coarser when a window is given."""
    kind = "coarser" if window_s else "share"
    return _choose(stage, thing, quantity, kind, window_s or stage.scene.window_s)


def keep(stage: Stage, thing: str, quantity: str) -> Choice:
    """Choose now to keep it at home, which withdraws what was shared."""
    return _choose(stage, thing, quantity, "keep", 0)


def _choose(stage: Stage, thing: str, quantity: str, kind: str, window_s: int) -> Choice:
    home = Home(stage.data / "home.db")
    try:
        now_s = int(stage.now_s())
        return home.choose(thing, quantity, 0, CITY, kind, window_s, now_s)
    finally:
        home.close()


def open_gateway(stage: Stage) -> None:
    """Start the gateway process and wait until nodes can connect."""
    stage.start_gateway()
    deadline_s = time.monotonic() + PORT_OPENS_S
    while time.monotonic() < deadline_s and stage.gateway_running():
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", stage.mqtt_port)) == 0:
                return
        time.sleep(0.02)
    log = (stage.scene.directory / "gateway.log").read_text()
    raise AssertionError(f"the gateway did not start:\n{log[-1500:]}")


def wait_until(stage: Stage, condition: Callable[[], Any], most_s: float, what: str) -> None:
    """Let simulated time pass until something is so, or fail."""
    until_s = stage.now_s() + most_s
    while not condition():
        assert stage.now_s() < until_s, f"not within {most_s:.0f} simulated s: {what}"
        stage.wait(0.1 * stage.conductor.speed)


def wait_for_the_city(stage: Stage, more: int, most_s: float = 600) -> None:
    """Let simulated time pass until the city has so many observations more than now."""
    enough = len(stage.record.observations) + more
    is_there = lambda: len(stage.record.observations) >= enough  # noqa: E731
    wait_until(stage, is_there, most_s, f"{more} more values in the city")


def power_on(stage: Stage, *nodes: str) -> None:
    """Start nodes, all unless named, in real time: a busy machine is not to make minutes of it."""
    speed = stage.conductor.speed
    stage.conductor.set_speed(1.0)
    for node in nodes:
        stage.start_node(node)
    if not nodes:
        stage.start_nodes()
    wait_until(stage, lambda: nodes_know_the_time(stage), 120, "nodes that know the time")
    stage.conductor.set_speed(speed)


def reach_mid_window(stage: Stage) -> None:
    """Stop in the middle of a window, so that it is clear which ones are closed."""
    window_s = stage.scene.window_s
    stage.wait(window_s - (stage.now_s() - window_s / 2) % window_s)


def end(stage: Stage, most_s: float = 300) -> Played:
    """Let what is on its way arrive, switch all off, and make the report."""
    window_s = stage.scene.window_s
    ended_s = int(stage.now_s()) // window_s * window_s
    deadline_s = stage.now_s() + most_s
    while audit(evidence(stage, ended_s)).lost and stage.now_s() < deadline_s:
        stage.wait(2 * stage.conductor.speed)
    stage.wait(3 * window_s)  # anything sent twice would show now
    for node in stage.homes:
        stage.kill_node(node)
    stage.stop_gateway()
    found = evidence(stage, ended_s)
    report = audit(found)
    if not report.clean:
        _show_last_words(stage)
    return Played(stage, found, report)


def _show_last_words(stage: Stage) -> None:
    """What helps to understand a report that is not clean; shown when a test fails."""
    for path in [
        stage.scene.directory / "gateway.log",
        *stage.scene.directory.glob("*/console.log"),
    ]:
        print(f"--- {path.relative_to(stage.scene.directory)}:\n{path.read_text()[-2000:]}")


def rows(stage: Stage, sql: str, *bindings: Any) -> list[Any]:
    """Read gateway.db, as anybody else may."""
    path = str(stage.data / "gateway.db")
    connection = apsw.Connection(path, flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return list(connection.execute(sql, bindings))
    finally:
        connection.close()


def alarms(stage: Stage, node: str) -> set[str]:
    """What the gateway asks people to look at."""
    return {kind for (kind,) in rows(stage, "SELECT kind FROM alarm WHERE node = ?", node)}


def kept_of(found: Evidence, thing: str) -> list[Kept]:
    """The log's records of a Thing, each once, in order of arrival."""
    return [kept for kept in found.kept if kept.thing == thing]


def city_ends(stage: Stage, era: str) -> list[int]:
    """The timestamps that the city stored under a sensor, in the order they came."""
    return [row.time_ms // 1000 for row in stage.record.observations if row.sensor == era]


def twice(items: list[Any]) -> list[Any]:
    """What is there more than once."""
    return [item for item, times in Counter(items).items() if times > 1]


def console(stage: Stage, node: str) -> str:
    """What a node said on its serial console."""
    return Path(stage.scene.directory / node / "console.log").read_text(errors="replace")
