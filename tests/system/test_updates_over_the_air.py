# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A node is updated over the air while it measures, and goes back from a release that cannot run.

The gateway is killed in mid-update, and so is the node.
"""

from collections.abc import Iterator

import pytest
from playing import MakeScene, Played, console, end, open_gateway, share, wait_until
from releasing import MOST_S, follow, offer_updates, publish

from barri_tools.demo.stage import Stage
from barri_tools.demo.street import STREET

_, _, ENERGY = STREET
NODE = ENERGY.node
GOOD, BROKEN = "2.0.0", "3.0.0"
HEAP = "288k"  # what fetches takes 19 kB of 64-bit objects, and asks for 32 to be free


@pytest.fixture(scope="module")
def updated(make_scene: MakeScene) -> Iterator[Played]:
    with Stage(make_scene((ENERGY,), sealed=True, heap=HEAP)) as stage:
        share(stage, "thing-energy", "energy_import", 20)
        offer_updates(stage)
        publish(stage, GOOD, 1)
        open_gateway(stage)
        stage.start_nodes()
        follow(stage, NODE, "release 1 is offered")
        stage.wait(15)
        stage.kill_gateway()
        stage.wait(5)
        open_gateway(stage)
        stage.wait(20)
        stage.kill_node(NODE)
        stage.start_node(NODE)
        follow(stage, NODE, "release 1 has proven itself")
        publish(stage, BROKEN, 2, main="import barri_node.app\nraise ValueError('broken')\n")
        stage.kill_node(NODE)  # its hello gets the offer
        stage.start_node(NODE)
        follow(stage, NODE, "ValueError: broken")
        before = console(stage, NODE).count(f"barri {GOOD} on")
        wait_until(
            stage,
            lambda: console(stage, NODE).count(f"barri {GOOD} on") > before,
            MOST_S,
            "the node is back",
        )
        stage.wait(60)
        yield end(stage)


def test_the_node_runs_what_it_was_sent(updated: Played) -> None:
    said = console(updated.stage, NODE)
    assert f"barri {GOOD} on unix" in said
    assert said.index("release 1 is here") < said.index(f"barri {GOOD} on unix")


def test_it_goes_back_from_a_release_that_cannot_start(updated: Played) -> None:
    said = console(updated.stage, NODE)
    assert f"barri {BROKEN} on" not in said
    assert f"barri {GOOD} on unix" in said[said.rindex("ValueError: broken") :]
    assert said.count("ValueError: broken") <= 3, "a failed release is not tried for ever"


def test_what_it_measured_meanwhile_is_neither_lost_nor_doubled(updated: Played) -> None:
    report = updated.report
    assert report.records_measured > 10
    assert (report.lost, report.duplicated, report.leaked) == (0, 0, 0), report.findings


def test_records_went_on_while_the_release_came(updated: Played) -> None:
    """Windows that ended between offer and trial were kept and stored."""
    assert updated.report.records_acknowledged > 10


def test_the_key_is_in_no_release_and_on_no_console(updated: Played) -> None:
    stage = updated.stage
    key = stage.homes[NODE].seal_key
    assert key not in console(stage, NODE)
    assert key not in (stage.scene.directory / "gateway.log").read_text()
