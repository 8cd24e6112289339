# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The node's side of a conversation with its gateway. Runs on MicroPython, in virtual time."""

from fake_gateway import UTC_AT_ZERO_S
from link_bench import SCHEMA, Bench

from barri_wire.messages import VOID_OVERWRITTEN, Ack, encode_ack
from barri_wire.schema import KITS, encode_schema

MINUTE_MS = 60000
HOUR_MS = 3600000


def hello_is_the_first_thing_said():
    bench = Bench(records=3)
    gateway = bench.run(1500)
    hello = gateway.messages("hello")[0]
    assert gateway.kinds()[0] == "hello"
    assert hello.stores == [(bench.log.store_id, 0, 3)]
    assert (hello.boot, hello.uptime_s, hello.clock_set) == (bench.boot, 1, False)
    assert (hello.anchors, hello.firmware) == ([], "9.9.9")


def answers_are_subscribed_to_before_anything_is_said():
    gateway = Bench().run(1500)
    assert [name.split("/")[-1] for name in gateway.subscriptions] == [
        "ack", "time", "schema", "refuse",
    ]  # fmt: skip
    assert all("/balcony1/down/" in name for name in gateway.subscriptions)


def nothing_is_sent_before_the_gateway_has_said_what_it_holds():
    bench = Bench(records=3)
    bench.gateway.acknowledges = False
    gateway = bench.run(5 * MINUTE_MS)
    assert set(gateway.kinds()) == {"hello"}
    assert len(gateway.kinds()) > 10


def hello_is_said_again_until_it_is_answered():
    bench = Bench()
    bench.gateway.acknowledges = bench.gateway.tells_time = False
    assert bench.run(62000).times("hello") == [1000, 16000, 31000, 46000, 61000]


def after_the_first_time_hello_is_said_once_more_with_the_anchor():
    gateway = Bench().run(10 * MINUTE_MS)
    first, second = gateway.messages("hello")
    assert (first.clock_set, first.anchors) == (False, [])
    assert second.clock_set
    assert second.anchors == [(1, 1, UTC_AT_ZERO_S + 1)]


def without_a_time_hello_is_said_again_although_the_gateway_acknowledges():
    bench = Bench()
    bench.gateway.tells_time = False
    assert len(bench.run(62000).times("hello")) == 5


def the_time_is_asked_for_every_hour():
    times = Bench().run(int(3.5 * HOUR_MS)).times("hello")
    assert len(times) == 5
    apart_ms = [times[i + 1] - times[i] for i in range(1, 4)]
    assert all(HOUR_MS <= apart <= HOUR_MS + 16000 for apart in apart_ms)


def the_clock_is_set_to_what_the_gateway_said():
    bench = Bench()
    bench.run(5000)
    assert bench.clock.utc_ms_at(5000) == (UTC_AT_ZERO_S + 5) * 1000
    assert bench.clock_set_ms == [1000]


def later_statements_of_time_do_not_realign_the_windows():
    bench = Bench()
    bench.run(3 * HOUR_MS)
    assert len(bench.clock_set_ms) == 1


def a_time_that_answers_another_hello_is_passed_over():
    bench = Bench()
    bench.gateway.tells_time = False

    async def story():
        await bench.world.until(2000)
        bench.gateway.send_time(0)
        bench.gateway.send_time(2)
        bench.gateway.send_time(0xFFFFFFFF)

    bench.run(3000, story)
    assert not bench.clock.is_set()


def records_are_sent_once_and_released_when_acknowledged():
    bench = Bench(records=20)
    gateway = bench.run(5 * MINUTE_MS)
    assert gateway.sent() == list(range(20))
    assert bench.log.released == 20


def records_that_the_gateway_holds_already_are_not_sent():
    bench = Bench(records=20, released=15)
    bench.gateway.stored = set(range(15))
    assert bench.run(MINUTE_MS).sent() == list(range(15, 20))


def a_new_record_is_sent_at_once():
    bench = Bench()

    async def story():
        await bench.world.until(100123)
        bench.keep(1)
        bench.link.wake.set()

    gateway = bench.run(200000, story)
    assert gateway.times("frame") == [100123]


def what_is_not_acknowledged_is_sent_again_after_15_seconds_of_silence():
    bench = Bench(records=2)
    gateway = bench.gateway

    async def story():
        await bench.world.until(30000)
        gateway.acknowledges = gateway.stores = False
        bench.keep(3)
        bench.link.wake.set()
        await bench.world.until(62000)
        gateway.acknowledges = gateway.stores = True

    bench.run(5 * MINUTE_MS, story)
    again = [(at, message) for at, kind, message in gateway.heard if message == [2, 3, 4]]
    assert [at for at, _ in again] == [30000, 45000, 60000, 75000]
    assert bench.log.released == 5


def what_the_ring_has_overwritten_is_declared_void():
    bench = Bench(records=1500)
    oldest = bench.log.oldest
    assert oldest > 0
    gateway = bench.run(10 * MINUTE_MS)
    assert gateway.kinds().count("void") in (1, 2, 3)  # one for each answer on its way
    assert all(void.ranges == [(0, oldest, VOID_OVERWRITTEN)] for void in gateway.messages("void"))
    assert gateway.stored == set(range(oldest, 1500))
    assert bench.log.released == 1500
    assert bench.log.lost_ranges() == []


def the_schema_is_announced_when_it_is_asked_for():
    bench = Bench(records=1)

    async def story():
        await bench.world.until(20000)
        bench.gateway.ask_for_schema(SCHEMA.id)
        await bench.world.until(30000)
        bench.gateway.ask_for_schema(KITS["noise"].id)

    gateway = bench.run(40000, story)
    assert gateway.messages("schema") == [encode_schema(SCHEMA)]
    assert gateway.times("schema") == [20000]


def messages_of_the_gateway_are_acknowledged_to_the_broker():
    gateway = Bench().run(5000)
    assert gateway.pubacks == [b"\x00\x07"] * 4


def an_acknowledgement_for_another_store_starts_nothing():
    bench = Bench(records=3)
    bench.gateway.acknowledges = False
    other = bench.log.store_id ^ 1

    async def story():
        await bench.world.until(2000)
        bench.gateway.send("ack", encode_ack(Ack(other, 0)))

    gateway = bench.run(10000, story)
    assert gateway.messages("frame") == []
    assert bench.outbox.refused_acknowledgements == 1


def what_cannot_be_read_is_said_and_passed_over():
    bench = Bench(records=1)
    gateway = bench.gateway

    async def story():
        await bench.world.until(5000)
        for kind in ("ack", "time", "schema", "refuse"):
            for payload in (b"", b"\xff", b"\x43" + b"\xff" * 40, bytes(300)):
                gateway.send(kind, payload)
        await bench.world.until(10000)
        bench.keep(1)
        bench.link.wake.set()

    bench.run(20000, story)
    assert len(bench.world.said) == 16
    assert all(
        text.startswith("gateway sent what we cannot read: ") for _, text in bench.world.said
    )
    assert gateway.times("frame")[-1] == 10000
    assert len(bench.network.attempts) == 1


def a_refusal_is_said():
    bench = Bench()

    async def story():
        await bench.world.until(2000)
        bench.gateway.refuse(1)

    bench.run(3000, story)
    assert bench.world.said == [(2000, "gateway refuses: code 1")]


def a_gateway_that_is_not_there_is_asked_ever_more_rarely_up_to_once_a_minute():
    bench = Bench(first_ms=0)
    bench.network.down = True
    bench.run(250000)
    assert [at // 1000 for at in bench.network.attempts] == [0, 2, 6, 14, 30, 62, 122, 182, 242]
    assert bench.world.said[0][1].startswith("link: gateway not reached: OSError(111")
    assert bench.world.said[0][1].endswith("; again in 2 s")


def a_network_that_is_not_there_is_looked_for_ever_more_rarely():
    bench = Bench(first_ms=0)
    bench.world.no_wifi = True
    bench.run(250000)
    assert [at // 1000 for at in bench.world.joins] == [0, 2, 6, 14, 30, 62, 122, 182, 242]
    assert bench.network.attempts == []
    assert bench.world.said[0][1] == "link: Wi-Fi: there is no such network; again in 2 s"


def after_a_conversation_the_delay_begins_anew():
    bench = Bench(first_ms=0)
    bench.network.down = True

    async def story():
        await bench.world.until(31000)
        bench.network.down = False
        await bench.world.until(100000)
        bench.gateway.stream.cut()

    bench.run(110000, story)
    assert [at // 1000 for at in bench.network.attempts] == [0, 2, 6, 14, 30, 62, 102]


def a_connection_without_an_answer_does_not_count_as_success():
    bench = Bench()
    bench.gateway._on_hello = lambda payload: bench.gateway.stream.cut()
    bench.run(65000)
    assert [at // 1000 for at in bench.network.attempts] == [1, 3, 7, 15, 31, 63]


def a_new_connection_begins_with_hello_and_waits_for_the_acknowledgement_again():
    bench = Bench(records=3)
    gateway = bench.gateway

    async def story():
        await bench.world.until(20000)
        gateway.acknowledges = gateway.tells_time = False
        gateway.stream.cut()
        bench.keep(2)
        await bench.world.until(60000)
        del gateway.heard[:-1]
        gateway.acknowledges = True

    bench.run(90000, story)
    assert gateway.kinds()[:3] == ["hello", "hello", "frame"]
    assert gateway.sent() == [3, 4]


def a_broker_that_lets_nobody_in_is_given_up_after_15_seconds():
    bench = Bench(first_ms=0)
    bench.gateway.lets_in = False
    bench.run(40000)
    assert bench.network.attempts == [0, 17000, 36000]
    assert "gateway not reached: TimeoutError()" in bench.world.said[0][1]


def a_broker_that_takes_nothing_is_given_up_after_20_seconds():
    bench = Bench(first_ms=0)
    bench.gateway.takes = False
    bench.run(50000)
    assert bench.network.attempts[:2] == [0, 22000]
    assert "not taken by the broker: TimeoutError()" in bench.world.said[0][1]


def both_sides_are_kept_awake_by_a_ping_every_30_seconds():
    bench = Bench()
    gateway = bench.run(10 * MINUTE_MS)
    assert gateway.pings == 19 or gateway.pings == 20
    assert len(bench.network.attempts) == 1


def a_broker_that_has_gone_without_a_word_is_noticed_in_90_seconds():
    bench = Bench()

    async def story():
        await bench.world.until(10000)
        bench.gateway._packet = lambda kind, body: None

    bench.run(110000, story)
    assert len(bench.network.attempts) == 2
    assert bench.network.attempts[1] <= 10000 + 90000 + 2000


def an_unexpected_packet_ends_the_connection_and_not_the_node():
    bench = Bench(first_ms=0)

    async def story():
        for packet in (b"\x20\x02\x00\x00", b"\xf0\x00", b"\x32\x01\x00", b"\x30\xff\xff\xff\xff"):
            await bench.world.until(bench.world.now_ms + 20000)
            bench.gateway.stream.write(packet)

    bench.run(100000, story)
    assert len(bench.network.attempts) == 5
    assert len(bench.world.said) == 4


def a_broker_that_goes_away_right_after_the_welcome_ends_the_connection_and_not_the_node():
    bench = Bench(first_ms=0)
    let_in = bench.gateway._packet

    def let_in_and_go(kind, body):
        let_in(kind, body)
        bench.gateway.stream.cut()

    bench.gateway._packet = let_in_and_go
    bench.run(20000)
    assert [at // 1000 for at in bench.network.attempts] == [0, 2, 6, 14]
    assert all("connection lost: OSError(32" in text for _, text in bench.world.said)


def the_link_reports_to_the_watchdog_while_it_talks_and_while_nobody_answers():
    bench = Bench()
    bench.run(5 * MINUTE_MS, every_ms=20000)
    assert len([name for name, _ in bench.reports if name == "link"]) >= 15
    alone = Bench()
    alone.network.down = True
    alone.run(5 * MINUTE_MS)
    assert len(alone.reports) - 1 <= alone.link.failures <= len(alone.reports)
    assert alone.link.failures >= 5


def the_network_is_told_that_it_has_worked_when_the_gateway_answers():
    bench = Bench(records=2)
    bench.run(MINUTE_MS)
    assert bench.world.worked_ms


def the_light_shows_how_far_the_line_has_come():
    bench = Bench(records=2)
    bench.run(MINUTE_MS)
    assert bench.shown == {0: 0x03, 1: 0}


def the_light_shows_why_there_is_no_line():
    silent = Bench()
    silent.network.down = True
    silent.run(5000)
    assert silent.shown == {1: 0x15}
    lost = Bench()
    lost.world.no_wifi, lost.world.code = True, 0x11
    lost.run(5000)
    assert lost.shown == {1: 0x11}
