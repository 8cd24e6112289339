# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""An owner says "do not measure" of a node that runs: no value more comes, all else does."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playing import (
    MakeScene,
    Played,
    alarms,
    console,
    end,
    open_gateway,
    power_on,
    reach_mid_window,
    rows,
    share,
    wait_for_the_city,
    wait_until,
)
from typer.testing import CliRunner

from barri.cli import app
from barri_tools.demo.stage import Stage
from barri_tools.demo.street import STREET
from barri_wire.frame import decode_frame
from barri_wire.schema import KITS

_, _, ENERGY = STREET
NODE = ENERGY.node
UNWANTED = "power_import"
GATEWAY_LOOKS_S = 5  # it looks every two seconds


def want(settings: Path, *words: str) -> str:
    result = CliRunner().invoke(app, ["node", "want", NODE, *words, "--config", str(settings)])
    assert result.exit_code == 0, result.output
    return result.output


def reported(stage: Stage) -> list[tuple[int]]:
    return rows(stage, "SELECT version FROM reported WHERE node = ?", NODE)


def values_of(stage: Stage, quantity: str) -> list[tuple[int, int | None]]:
    """When a frame of the kit came, and what it says of a quantity."""
    schema, found = KITS["energy"], []
    place = [one.name for one in schema.quantities].index(quantity)
    for arrival_s, body in rows(stage, "SELECT arrival_s, body FROM frame ORDER BY id"):
        if int.from_bytes(body[1:3], "big") == schema.id:
            records = decode_frame(bytes(body), schema)
            found += [(arrival_s, record.values[place]) for record in records]
    return found


@pytest.fixture(scope="module")
def obeyed(make_scene: MakeScene) -> Iterator[tuple[Played, int, str]]:
    with Stage(make_scene((ENERGY,), sealed=True)) as stage:
        share(stage, "thing-energy", "energy_import", 20)
        open_gateway(stage)
        power_on(stage)
        wait_for_the_city(stage, 1)
        reach_mid_window(stage)
        speed = stage.conductor.speed
        stage.conductor.set_speed(1.0)  # it restarts in mid-window, when nothing is on its way
        said_s = int(stage.now_s())
        want(stage.settings_file, "--not", UNWANTED)
        wait_until(stage, lambda: reported(stage) == [(1,)], 60, "the node's report")
        stage.conductor.set_speed(speed)
        wait_for_the_city(stage, 5)
        shown = want(stage.settings_file)
        yield end(stage), said_s, shown


def test_no_value_of_it_is_kept_from_then_on(obeyed: tuple[Played, int, str]) -> None:
    played, said_s, _ = obeyed
    values = values_of(played.stage, UNWANTED)
    assert any(value is not None for at_s, value in values if at_s < said_s)
    later = [value for at_s, value in values if at_s > said_s + GATEWAY_LOOKS_S]
    assert len(later) > 5
    assert set(later) == {None}


def test_the_chip_is_asked_on_but_the_node_discards_the_value(
    obeyed: tuple[Played, int, str],
) -> None:
    """It began anew with these settings; the gateway had nothing to cut out after that."""
    said = console(obeyed[0].stage, NODE)
    assert said.count("settings: new ones came; restarting with them") == 1
    assert "energy kit, boot 2" in said


def test_nothing_else_is_lost_doubled_or_leaked(obeyed: tuple[Played, int, str]) -> None:
    played, said_s, _ = obeyed
    report = played.report
    assert (report.lost, report.duplicated, report.leaked) == (0, 0, 0), report.findings
    energy = values_of(played.stage, "energy_import")
    assert all(value is not None for at_s, value in energy if at_s > said_s + GATEWAY_LOOKS_S)
    assert alarms(played.stage, NODE) == set()


def test_people_see_that_it_is_in_force(obeyed: tuple[Played, int, str]) -> None:
    shown = obeyed[2].splitlines()
    assert shown[0] == "Asked for: version 1: records as provisioned, without power_import"
    assert shown[1].startswith("In force:  version 1 (reported ")
    assert len(shown) == 2
