# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Nodes are told what is desired until they report it; what is unwanted is cut out at the door."""

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barri.adapters.sources import desired as room
from barri.adapters.sources.cutting import cut
from barri.adapters.sources.desired import GRACE_S, MOST_TRIES, DesiredSource
from barri.domain.desired import Desired, Reported
from barri.domain.holding import contradicts
from barri.errors import StoreError
from barri.ports import Arrival
from barri_wire.frame import Record, decode_frame, encode_frame
from barri_wire.messages import Hello, encode_hello
from barri_wire.messages_desired import (
    IN_FORCE,
    REFUSED_OLDER,
    REFUSED_QUANTITY,
    decode_desired,
    encode_reported,
)
from barri_wire.messages_desired import Reported as Said
from barri_wire.schema import KITS, Schema, known_schema
from barri_wire.unwanted import hidden

NODE, OTHER = "balcony1", "balcony2"
ENERGY = KITS["energy"]
HELLO = encode_hello(Hello(1, 2, [], [], True, "1.0"))
ROWS = [(5, 6, 7, None, 2300), (6, 6, 8, None, 2301)]
LONG_S = 700


class Clock:
    """Virtual time: it goes on, from one moment to the next, when all tasks have nothing to do."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def monotonic_s(self) -> float:
        return self.now_s

    async def sleep(self, seconds: float) -> None:
        future = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.now_s + seconds, future))
        await future

    async def go_on(self, until_s: float) -> None:
        """To the next sleeper's moment, at most to another one."""
        for _ in range(10):
            await asyncio.sleep(0)
        self._sleepers = [one for one in self._sleepers if not one[1].done()]
        self.now_s = min([until_s, *[at_s for at_s, _ in self._sleepers]])
        for at_s, future in self._sleepers:
            if at_s <= self.now_s:
                future.set_result(None)


class Inner:
    """A source without a network; what is sent is kept with the time of the clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.sent: list[tuple[float, str, bytes]] = []
        self.runs, self.stop = asyncio.Event(), asyncio.Event()

    async def run(self, inbox) -> None:
        self.inbox = inbox
        self.runs.set()
        await self.stop.wait()

    async def send(self, node: str, kind: str, payload: bytes) -> None:
        assert kind == "desired"
        self.sent.append((self._clock.now_s, node, payload))


@pytest.fixture(autouse=True)
def _no_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Virtual time waits for tasks, not for threads."""

    async def at_once(work):
        return work()

    monkeypatch.setattr(room.asyncio, "to_thread", at_once)


class Inbox:
    def __init__(self) -> None:
        self.full = False
        self.got: list[Arrival] = []

    def offer(self, arrival: Arrival) -> bool:
        if not self.full:
            self.got.append(arrival)
        return not self.full


class Rig:
    """desired: what home.db says, None while it cannot be read. safe: nodes that know us."""

    def __init__(self, *desired: Desired) -> None:
        self.desired: dict[str, Desired] | None = {one.node: one for one in desired}
        self.safe = {NODE}
        self.noted: list[Reported] = []
        self.disk_full = False
        self.settled = 0
        self.clock, self.inbox = Clock(), Inbox()
        self.taken: list[bool] = []

    def look(self) -> dict[str, Desired]:
        if self.desired is None:
            raise StoreError("home.db cannot be read")
        return self.desired

    async def note(self, states) -> None:
        if self.disk_full:
            raise StoreError("no room")
        self.noted += states

    def settle(self) -> None:
        self.settled += 1

    def play(self, *story: tuple[float, object], until_s: float = LONG_S) -> list[bytes]:
        """story: (when, what): an arrival as (node, kind, payload), or a function."""
        asyncio.run(self._play(sorted(story, key=lambda one: one[0]), until_s))
        return [payload for _, _, payload in self.inner.sent]

    async def _play(self, story, until_s: float) -> None:
        self.inner = Inner(self.clock)
        self.source = DesiredSource(
            self.inner, self.look, self.safe.__contains__, self._schema_of, self.note, self.clock
        )
        task = asyncio.create_task(self.source.run(self.inbox))
        await self.inner.runs.wait()
        for at_s, what in [*story, (until_s, lambda: None)]:
            while self.clock.now_s < at_s:
                await self.clock.go_on(at_s)
            self._act(what)
        self.inner.stop.set()
        await task

    def _act(self, what) -> None:
        if callable(what):
            what()
        else:
            node, kind, payload = what
            arrival = Arrival(node, kind, payload, 100, self.settle)
            self.taken.append(self.inner.inbox.offer(arrival))

    def _schema_of(self, node: str, schema_id: int) -> Schema | None:
        return known_schema(schema_id)

    def versions(self) -> list[int]:
        return [decode_desired(payload).version for _, _, payload in self.inner.sent]


def reported(version: int, result: int = IN_FORCE, node: str = NODE) -> tuple[str, str, bytes]:
    return node, "reported", encode_reported(Said(version, result))


def frame(rows=ROWS, schema: Schema = ENERGY, boot: int | None = None) -> bytes:
    records = [Record(n, 60 * n, 60, row, boot) for n, row in enumerate(rows)]
    body, taken = encode_frame(schema, 7, records, 10_000)
    assert taken == len(rows)
    return body


def wish(version: int = 3, window_s: int = 0, *unwanted: str, node: str = NODE) -> Desired:
    return Desired(node, version, window_s, unwanted, 100)


HERE = (NODE, "hello", HELLO)


def test_a_node_is_told_at_its_hello_and_not_again_once_it_reports() -> None:
    rig = Rig(wish(3, 10, "power_import"))
    sent = rig.play((0, HERE), (10, HERE), (10, reported(3)))
    assert [decode_desired(payload) for payload in sent] == [wish(3, 10, "power_import").message()]
    assert rig.inner.sent[0][0] < GRACE_S, "one on a battery sleeps again in a moment"
    assert rig.noted == [Reported(NODE, 3, IN_FORCE, 100)]


def test_a_node_that_reports_after_its_hello_is_not_told_again() -> None:
    rig = Rig(wish())
    rig.play((0, HERE), (4, reported(3)), (100, HERE), (100, reported(3)))
    assert rig.versions() == [3]


def test_a_node_that_has_obeyed_and_reports_no_more_is_told_again() -> None:
    """Its settings were lost, say; so it is given a moment to report, and not for ever."""
    rig = Rig(wish())
    rig.play((0, HERE), (4, reported(3)), (100, HERE), until_s=110)
    assert rig.versions() == [3, 3]
    assert rig.inner.sent[1][0] >= 100 + GRACE_S


def test_a_node_that_sleeps_before_a_moment_is_over_is_told_at_once_again() -> None:
    rig = Rig(wish())
    rig.play((0, HERE), (4, HERE), (8, HERE), until_s=8.1)
    assert [at_s for at_s, _, _ in rig.inner.sent] == [0, 6, 8]


def test_a_node_that_does_not_answer_is_told_a_few_times_ever_more_seldom() -> None:
    rig = Rig(wish())
    rig.play((0, HERE))
    times = [at_s for at_s, _, _ in rig.inner.sent]
    assert len(times) == MOST_TRIES
    apart = [later - earlier for earlier, later in pairwise(times)]
    assert apart == sorted(apart)
    assert apart[0] >= room.FIRST_RETRY_S


def test_a_change_of_mind_is_told_at_once() -> None:
    rig = Rig(wish(3))

    def change() -> None:
        rig.desired = {NODE: wish(4)}

    rig.play((0, HERE), (8, change), (20, reported(4)))
    assert rig.versions() == [3, 4]
    assert rig.inner.sent[1][0] < 8 + 2 * room.LOOK_EVERY_S + 1


def test_what_a_node_refuses_is_not_told_again_until_it_changes() -> None:
    rig = Rig(wish(3))

    def change() -> None:
        rig.desired = {NODE: wish(4)}

    rig.play((0, HERE), (10, reported(0, REFUSED_QUANTITY)), (600, change), (610, reported(4)))
    assert rig.versions() == [3, 4]
    assert rig.noted[0].result == REFUSED_QUANTITY


def test_a_gateway_that_is_older_than_its_node_keeps_quiet() -> None:
    """Its home.db came from a backup: the node would refuse, and people set a higher version."""
    rig = Rig(wish(3))
    rig.play((0, HERE), (10, reported(7, REFUSED_OLDER)))
    assert rig.versions() == [3]


def test_nobody_is_told_whose_line_does_not_prove_who_we_are() -> None:
    rig = Rig(wish(node=OTHER))
    assert rig.play((0, (OTHER, "hello", HELLO))) == []
    assert rig.source.counts["not_safe"] == MOST_TRIES


def test_nobody_is_told_who_is_not_here_or_of_whom_nothing_is_desired() -> None:
    assert Rig(wish()).play() == []
    assert Rig().play((0, HERE)) == []


def test_a_node_that_a_new_gateway_process_finds_connected_is_told_too() -> None:
    rig = Rig(wish())
    rig.play((0, (NODE, "frame", frame())), (10, reported(3)))
    assert rig.versions() == [3]


def test_reports_stay_here_and_all_else_goes_on() -> None:
    rig = Rig(wish())
    rig.play((0, HERE), (1, reported(3)), (2, (NODE, "void", b"x")), until_s=10)
    assert [arrival.kind for arrival in rig.inbox.got] == ["hello", "void"]
    assert rig.settled == 1


def test_a_report_that_cannot_be_read_is_counted() -> None:
    rig = Rig(wish())
    rig.play((0, (NODE, "reported", b"\x4b\x00")), until_s=10)
    assert (rig.source.counts["unreadable"], rig.noted, rig.settled) == (1, [], 1)


def test_reports_wait_for_a_disk_that_refuses() -> None:
    rig = Rig(wish())
    rig.disk_full = True

    def repair() -> None:
        rig.disk_full = False

    rig.play((0, reported(3)), (50, repair), until_s=100)
    assert rig.noted == [Reported(NODE, 3, IN_FORCE, 100)]


def test_a_full_inbox_is_full() -> None:
    rig = Rig()
    rig.inbox.full = True
    rig.play((0, HERE), until_s=5)
    assert rig.taken == [False]


# --- at the door ---


def kept(rig: Rig) -> list[tuple[int | None, ...]]:
    return [
        record.values
        for arrival in rig.inbox.got
        if arrival.kind == "frame"
        for record in decode_frame(arrival.payload, ENERGY)
    ]


def test_unwanted_values_are_cut_out_before_anything_is_kept() -> None:
    rig = Rig(wish(3, 0, "power_import"))
    rig.play((0, (NODE, "frame", frame())), until_s=5)
    assert kept(rig) == [(5, 6, None, None, 2300), (6, 6, None, None, 2301)]
    assert rig.source.counts["cut"] == 1


def test_they_are_cut_whether_the_node_is_safe_to_tell_or_not() -> None:
    rig = Rig(wish(3, 0, "power_import", node=OTHER))
    rig.play((0, (OTHER, "frame", frame())), until_s=5)
    assert [row[2] for row in kept(rig)] == [None, None]


def test_other_nodes_and_frames_without_such_values_pass_as_they_are() -> None:
    blank = frame([(5, 6, None, None, 2300)])
    rig = Rig(wish(3, 0, "power_import"))
    rig.play((0, (OTHER, "frame", frame())), (1, (NODE, "frame", blank)), until_s=5)
    assert [arrival.payload for arrival in rig.inbox.got] == [frame(), blank]


def test_nothing_is_taken_while_nobody_knows_what_is_unwanted() -> None:
    rig = Rig(wish(3, 0, "power_import"))
    known, rig.desired = rig.desired, None

    def repair() -> None:
        rig.desired = known

    sent = NODE, "frame", frame()
    rig.play((0, sent), (5, repair), (10, sent), until_s=20)
    assert rig.taken == [False, True]
    assert [row[2] for row in kept(rig)] == [None, None]


def test_what_was_known_stays_while_it_cannot_be_read() -> None:
    rig = Rig(wish(3, 0, "power_import"))

    def damage() -> None:
        rig.desired = None

    rig.play((1, damage), (10, (NODE, "frame", frame())), until_s=20)
    assert [row[2] for row in kept(rig)] == [None, None]


def test_a_cut_resend_of_what_was_kept_whole_is_no_second_board() -> None:
    whole = decode_frame(frame(), ENERGY)
    rest = decode_frame(cut(frame(), hidden(["power_import"]), known_schema), ENERGY)
    assert not contradicts(rest, whole)
    other = decode_frame(frame([(5, 6, 7, None, 2299), ROWS[1]]), ENERGY)
    assert contradicts(other, whole)


def test_a_frame_of_an_unknown_schema_and_what_is_no_frame_come_back_as_they_are() -> None:
    body = frame()
    for damaged in (b"", body[:9], body[:-2], b"\xff" * 40):
        assert cut(damaged, hidden(["power_import"]), known_schema) == damaged
    assert cut(body, hidden(["power_import"]), lambda _: None) == body


@given(st.data())
def test_a_cut_changes_those_values_and_nothing_else(data: st.DataObject) -> None:
    schema = KITS[data.draw(st.sampled_from(sorted(KITS)))]
    value = st.one_of(st.none(), st.integers(-(1 << 31), (1 << 31) - 1))
    row = st.tuples(*[value for _ in schema.channels])
    rows = data.draw(st.lists(row, min_size=1, max_size=40))
    body = frame(rows, schema, data.draw(st.sampled_from([None, 9])))
    names = data.draw(st.lists(st.sampled_from([q.name for q in schema.quantities]), max_size=3))
    done = cut(body, hidden(names), known_schema)
    before, after = decode_frame(body, schema), decode_frame(done, schema)
    assert [(r.sequence, r.start_s, r.duration_s, r.boot) for r in after] == [
        (r.sequence, r.start_s, r.duration_s, r.boot) for r in before
    ]
    for one, other in zip(before, after, strict=True):
        for quantity, old, new in zip(schema.quantities, one.values, other.values, strict=True):
            assert new == (None if quantity.name in names else old)
    assert done[1:8] == body[1:8]
    assert cut(done, hidden(names), known_schema) is done
