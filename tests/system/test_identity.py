# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A board whose flash was erased, and a board that was copied: no record passes for another."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playing import MakeScene, Played, alarms, end, kept_of, open_gateway, share

from barri_tools.demo.stage import Stage
from barri_tools.demo.street import STREET
from barri_tools.sim.world import SyntheticStreet

AIR, _, ENERGY = STREET


@pytest.fixture(scope="module")
def erased(make_scene: MakeScene) -> Iterator[Played]:
    """The air node loses its flash after a minute and starts as if it were new."""
    with Stage(make_scene((AIR,))) as stage:
        share(stage, "thing-air", "temperature")
        open_gateway(stage)
        stage.start_nodes()
        stage.wait(80)
        stage.kill_node(AIR.node)
        (stage.scene.directory / AIR.node / "flash.img").unlink()
        stage.start_node(AIR.node)
        stage.wait(80)
        yield end(stage)


def test_an_erased_node_begins_a_new_store_and_counts_from_zero(erased: Played) -> None:
    kept = kept_of(erased.evidence, "thing-air")
    stores = list(dict.fromkeys(k.store_id for k in kept))
    assert len(stores) == 2
    for store_id in stores:
        sequences = sorted(k.sequence for k in kept if k.store_id == store_id)
        assert len(sequences) > 5
        assert sequences == list(range(len(sequences)))


def test_nothing_of_an_erased_node_is_taken_for_old(erased: Played) -> None:
    assert erased.report.records_measured > 10
    assert erased.report.clean, erased.report.findings
    assert alarms(erased.stage, AIR.node) == set()


# A copied board.


@dataclass(frozen=True)
class Cloned:
    """The remains of two boards with one identity. windows: what each has measured, by board."""

    stage: Stage
    copied_s: float


@pytest.fixture(scope="module")
def cloned(make_scene: MakeScene) -> Iterator[Cloned]:
    """A board and its copy, in different streets, at one time."""
    with Stage(make_scene((AIR,))) as stage:
        open_gateway(stage)
        stage.start_nodes()
        stage.wait(60)
        stage.kill_node(AIR.node)  # a board is copied switched off
        copied_s = stage.now_s()
        stage.clone_node(AIR.node, "copy", SyntheticStreet(seed=7, starts_at_s=3 * 3600.0))
        stage.start_node(AIR.node)
        stage.wait(400)
        for node in (stage.nodes[AIR.node], *stage.clones):
            assert node.running(), node.console()[-500:]
        stage.stop_gateway()
        yield Cloned(stage, copied_s)


def test_two_boards_with_one_identity_raise_an_alarm(cloned: Cloned) -> None:
    assert "two_boards_one_identity" in alarms(cloned.stage, AIR.node)
