# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""`barri demo`: set the scene, show life, and, when headless, report what was lost or leaked."""

import dataclasses
import json
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from barri.adapters.stores.home import Home
from barri_tools import firmware
from barri_tools.demo.audit import Audit, audit
from barri_tools.demo.collect import evidence, nodes_know_the_time
from barri_tools.demo.stage import Scene, Stage, StageError
from barri_tools.demo.street import CITY, SCHOOL, STREET, Resident, wishes
from barri_tools.sim.world import Recording, RecordingError, SyntheticStreet, World

WINDOW_S = 10
RECORDING_ROW_S = 2
RECORDING_SPEED = 30.0
LONGEST_DRAIN_S = 30.0
# Simulated seconds to let nodes learn the time before it is sped up.
_LONGEST_START_S = 30.0


@dataclass(frozen=True)
class DemoOptions:
    """What was asked for on the command line."""

    recording: Path | None = None
    headless: bool = False
    duration: str = "60s"
    report: Path | None = None
    kill_gateway: bool = False
    port: int = 8080
    directory: Path = Path("build/demo")


def say(text: str) -> None:
    """One line for the person at the terminal."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def seconds(text: str) -> float:
    """Read a duration such as 60s, 5m or 1h; ValueError says how to write one."""
    units = {"s": 1, "m": 60, "h": 3600}
    number, unit = text[:-1], text[-1:]
    if unit not in units or not number.replace(".", "", 1).isdigit():
        raise ValueError(f"duration {text!r}: write it as 60s, 5m or 1h")
    return float(number) * units[unit]


def run(options: DemoOptions) -> int:
    """Run a demo; returns the exit status."""
    try:
        scene = _scene(options)
        return _headless(scene, options) if options.headless else _interactive(scene)
    except (ValueError, OSError, RecordingError, StageError, firmware.FirmwareError) as error:
        sys.stderr.write(f"barri demo: {error}\n")
        return 2


def _scene(options: DemoOptions) -> Scene:
    world: World = SyntheticStreet(seed=2026)
    residents: tuple[Resident, ...] = STREET
    window_s, speed = WINDOW_S, 1.0
    if options.recording is not None:
        recording = Recording(options.recording, RECORDING_ROW_S)
        for note in recording.notes:
            say(f"recording: {note}")
        world, residents, window_s = recording, SCHOOL, RECORDING_ROW_S
        speed = RECORDING_SPEED if options.headless else 1.0
    return Scene(options.directory.absolute(), residents, world, window_s, speed, options.port)


def _nodes_can_run() -> bool:
    if firmware.program("micropython") is None:
        say("No micropython for this machine: the demo starts without nodes. On Debian 13:")
        say("  sudo apt install micropython")
        return False
    return True


def _interactive(scene: Scene) -> int:
    say(f"barri demo: a simulated street, measuring windows of {scene.window_s} s (boards: 60 s)")
    with Stage(scene) as stage:
        stage.start_page()
        stage.start_gateway()
        if _nodes_can_run():
            stage.start_nodes()
            say(f"nodes: {', '.join(stage.homes)} (the real firmware, simulated chips)")
        say(f"the city's side (sandbox): {stage.city.url}/sandbox")
        say(f"\n  Open http://127.0.0.1:{stage.page_port}\n")
        say("Ctrl+C ends it.")
        return _until_interrupted(stage)


def _until_interrupted(stage: Stage) -> int:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    while not stop.wait(0.5):
        if not stage.gateway_running():
            say(f"the gateway has ended: see {stage.scene.directory / 'gateway.log'}")
            return 1
        stage.look_after_nodes()
    say("\nbarri demo: ended")
    return 0


def _headless(scene: Scene, options: DemoOptions) -> int:
    duration_s = _duration_s(scene, options)
    say(f"barri demo: {duration_s:.0f} simulated s, windows of {scene.window_s} s (boards: 60 s)")
    started = time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the stage takes all down
    with Stage(scene) as stage:
        _agree(stage)
        stage.conductor.set_speed(1.0)
        stage.start_gateway()
        stage.wait_for_gateway()
        stage.start_nodes()
        _let_nodes_learn_the_time(stage)
        stage.conductor.set_speed(scene.speed)
        _play(stage, stage.start_utc_s + duration_s - stage.now_s(), options.kill_gateway)
        ended_s = int(stage.now_s()) // scene.window_s * scene.window_s
        _drain(stage, lambda: audit(evidence(stage, ended_s)).lost == 0)
        for node in stage.homes:
            stage.kill_node(node)
        stage.stop_gateway()
        result = audit(evidence(stage, ended_s))
    _report(result, options.report, time.monotonic() - started)
    return 0 if result.clean else 1


def _duration_s(scene: Scene, options: DemoOptions) -> float:
    if isinstance(scene.world, Recording):
        return scene.world.duration_s
    return seconds(options.duration)


def _agree(stage: Stage) -> None:
    """The scripted citizen's choices, made before the nodes start; all else is kept."""
    home = Home(stage.data / "home.db")
    for wish in wishes(stage.scene.window_s):
        if wish.thing in {thing.id for thing in home.things()}:
            # A share names the window as measured: one that a first sync cut short is not it.
            kind = "coarser" if wish.window_s else "share"
            window_s = wish.window_s or stage.scene.window_s
            home.choose(wish.thing, wish.quantity, 0, CITY, kind, window_s, stage.start_utc_s)
    home.close()


def _let_nodes_learn_the_time(stage: Stage) -> None:
    """As exactly as at home: an answer's way of 10 ms would count as 300 when sped up."""
    until_s = stage.now_s() + _LONGEST_START_S
    while stage.now_s() < until_s and not nodes_know_the_time(stage):
        stage.wait(0.5)


def _play(stage: Stage, duration_s: float, kill_gateway: bool) -> None:
    if not kill_gateway:
        stage.wait(duration_s)
        return
    stage.wait(duration_s / 2)
    stage.kill_gateway()
    say("the gateway was killed in the middle; it starts again in 3 simulated s")
    stage.wait(3)
    stage.start_gateway()
    stage.wait(duration_s / 2 - 3)


def _drain(stage: Stage, done: Callable[[], bool]) -> None:
    """Let what is on its way arrive, for a bounded time; nodes go on measuring."""
    deadline = time.monotonic() + LONGEST_DRAIN_S
    while time.monotonic() < deadline:
        stage.wait(2 * stage.scene.speed)
        if done():
            stage.wait(2 * stage.scene.speed)  # anything sent twice would show now
            return


def _report(result: Audit, path: Path | None, took_s: float) -> None:
    content = dataclasses.asdict(result)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, indent=2) + "\n")
    for name, value in content.items():
        if isinstance(value, int):
            say(f"{name} {value}")
    for finding in result.findings:
        say(finding)
    say(f"took {took_s:.0f} s")
