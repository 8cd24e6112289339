# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The inbox is bounded in every way, and the running receiver empties it in groups."""

import asyncio

import pytest
from receive_support import FakeClock, FakeSource, Gateway, frame

from barri.adapters.stores.log import FrameLog
from barri.errors import StoreError
from barri.ports import Arrival
from barri.services.inbox import BoundedInbox
from barri.services.receive import GROUP_COUNT, Receiver


def arrival(node: str = "balcony1", size: int = 10) -> Arrival:
    return Arrival(node, "frame", bytes(size), 0, lambda: None)


def test_a_full_inbox_says_no_and_keeps_what_it_has() -> None:
    inbox = BoundedInbox(arrival_limit=3)
    assert [inbox.offer(arrival()) for _ in range(5)] == [True, True, True, False, False]
    assert len(inbox.take(10)) == 3
    assert inbox.offer(arrival())


def test_bytes_are_bounded_too() -> None:
    inbox = BoundedInbox(byte_limit=10_000)
    assert inbox.offer(arrival(size=6000))
    assert not inbox.offer(arrival(size=6000))
    inbox.take(1)
    assert inbox.offer(arrival(size=6000))


def test_one_node_cannot_fill_the_inbox_for_all() -> None:
    inbox = BoundedInbox(arrival_limit=100, node_limit=5)
    assert sum(inbox.offer(arrival("noisy001")) for _ in range(50)) == 5
    assert inbox.offer(arrival("quiet001"))
    inbox.take(100)
    assert inbox.offer(arrival("noisy001"))


def test_arrivals_come_out_in_order_with_their_source() -> None:
    inbox = BoundedInbox()
    source = FakeSource()
    for size in (1, 2, 3):
        inbox.door(source).offer(arrival(size=size))
    taken = inbox.take(2)
    assert [len(entry.arrival.payload) for entry in taken] == [1, 2]
    assert all(entry.source is source for entry in taken)


def run_until_settled(gateway: Gateway, receiver: Receiver, settled: int) -> None:
    async def scenario() -> None:
        task = asyncio.create_task(receiver.run())
        await gateway.settled_reaches(settled)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(asyncio.wait_for(scenario(), 60))


def test_the_running_receiver_stores_in_groups_of_bounded_size(gateway: Gateway) -> None:
    sizes: list[int] = []
    store = gateway.receiver.store

    async def noting(entries):  # type: ignore[no-untyped-def]
        sizes.append(len(entries))
        await store(entries)

    gateway.receiver.store = noting  # type: ignore[method-assign]
    for i in range(450):
        assert gateway.inbox.offer(gateway.arrival("frame", frame(2 * i, 2)), gateway.source)
    run_until_settled(gateway, gateway.receiver, 450)
    assert sizes == [GROUP_COUNT, GROUP_COUNT, 50]
    assert gateway.sequences() == list(range(900))


class FlakyLog(FrameLog):
    """A log on a disk that is full for a while."""

    failures = 3

    async def write(self, fn):  # type: ignore[no-untyped-def]
        if self.failures:
            self.failures -= 1
            raise StoreError("disk full (planted)")
        return await super().write(fn)


def test_while_the_disk_refuses_nothing_is_settled_and_then_everything_is_stored(
    gateway: Gateway,
) -> None:
    log = FlakyLog(gateway.database)
    inbox = BoundedInbox()
    receiver = Receiver(log, inbox, [gateway.source], FakeClock())
    for first in range(0, 50, 10):
        inbox.offer(gateway.arrival("frame", frame(first, 10)), gateway.source)
    run_until_settled(gateway, receiver, 5)
    assert receiver.counts["commits_failed"] == 3
    assert gateway.sequences() == list(range(50))
    assert gateway.settled == 5


def test_a_failed_commit_leaves_no_trace_in_memory(gateway: Gateway) -> None:
    async def scenario() -> None:
        intake = gateway.receiver._intake
        await gateway.receiver._log.write(
            lambda writer: intake.take([gateway.arrival("frame", frame(0, 5))], writer, True)
        )  # committed by mistake or not: without keep() it never happened
        assert intake._held == {}

    asyncio.run(scenario())


def test_a_source_that_fails_ends_the_receiver_with_its_error(gateway: Gateway) -> None:
    class Broken(FakeSource):
        async def run(self, inbox):  # type: ignore[no-untyped-def]
            raise StoreError("planted")

    receiver = Receiver(FrameLog(gateway.database), gateway.inbox, [Broken()], FakeClock())
    with pytest.raises(ExceptionGroup) as raised:
        asyncio.run(receiver.run())
    assert [str(error) for error in raised.value.exceptions] == ["planted"]
