# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The node's line to its gateway over Wi-Fi: connect, say hello, send, come back after failures.

The outbox decides what is sent and what an answer means; this file only carries it over MQTT.
For a line that is sealed see `sealed_link`.
"""

import asyncio

from micropython import const

from barri_node.errors import LinkError
from barri_node.uplink.mqtt import Mqtt
from barri_wire import messages_down as down
from barri_wire import messages_up as up
from barri_wire.errors import FrameError
from barri_wire.schema import encode_schema
from barri_wire.topics import topic

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from ssl import SSLContext

    from barri_node.clock import Clock
    from barri_node.ports import Hal, Reports, Say, Shows
    from barri_node.settings import Settings
    from barri_node.store.ringlog import RingLog
    from barri_node.uplink.outbox import Outbox

FRAME_BYTES = 1024
_CONNECT_TIMEOUT_MS = const(15000)
_KEEPALIVE_S = const(60)
_FIRST_RETRY_MS = const(2000)  # a gateway that has just been restarted is back within seconds
_LONGEST_RETRY_MS = const(60000)  # an access point that is gone for a night
_ACK_TIMEOUT_MS = const(
    15000
)  # the gateway answers within a second; three lost answers are a lost frame
_EARLIEST_S2000 = const(757382400)  # 2024, before there was any gateway
_LATEST_S2000 = const(3155760000)  # 2100
_WELL = const(0)  # see `life/codes.py`
_JOINED = const(0x02)
_ACKNOWLEDGED = const(0x03)
_NETWORK = const(1)
_GATEWAY_SILENT = const(0x15)
_GATEWAY_REFUSES = const(0x16)
_TIME_EVERY_MS = const(3600000)  # a crystal of 20 ppm drifts 0.07 s in an hour


class Link:
    """Runs for ever; `wake` is set when there is something new to send.

    settings: node, secret, host, port. say(text): one line for the serial console.
    """

    KINDS: "tuple[str, ...]" = ("ack", "time", "schema", "refuse")  # what it listens to

    def __init__(
        self,
        hal: "Hal",
        settings: "Settings",
        clock: "Clock",
        log: "RingLog",
        outbox: "Outbox",
        boot: int,
        firmware: str,
        say: "Say",
    ) -> None:
        self._hal = hal
        self._settings = settings
        self._clock = clock
        self._log = log
        self._outbox = outbox
        self._boot = boot
        self._firmware = firmware
        self._say = say
        self._mqtt: Mqtt = None  # type: ignore[assignment]  # every session begins by setting it
        self._hello_sent_ms = 0
        self._answered_ms = 0
        self._asked_ms: "int | None" = None  # since when something waits for an answer
        self._requested_schemas: "list[int]" = []
        self._hello_due = True
        self._lost: "LinkError | None" = None
        self.on_clock_set: "Callable[[], None]" = lambda: None
        self.restart: "Callable[[], None]" = lambda: None  # the app gives it
        self.watchdog: "Reports" = None  # type: ignore[assignment]  # the app gives it
        self.light: "Shows" = None  # type: ignore[assignment]  # the app gives it
        self.failures = 0
        self.wake = asyncio.Event()

    async def run(self) -> None:
        retry_ms = _FIRST_RETRY_MS
        while True:
            self.watchdog.alive("link")
            self._answered_ms = 0
            try:
                await self._hal.join_network(self._settings)
                await self._session()
            except (LinkError, MemoryError) as error:
                # Memory that is short now is there again once this connection is given up.
                self.failures += 1
                if self._answered_ms:
                    retry_ms = _FIRST_RETRY_MS
                self.light.only(_NETWORK, self._hal.network_code() or _GATEWAY_SILENT)
                self._say("link: {}; again in {} s".format(error, retry_ms // 1000))
            await asyncio.sleep_ms(retry_ms)
            retry_ms = min(2 * retry_ms, _LONGEST_RETRY_MS)

    async def _session(self) -> None:
        settings = self._settings
        self._lost = None
        self._asked_ms = None
        self._outbox.connected()
        self._mqtt = Mqtt(settings.node, settings.secret, _KEEPALIVE_S, self._on_message)
        tls = _tls(settings)
        await self._mqtt.connect(settings.host, settings.port, _CONNECT_TIMEOUT_MS, tls)
        self.light.only(_NETWORK)
        self.light.only(_WELL, _JOINED)
        tasks = [
            asyncio.create_task(self._guard(self._mqtt.receive())),
            asyncio.create_task(self._guard(self._mqtt.keep_alive())),
        ]
        try:
            await self._converse()
        except OSError as error:
            raise LinkError("connection lost: {!r}".format(error))
        finally:
            for task in tasks:
                task.cancel()
            await self._mqtt.close()

    async def _guard(self, coroutine: "Coroutine[object, object, None]") -> None:
        """Run a task of this connection; its end is the end of the connection."""
        try:
            await coroutine
        except LinkError as error:
            self._lost = error
        except MemoryError as error:
            self._lost = LinkError(repr(error))
        finally:
            self.wake.set()

    async def _converse(self) -> None:
        for kind in self.KINDS:
            await self._mqtt.subscribe(topic(self._settings.node, "down", kind))
        self._hello_due = True
        while True:
            self.watchdog.alive("link")
            if self._lost is not None:
                raise self._lost
            if not await self._send_something():
                await self._wait()

    async def _say_hello(self) -> None:
        clock, log = self._clock, self._log
        self._hello_sent_ms = clock.uptime_ms()
        hello = up.Hello(
            self._boot,
            self._hello_sent_ms // 1000,
            [(log.store_id, log.oldest, log.flushed)],
            log.anchors(),
            clock.is_set(),
            self._firmware,
        )
        await self._publish("hello", up.encode_hello(hello))

    async def _send_something(self) -> bool:
        """Send one thing if there is one; says whether there was."""
        if self._hello_due:
            self._hello_due = False
            await self._say_hello()
            return True
        if self._requested_schemas:
            await self._announce(self._requested_schemas.pop())
            return True
        void = self._outbox.next_void()
        if void is not None:
            await self._publish("void", up.encode_void(void))
            return True
        frame = self._outbox.next_frame(FRAME_BYTES)
        if frame is not None:
            await self._publish("frame", frame)
            return True
        return self._outbox.declares

    async def _announce(self, schema_id: int) -> None:
        schema = self._log.schema_by_id(schema_id)
        if schema is not None:
            await self._publish("schema", encode_schema(schema))

    async def _wait(self) -> None:
        """Wait for a record, an answer, or the time to ask again.

        That time is told by the clock: records may come more often than answers are late.
        """
        self.wake.clear()
        wait_ms = self._ask_at_ms() - self._clock.uptime_ms()
        if wait_ms <= 0:
            self._ask_again()
        else:
            await self._sleep(wait_ms)

    async def _sleep(self, wait_ms: int) -> None:
        try:
            await asyncio.wait_for_ms(self.wake.wait(), wait_ms)
        except asyncio.TimeoutError:
            pass

    def _ask_at_ms(self) -> int:
        """When to ask again: for an answer that is late, for the time, or for it every hour."""
        patience_ms = _TIME_EVERY_MS if self._clock.is_set() else _ACK_TIMEOUT_MS
        at_ms = self._hello_sent_ms + patience_ms
        if self._asked_ms is not None:
            at_ms = min(at_ms, self._asked_ms + _ACK_TIMEOUT_MS)
        return at_ms

    def _ask_again(self) -> None:
        late = self._asked_ms is not None
        self._asked_ms = None
        if late and self._answered_ms and self._clock.is_set():
            self._outbox.resend()
        else:
            self._hello_due = True

    async def _publish(self, kind: str, payload: bytes) -> None:
        if self._asked_ms is None:
            self._asked_ms = self._clock.uptime_ms()
        await self._carry(kind, payload)

    async def _carry(self, kind: str, payload: bytes) -> None:
        await self._mqtt.publish(topic(self._settings.node, "up", kind), payload)

    def _on_message(self, name: bytes, payload: bytes) -> None:
        try:
            self._take(name, payload)
        except FrameError as error:
            self._say("gateway sent what we cannot read: {}".format(error))
        self.wake.set()

    def _take(self, name: bytes, payload: bytes) -> None:
        kind = name.split(b"/")[-1]
        if kind == b"ack":
            self._on_ack(down.decode_ack(payload))
        elif kind == b"time":
            self._on_time(down.decode_time(payload))
        elif kind == b"schema":
            self._requested_schemas = [down.decode_schema_request(payload).schema_id]
        elif kind == b"refuse":
            self.light.note(_GATEWAY_REFUSES)
            self._say("gateway refuses: code {}".format(down.decode_refusal(payload).code))

    def _on_ack(self, ack: down.Ack) -> None:
        self._answered_ms = self._clock.uptime_ms()
        self._hal.network_worked()
        self.light.only(_WELL, _ACKNOWLEDGED)
        self._outbox.on_ack(ack)
        self._asked_ms = self._answered_ms if self._outbox.waits else None

    def _on_time(self, time: down.Time) -> None:
        """The answer is as old as its way down; most of the round trip is the gateway's commit."""
        now_ms = self._clock.uptime_ms()
        believable = _EARLIEST_S2000 <= time.s2000 < _LATEST_S2000
        if time.token != self._hello_sent_ms // 1000 or not believable:
            return
        first = not self._clock.is_set()
        self._clock.set_utc(time.s2000, time.ms, now_ms, now_ms - self._hello_sent_ms)
        self._note_anchor(now_ms // 1000)
        if first:
            self.on_clock_set()
            self._hello_due = True  # its anchor dates what this boot measured without a clock

    def _note_anchor(self, uptime_s: int) -> None:
        utc_ms: int = self._clock.utc_ms_at(uptime_s * 1000)  # type: ignore[assignment]  # just set
        self._log.note_anchor(self._boot, uptime_s, (utc_ms + 500) // 1000)


def _tls(settings: "Settings") -> "SSLContext | None":
    if settings.gateway_key is None:
        return None
    from barri_node.uplink.pinned_tls import context

    return context(settings.gateway_key)
