# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A board whose flash was erased, and a board that was copied: no record passes for another."""

from collections.abc import Iterator

import pytest
from playing import (
    MakeScene,
    Played,
    alarms,
    console,
    end,
    kept_of,
    open_gateway,
    power_on,
    rows,
    share,
)

from barri_tools.demo.stage import Stage
from barri_tools.demo.street import STREET
from barri_tools.sim import flash_reader
from barri_tools.sim.world import SyntheticStreet
from barri_wire.frame import decode_frame, decode_header
from barri_wire.record import Record
from barri_wire.schema import known_schema

AIR = STREET[0]
COPY = "copy"
_REFUSED = "gateway refuses: code 1"


@pytest.fixture(scope="module")
def erased(make_scene: MakeScene) -> Iterator[Played]:
    """The air node loses its flash after a minute and starts as if it were new."""
    with Stage(make_scene((AIR,))) as stage:
        share(stage, "thing-air", "temperature")
        open_gateway(stage)
        power_on(stage)
        stage.wait(100)
        stage.kill_node(AIR.node)
        (stage.scene.directory / AIR.node / "flash.img").unlink()
        power_on(stage, AIR.node)
        stage.wait(100)
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


@pytest.fixture(scope="module")
def cloned(make_scene: MakeScene) -> Iterator[Stage]:
    """A board and its copy, in different streets, at one time."""
    with Stage(make_scene((AIR,))) as stage:
        open_gateway(stage)
        power_on(stage)
        stage.wait(60)
        stage.kill_node(AIR.node)  # a board is copied switched off
        clone = stage.clone_node(AIR.node, COPY, SyntheticStreet(seed=7, starts_at_s=3 * 3600.0))
        power_on(stage, AIR.node)
        stage.wait(200)
        for node in (stage.nodes[AIR.node], clone):
            assert node.running(), node.console()[-500:]
            node.kill()
        stage.stop_gateway()
        yield stage


def records(stage: Stage, table: str) -> list[Record]:
    """The air node's records as the log or the quarantine holds them."""
    sql = f"SELECT body FROM {table} WHERE node = ? ORDER BY id"
    bodies = [body for (body,) in rows(stage, sql, AIR.node)]
    return [record for body in bodies for record in decoded(body)]


def decoded(body: bytes) -> list[Record]:
    """A frame's records, of the kit or of the board's health."""
    schema = known_schema(decode_header(body).schema_id)
    assert schema is not None
    return decode_frame(body, schema)


def test_two_boards_with_one_identity_raise_an_alarm(cloned: Stage) -> None:
    assert "two_boards_one_identity" in alarms(cloned, AIR.node)


def test_what_the_second_board_says_under_a_taken_number_is_set_aside_not_mixed_in(
    cloned: Stage,
) -> None:
    """A frame is set aside whole when one of its records says something else."""
    taken = {record.sequence: record for record in records(cloned, "frame")}
    aside = [body for (body,) in rows(cloned, "SELECT body FROM quarantine")]
    assert aside
    for body in aside:
        said = decoded(body)
        # Values alone may be alike; a record is also when it was measured, and for how long.
        assert any(taken.get(record.sequence) != record for record in said)


def test_neither_board_lets_go_of_anything_while_people_have_not_looked(cloned: Stage) -> None:
    """Both rings still hold every record since the first one, whatever was acknowledged."""
    for board in (AIR.node, COPY):
        image = cloned.scene.directory / board / "flash.img"
        content = flash_reader.read(image, "air", cloned.firmware, raw=True)
        assert content.oldest == 0
        assert content.lost == 0
        assert content.next_sequence > 20


def test_the_boards_are_told(cloned: Stage) -> None:
    """A refusal goes to the board that is connected just then."""
    told = [board for board in (AIR.node, COPY) if _REFUSED in console(cloned, board)]
    assert told
