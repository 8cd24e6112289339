# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What the link once did wrong; see test_what_once_failed.py."""

from link_bench import Bench

from barri_wire.messages import Time, encode_time


def a_network_that_goes_away_after_a_success_is_looked_for_ever_more_rarely():
    """An access point gone for a night: today it is looked for every 2 s for ever."""
    bench = Bench(first_ms=1000)

    async def story():
        await bench.world.until(10000)
        bench.world.no_wifi = True
        bench.gateway.stream.cut()

    bench.run(200000, story)
    assert [at // 1000 for at in bench.world.joins] == [1, 12, 16, 24, 40, 72, 132, 192]


def an_unanswered_hello_is_said_again_although_records_come_every_10_seconds():
    """Each record wakes the link before its 15 s are over: it never asks again, nor sends."""
    bench = Bench()
    bench.gateway.acknowledges = bench.gateway.tells_time = False
    bench.run(120000, every_ms=10000)
    assert len(bench.gateway.times("hello")) > 4


def an_unacknowledged_frame_is_sent_again_although_records_come_every_10_seconds():
    bench = Bench(records=1)
    gateway = bench.gateway

    on_frame = gateway._on_frame

    def lose_all_from_the_third_on(payload):
        if len(gateway.messages("frame")) == 2:
            gateway.acknowledges = gateway.stores = False
        on_frame(payload)

    gateway._on_frame = lose_all_from_the_third_on
    bench.run(200000, every_ms=10000)
    sent = gateway.sent()
    assert sent.count(2) > 1, sent


def a_connection_that_has_ended_is_closed():
    """MicroPython's Stream.close does nothing; only wait_closed closes the socket."""
    bench = Bench()
    bench.gateway.takes = False
    bench.run(100000)
    assert len(bench.network.attempts) > 3
    assert bench.network.open_now() <= 1


def the_answer_to_a_hello_counts_when_a_second_began_while_it_was_made():
    """The token is the hello's second of uptime; the link remembers another moment's."""
    bench = Bench(first_ms=1000)
    anchors = bench.log.anchors

    def slow_anchors():
        if bench.world.now_ms < 2000:
            bench.world.now_ms = 2003
        return anchors()

    bench.log.anchors = slow_anchors
    bench.run(5000)
    assert bench.clock.is_set()


def a_time_before_the_nodes_own_first_second_is_not_believed():
    """Its records would start before 2000: the store refuses them all, and they are lost."""
    bench = Bench(first_ms=100000)
    bench.gateway.send_time = lambda token: bench.gateway.send(
        "time", encode_time(Time(token, 5, 0))
    )
    bench.run(110000)
    utc_ms = bench.clock.utc_ms_at(0)
    assert utc_ms is None or utc_ms >= 0
