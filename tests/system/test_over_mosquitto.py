# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The whole path over a real Mosquitto that is restarted in mid-stream."""

import dataclasses
import shutil
from collections.abc import Iterator

import pytest
from playing import MakeScene, Played, end, power_on, share, wait_until

from barri_tools.demo.stage import Stage
from barri_tools.demo.street import STREET

AIR, _, ENERGY = STREET


@pytest.fixture(scope="module")
def restarted(make_scene: MakeScene) -> Iterator[Played]:
    if shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin") is None:
        pytest.skip("mosquitto is missing: apt-get install mosquitto")
    scene = dataclasses.replace(make_scene((AIR, ENERGY)), broker="mosquitto")
    with Stage(scene) as stage:
        share(stage, "thing-air", "temperature")
        share(stage, "thing-energy", "energy_import", 20)
        stage.start_mosquitto()
        stage.start_gateway()
        log = stage.scene.directory / "mosquitto" / "mosquitto.log"
        wait_until(
            stage, lambda: "as barri-gateway" in log.read_text(), 600, "the gateway is here"
        )
        power_on(stage)
        stage.wait(70)
        stage.stop_mosquitto()
        stage.wait(20)
        stage.start_mosquitto()
        stage.wait(120)
        yield end(stage)


def test_nothing_is_lost_doubled_or_leaked(restarted: Played) -> None:
    assert restarted.report.clean, restarted.report.findings
    assert restarted.report.records_measured > 20


def test_what_was_shared_is_in_the_city(restarted: Played) -> None:
    assert restarted.report.observations_forwarded >= restarted.report.observations_shared > 10


def test_strangers_find_no_way_in(restarted: Played) -> None:
    """Each node has a line of its own in the rights; nobody else is let in."""
    folder = restarted.stage.scene.directory / "mosquitto"
    assert "allow_anonymous false" in (folder / "mosquitto.conf").read_text()
    users = [line.split(":")[0] for line in (folder / "passwords").read_text().splitlines()]
    assert sorted(users) == sorted(["barri-gateway", AIR.node, ENERGY.node])
    for household in restarted.stage.homes.values():
        assert household.password not in (folder / "passwords").read_text()
