# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Collects the evidence of a run: journals, flash, the log's bytes, the city's own record."""

from collections.abc import Iterator
from pathlib import Path

import apsw

from barri.adapters.stores.home import HomeReader
from barri.domain.household import Choice, in_force
from barri_tools.demo.evidence import Agreement, Arrived, Evidence, Kept, Measured, Reading
from barri_tools.demo.stage import Household, Stage
from barri_tools.demo.street import thing_of
from barri_tools.sim import flash_reader
from barri_wire import EPOCH_2000_UNIX_S
from barri_wire.errors import FrameError
from barri_wire.frame import decode_frame, decode_header
from barri_wire.record import Record
from barri_wire.schema import Schema, known_schema
from barri_wire.schema_decoder import decode_schema

# The first two windows after a boot are not whole: one without a clock, one begun late.
_SETTLING_WINDOWS = 2


def evidence(stage: Stage, ended_s: int) -> Evidence:
    """Everything up to `ended_s`, when measuring was no longer counted. Gateway and nodes rest."""
    found = Evidence(stage.scene.window_s, ended_s=ended_s)
    for household in stage.homes.values():
        thing = thing_of(household.resident)
        found.readings += _readings(stage, household, thing)
        found.measured += _measured(stage, household, thing, ended_s)
        found.secrets += _secrets(household)
    found.kept = list(_kept(stage.data / "gateway.db", _things(stage)))
    found.agreements = list(_agreements(stage.data / "home.db", stage.scene.window_s))
    found.arrived = [
        Arrived(row.sensor, row.time_ms // 1000, row.value) for row in stage.record.observations
    ]
    found.requests = [request.masked() for request in stage.record.requests]
    _count_the_rest(stage, found)
    return found


def nodes_know_the_time(stage: Stage) -> bool:
    """Say whether every node has told, since it was last started, that its clock is set.

    For pacing, not for judging.
    """
    said = "SELECT node, arrival_s FROM hello WHERE clock_set = 1"
    try:
        connection = apsw.Connection(
            str(stage.data / "gateway.db"), flags=apsw.SQLITE_OPEN_READONLY
        )
    except apsw.CantOpenError:
        return False
    try:
        heard_s = {str(node): int(arrival_s) for node, arrival_s in connection.execute(said)}
        return all(
            heard_s.get(node, 0) >= int(household.presences[-1].from_s)
            for node, household in stage.homes.items()
            if household.presences
        )
    except apsw.SQLError:
        return False  # the gateway is just making its tables
    finally:
        connection.close()


def _things(stage: Stage) -> dict[str, str]:
    return {node: thing_of(household.resident) for node, household in stage.homes.items()}


def _readings(stage: Stage, household: Household, thing: str) -> list[Reading]:
    return [
        Reading(thing, entry.quantity, stage.start_utc_s + entry.t_us / 1e6, entry.value)
        for entry in household.journal.entries()
    ]


def _measured(stage: Stage, household: Household, thing: str, ended_s: int) -> Iterator[Measured]:
    """The whole windows of each presence."""
    window_s = stage.scene.window_s
    for presence in household.presences:
        until_s = min(ended_s, presence.until_s or ended_s)
        start_s = (int(presence.from_s) // window_s + _SETTLING_WINDOWS) * window_s
        while start_s + window_s <= until_s:
            yield Measured(thing, start_s, start_s + window_s)
            start_s += window_s


def _secrets(household: Household) -> list[str]:
    resident = household.resident
    place = (f"{resident.latitude:.4f}", f"{resident.longitude:.4f}")
    keys = [household.password, *([household.seal_key] if household.seal_key else [])]
    return [resident.node, resident.name, *keys, thing_of(resident), *place]


def _kept(path: Path, things: dict[str, str]) -> Iterator[Kept]:
    """Decode the log's frames anew; a record that several frames carry counts once."""
    seen = set()
    announced = _announced(path)
    for node, body in _frames(path):
        for store_id, record, values in _records(body, node, announced):
            key = (node, store_id, record.sequence)
            if node in things and key not in seen:
                seen.add(key)
                start_s = None if record.boot is not None else record.start_s + EPOCH_2000_UNIX_S
                yield Kept(things[node], store_id, record.sequence, start_s,
                           record.duration_s, values)  # fmt: skip


def _frames(path: Path) -> list[tuple[str, bytes]]:
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return list(connection.execute("SELECT node, body FROM frame ORDER BY id"))
    finally:
        connection.close()


def _announced(path: Path) -> dict[tuple[str, int], Schema]:
    """The schemas that nodes have announced, by node and id."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        rows = list(connection.execute("SELECT node, id, body FROM schema"))
    finally:
        connection.close()
    return {(node, schema_id): decode_schema(body) for node, schema_id, body in rows}


def _records(
    body: bytes, node: str, announced: dict[tuple[str, int], Schema]
) -> Iterator[tuple[int, Record, dict[str, int | None]]]:
    """Store id, record and named values; a frame that nobody can read has no records."""
    try:
        header = decode_header(body)
        schema = known_schema(header.schema_id) or announced.get((node, header.schema_id))
        records = decode_frame(body, schema) if schema is not None else []
    except FrameError:
        return
    names = [quantity.name for quantity in schema.quantities] if schema is not None else []
    for record in records:
        yield header.store_id, record, dict(zip(names, record.values, strict=True))


def _agreements(path: Path, window_s: int) -> Iterator[Agreement]:
    """What was agreed, from the choices themselves; a later choice ends an earlier one."""
    reader = HomeReader(path)
    choices = reader.choices()
    reader.close()
    valid = in_force(choices)
    for number, choice in enumerate(choices):
        if choice.gives:
            later = choices[number + 1 :]
            ended = None if valid[choice.key] == choice else _next_of(later, choice)
            yield Agreement(
                choice.era, choice.thing, choice.quantity, choice.window_s or window_s,
                choice.at_s, ended,
            )  # fmt: skip


def _next_of(later: list[Choice], choice: Choice) -> int:
    return next(one.at_s for one in later if one.key == choice.key)


def _count_the_rest(stage: Stage, found: Evidence) -> None:
    """What nodes hold, read from their flash; what was declared void or stayed unresolved."""
    for node, household in stage.homes.items():
        image = stage.scene.directory / node / "flash.img"
        if image.is_file():
            content = flash_reader.read(image, household.resident.kit, stage.firmware, raw=True)
            found.held += content.next_sequence - content.oldest
            thing = thing_of(household.resident)
            found.acknowledged += _settled(found.kept, thing, content.store_id)
    connection = apsw.Connection(str(stage.data / "gateway.db"), flags=apsw.SQLITE_OPEN_READONLY)
    found.void = _number(connection, "SELECT total(count) FROM void")
    unresolved = "SELECT count(*) FROM exception WHERE state = 'unresolved'"
    found.unresolved = _number(connection, unresolved)
    connection.close()


def _settled(kept: list[Kept], thing: str, store_id: int) -> int:
    """Up to where a store's records are in the log without a hole: what is acknowledged.

    The mark in a node's flash says the same, up to 512 records later.
    """
    there = {one.sequence for one in kept if (one.thing, one.store_id) == (thing, store_id)}
    return next(n for n in range(len(there) + 1) if n not in there)


def _number(connection: apsw.Connection, query: str) -> int:
    return int(next(connection.execute(query))[0])
