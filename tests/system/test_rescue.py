# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A node whose app has come to crash at each start gets a release that works, in safe mode."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playing import MakeScene, Played, console, end, open_gateway, power_on, share, wait_until
from releasing import follow, offer_updates, publish

from barri_node.update.slots import Slots
from barri_tools import firmware
from barri_tools.demo.stage import Stage
from barri_tools.demo.street import STREET

_, _, ENERGY = STREET
NODE = ENERGY.node
MENDED = "2.0.0"
MAIN = (firmware.source_directory() / "main.py").read_text()
APP = "    return run(hal, settings, life)"
PLANTED = """    import os

    if "crash" in os.listdir(hal.flash_root()):
        raise ValueError("planted")
"""


def _crashing(built: Path, folder: Path) -> Path:
    """The firmware, but for an app that crashes once a file named `crash` is on flash."""
    shutil.copytree(built, folder)
    assert MAIN.count(APP) == 1
    (folder / "main.py").write_text(MAIN.replace(APP, PLANTED + APP))
    return folder


@pytest.fixture(scope="module")
def rescued(
    make_scene: MakeScene, node_firmware: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Played]:
    planted = _crashing(node_firmware, tmp_path_factory.mktemp("planted") / "built")
    with Stage(make_scene((ENERGY,), sealed=True)) as stage:
        share(stage, "thing-energy", "energy_import", 20)
        offer_updates(stage)
        stage.firmware = planted
        open_gateway(stage)
        power_on(stage)
        wait_until(stage, lambda: stage.record.observations, 200, "a first value in the city")
        stage.wait(40)
        stage.kill_node(NODE)
        (stage.scene.directory / NODE / "crash").touch()
        stage.start_node(NODE)
        follow(stage, NODE, "safe mode: 3 bad boots in a row")
        safe = stage.homes[NODE].presences[-1]
        follow(stage, NODE, "the gateway is asked for a release")
        publish(stage, MENDED, 1, main=MAIN)  # as late as that: it is asked for again
        follow(stage, NODE, "release 1 is here")
        follow(stage, NODE, f"barri {MENDED} on")
        stage.homes[NODE].presences.remove(safe)  # it is on, and does not measure
        follow(stage, NODE, "release 1 has proven itself")
        stage.wait(40)
        yield end(stage)


def test_it_runs_the_release_that_it_was_sent_in_safe_mode(rescued: Played) -> None:
    said = console(rescued.stage, NODE)
    assert said.count("ValueError: planted") == 3
    assert said.index("3 bad boots") < said.index("release 1 is here")
    assert f"barri {MENDED} on unix" in said[said.index("release 1 is here") :]


def test_the_release_stays(rescued: Played) -> None:
    slots = Slots(str(rescued.stage.scene.directory / NODE))
    assert (slots.run, slots.serial, slots.trial) == ("a", 1, "-")


def test_what_was_measured_before_and_after_is_neither_lost_nor_doubled(rescued: Played) -> None:
    report = rescued.report
    assert report.records_measured > 3
    assert (report.lost, report.duplicated, report.leaked) == (0, 0, 0), report.findings


def test_it_went_on_with_the_same_records(rescued: Played) -> None:
    """Safe mode does not open the ring log: one store, each sequence once."""
    kept = rescued.evidence.kept
    assert len({one.store_id for one in kept}) == 1
    sequences = [one.sequence for one in kept]
    assert len(set(sequences)) == len(sequences)


def test_the_gateway_says_who_was_in_need(rescued: Played) -> None:
    log = (rescued.stage.scene.directory / "gateway.log").read_text()
    assert f"{NODE} is in safe mode and asks for a release" in log
