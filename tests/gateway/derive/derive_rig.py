# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A gateway's file, a household and a clock that tests can tell to misbehave."""

import asyncio
from dataclasses import replace

from barri.adapters.stores.database import Database
from barri.adapters.stores.frame_row import UNKNOWN_TIME_S, FrameRow, insert_many
from barri.adapters.stores.ledger import Ledger
from barri.adapters.stores.log import FrameLog
from barri.domain.household import Board, Choice, Thing
from barri.domain.ranges import pack_fresh
from barri.services.derive import Deriver
from barri_wire import EPOCH_2000_UNIX_S
from barri_wire.frame import encode_frame
from barri_wire.record import Record
from barri_wire.schema import KITS

NOON_S = 1_800_014_400  # 2027-01-15T12:00:00Z, a whole hour
NODE = "a1b2c3"
STORE = 77
THING = Thing("balcony", "Balcó de la Núria", "air", False, 41.385063, 2.173404)
HASH = "$7$101$c2FsdA==$aGFzaA=="


class FakeClock:
    """Time goes on only when told to, or when somebody sleeps."""

    def __init__(self, now_s=NOON_S, synced=True):
        self.s = float(now_s)
        self.synced = synced

    def now_s(self):
        return int(self.s)

    def now_ms(self):
        return int(self.s * 1000)

    def monotonic_s(self):
        return self.s

    async def sleep(self, seconds):
        self.s += seconds
        await asyncio.sleep(0)

    def synchronised(self):
        return self.synced


class FakeHome:
    """A household in memory."""

    def __init__(self):
        self.all_things = [THING]
        self.all_boards = [Board(NODE, THING.id, HASH)]
        self.all_choices = []
        self.all_calibrations = []
        self.all_corrections = []
        self.names = {}
        self.eras = 0

    def things(self):
        return list(self.all_things)

    def boards(self):
        return list(self.all_boards)

    def choices(self):
        return list(self.all_choices)

    def calibrations(self):
        return list(self.all_calibrations)

    def corrections(self):
        return list(self.all_corrections)

    def pseudonyms(self):
        return dict(self.names)

    def choose(
        self, quantity, kind, at_s, window_s=60, recipient="city", thing=THING.id, number=0
    ):
        """Decide; returns the era."""
        self.eras += 1
        era = "" if kind == "keep" else f"{self.eras:016x}"
        made = Choice(thing, quantity, number, recipient, kind, window_s, at_s, era)
        self.all_choices.append(made)
        if kind != "keep":
            self.names.setdefault((thing, recipient), f"{0xFACE00 + self.eras:016x}")
        else:
            valid = {c.key: c for c in self.all_choices}.values()
            if not any(c.gives and c.thing == thing and c.recipient == recipient for c in valid):
                self.names.pop((thing, recipient), None)
        return era


class Rig:
    """Everything derive needs, on a real file."""

    def __init__(self, path, clock=None, home=None):
        self.clock = clock or FakeClock()
        self.home = home or FakeHome()
        self.database = Database(path)
        self.log = FrameLog(self.database)
        self.ledger = Ledger(self.database)
        self.deriver = Deriver(self.ledger, self.home, self.clock)

    def close(self):
        self.database.close()

    def query(self, sql, *bindings):
        return self.database.read(lambda c: list(c.execute(sql, bindings)))

    def execute(self, sql, *bindings):
        self.database.write_now(lambda c: c.execute(sql, bindings).fetchall())

    def frame(self, records, kit="air", node=NODE, store=STORE, arrival_s=None, fresh=None):
        """Put records, with times as on the wire, into the log as one frame."""
        schema = KITS[kit] if isinstance(kit, str) else kit
        body, taken = encode_frame(schema, store, records, 4000)
        assert taken == len(records)
        first, count = records[0].sequence, len(records)
        arrival_s = self.clock.now_s() if arrival_s is None else arrival_s
        bits = None if fresh is None else pack_fresh(first, count, fresh)
        identity = self.query("SELECT coalesce(max(id), 0) + 1 FROM frame")[0][0]
        row = FrameRow(identity, node, store, first, count, bits, arrival_s, 0, body)
        self.execute(insert_many(1), *row.sealed())

    def step(self, times=50):
        """Let derive work until it is idle."""
        for _ in range(times):
            if not asyncio.run(self.deriver.step()):
                return
        raise AssertionError("derive never came to rest")

    def rollups(self, quantity, window_s):
        """start: (weight, value)."""
        sql = (
            "SELECT start_s, weight_s, value FROM rollup WHERE quantity = ? AND window_s = ?"
            " ORDER BY start_s"
        )
        return {row[0]: row[1:] for row in self.query(sql, quantity, window_s)}

    def decided(self, era):
        sql = (
            "SELECT start_s, end_s, value_text FROM decided JOIN stream ON stream.id = stream"
            " WHERE era = ? ORDER BY position"
        )
        return self.query(sql, era)


def record(sequence, start_s, duration_s=10, kit="air", **values):
    """A record whose start is in Unix seconds; values by quantity name, the rest is missing."""
    names = [quantity.name for quantity in KITS[kit].quantities]
    wire_s = start_s - EPOCH_2000_UNIX_S
    return Record(sequence, wire_s, duration_s, tuple(values.get(name) for name in names))


def uptime(record_, uptime_s, boot):
    """The same record of a node without a clock."""
    return Record(record_.sequence, uptime_s, record_.duration_s, record_.values, boot)


__all__ = [
    "HASH",
    "NODE",
    "NOON_S",
    "STORE",
    "THING",
    "UNKNOWN_TIME_S",
    "FakeClock",
    "FakeHome",
    "Rig",
    "record",
    "replace",
    "uptime",
]
