# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Somebody changes their mind in mid-run: the city gets nothing more, and forgets what it had."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playing import (
    MakeScene,
    Played,
    city_ends,
    end,
    keep,
    open_gateway,
    power_on,
    share,
    wait_until,
)

from barri.domain.household import Choice
from barri_tools.demo.stage import PROVIDER, Stage
from barri_tools.demo.street import STREET
from barri_tools.sandbox.sentilo.record import CatalogueRow

AIR, _, ENERGY = STREET
AT_ONCE_S = 5  # the promise: no new request starts later than this


@dataclass(frozen=True)
class Withdrawn:
    """played; what was shared, kept and shared again; and the whole Thing that was withdrawn."""

    played: Played
    shared: Choice
    kept: Choice
    again: Choice
    other: Choice
    energy: Choice
    energy_kept: Choice
    still_there: list[str]


@pytest.fixture(scope="module")
def withdrawn(make_scene: MakeScene) -> Iterator[Withdrawn]:
    with Stage(make_scene((AIR, ENERGY))) as stage:
        shared = share(stage, "thing-air", "temperature")
        other = share(stage, "thing-air", "humidity")
        energy = share(stage, "thing-energy", "energy_import", 20)
        open_gateway(stage)
        power_on(stage)
        eras = (shared.era, other.era, energy.era)
        wait_until(stage, lambda: all(city_ends(stage, era) for era in eras), 300, "first values")
        stage.wait(40)
        stage.conductor.set_speed(1.0)  # the next five seconds are about seconds
        kept = keep(stage, "thing-air", "temperature")
        energy_kept = keep(stage, "thing-energy", "energy_import")
        stage.wait(AT_ONCE_S + 3)
        stage.conductor.set_speed(10.0)
        stage.wait(40)
        with stage.city.lock:
            there = sorted(stage.city.sandbox.catalogue(PROVIDER).sensors)
        again = share(stage, "thing-air", "temperature")
        stage.wait(60)
        played = end(stage)
        yield Withdrawn(played, shared, kept, again, other, energy, energy_kept, there)


def deletions(played: Played) -> dict[str, CatalogueRow]:
    changes = played.stage.record.catalogue
    return {row.name: row for row in changes if row.action == "delete" and row.kind == "sensor"}


def test_nothing_measured_after_a_withdrawal_leaves(withdrawn: Withdrawn) -> None:
    stage = withdrawn.played.stage
    for choice, kept in (
        (withdrawn.shared, withdrawn.kept),
        (withdrawn.energy, withdrawn.energy_kept),
    ):
        ends = city_ends(stage, choice.era)
        assert ends
        assert max(ends) <= kept.at_s


def test_no_request_about_it_starts_later_than_the_promise(withdrawn: Withdrawn) -> None:
    stage = withdrawn.played.stage
    for choice, kept in (
        (withdrawn.shared, withdrawn.kept),
        (withdrawn.energy, withdrawn.energy_kept),
    ):
        naming = [
            r.received_s
            for r in stage.record.requests
            if choice.era.encode() in r.raw and b"method=delete" not in r.raw.split(b"\r\n", 1)[0]
        ]
        assert naming
        assert max(naming) <= kept.at_s + AT_ONCE_S


def test_the_city_is_asked_to_forget_the_sensor_within_the_promise(withdrawn: Withdrawn) -> None:
    gone = deletions(withdrawn.played)
    for choice, kept in (
        (withdrawn.shared, withdrawn.kept),
        (withdrawn.energy, withdrawn.energy_kept),
    ):
        assert gone[choice.era].received_s <= kept.at_s + 1 + AT_ONCE_S
        assert choice.era not in withdrawn.still_there


def test_a_thing_that_shares_nothing_any_more_disappears_whole(withdrawn: Withdrawn) -> None:
    changes = withdrawn.played.stage.record.catalogue
    components = [(row.action, row.name) for row in changes if row.kind == "component"]
    created = [name for action, name in components if action == "create"]
    deleted = [name for action, name in components if action == "delete"]
    assert len(created) == 2
    assert len(deleted) == 1


def test_what_others_are_given_goes_on(withdrawn: Withdrawn) -> None:
    assert withdrawn.other.era in withdrawn.still_there
    ends = city_ends(withdrawn.played.stage, withdrawn.other.era)
    assert max(ends) > withdrawn.again.at_s
    assert withdrawn.played.report.lost == 0, withdrawn.played.report.findings


def test_what_was_measured_while_withdrawn_never_leaves_later(withdrawn: Withdrawn) -> None:
    """Sharing again is a new sensor of the city, and starts then."""
    assert withdrawn.again.era != withdrawn.shared.era
    ends = city_ends(withdrawn.played.stage, withdrawn.again.era)
    assert ends
    assert min(ends) - 10 > withdrawn.again.at_s


def test_the_report_finds_no_leak_and_no_double(withdrawn: Withdrawn) -> None:
    report = withdrawn.played.report
    assert (report.leaked, report.duplicated) == (0, 0), report.findings
