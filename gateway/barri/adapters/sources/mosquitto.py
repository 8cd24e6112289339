# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""An external Mosquitto as source: paho-mqtt in its own thread, acknowledged after the commit.

Mosquitto holds what is not acknowledged yet; its in-flight window (max_inflight_messages) bounds
what waits here. mosquitto_files.py writes the configuration that this needs.
"""

import asyncio
import logging
import ssl
import threading
from collections import Counter, deque
from dataclasses import dataclass
from functools import partial
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from barri.ports import Arrival, Clock, Inbox
from barri_wire.topic_parser import parse_topic
from barri_wire.topics import topic

GATEWAY_USER = "barri-gateway"  # no node can have this name: node ids have no hyphen
UP_FILTER = "barri/1/+/+/up/#"
QOS = 1
RETRY_S = 0.05  # before offering again to an inbox that was full
KEEP_ALIVE_S = 30
LONGEST_RECONNECT_S = 30

logger = logging.getLogger(__name__)


@dataclass(eq=False)
class Ticket:
    """One message that Mosquitto waits to have acknowledged, in the connection it came by."""

    mid: int
    qos: int
    connection: int
    settled: bool = False


class MosquittoSource:
    """A client of Mosquitto with a session that survives, and manual acknowledgement.

    password: of GATEWAY_USER, as in Mosquitto's password file. tls: a client context or None.
    `connected` is set while subscribed. `counts` says what was dropped and why.
    """

    def __init__(
        self,
        clock: Clock,
        password: str,
        host: str = "127.0.0.1",
        port: int = 1883,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._clock = clock
        self._address = (host, port)
        self._client = self._make_client(password, tls)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = threading.Lock()  # guards _connection: set by paho's thread
        self._connection = 0
        self._tickets: deque[Ticket] = deque()
        self._waiting: deque[tuple[Ticket, Arrival]] = deque()
        self._wake = asyncio.Event()
        self.connected = asyncio.Event()
        self.counts: Counter[str] = Counter()

    def _make_client(self, password: str, tls: ssl.SSLContext | None) -> paho.Client:
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=GATEWAY_USER,
            clean_session=False,
            manual_ack=True,
        )
        client.username_pw_set(GATEWAY_USER, password)
        if tls is not None:
            client.tls_set_context(tls)
        client.reconnect_delay_set(1, LONGEST_RECONNECT_S)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        return client

    async def run(self, inbox: Inbox) -> None:
        """Receive until cancelled; reconnects by itself for as long as it takes."""
        self._loop = asyncio.get_running_loop()
        self._client.connect_async(*self._address, keepalive=KEEP_ALIVE_S)
        self._client.loop_start()
        try:
            while True:
                await self._wake.wait()
                await self._hand_over(inbox)
        finally:
            self._client.disconnect()
            await asyncio.to_thread(self._client.loop_stop)
            self.connected.clear()

    async def send(self, node: str, kind: str, payload: bytes) -> None:
        """Send down to a node; lost when it is away: nodes ask again."""
        self._client.publish(topic(node, "down", kind), payload, qos=0)

    async def _hand_over(self, inbox: Inbox) -> None:
        """Offer what waits, oldest first. A full inbox leaves it unacknowledged with Mosquitto."""
        while self._waiting:
            _, arrival = self._waiting[0]
            if not inbox.offer(arrival):
                self.counts["inbox_full"] += 1
                await self._clock.sleep(RETRY_S)
                continue
            self._waiting.popleft()
        self._wake.clear()

    def _settle(self, ticket: Ticket) -> None:
        """Acknowledge in the order of arrival, and only in the connection that it came by."""
        ticket.settled = True
        while self._tickets and self._tickets[0].settled:
            done = self._tickets.popleft()
            with self._lock:
                if done.connection == self._connection and done.qos:
                    self._client.ack(done.mid, done.qos)

    def _arrived(self, ticket: Ticket, message_topic: str, payload: bytes) -> None:
        if ticket.connection != self._connection:
            return  # Mosquitto will deliver it again
        self._tickets.append(ticket)
        parsed = parse_topic(message_topic)
        if parsed is None or parsed[1] != "up":
            self.counts["refused_topics"] += 1
            self._settle(ticket)
            return
        node, _, kind = parsed
        settled = partial(self._settle, ticket)
        arrival = Arrival(node, kind, payload, self._clock.now_s(), settled)
        self._waiting.append((ticket, arrival))
        self._wake.set()

    def _dropped(self) -> None:
        """Forget what waits: Mosquitto redelivers, and duplicates are recognised per record."""
        self.connected.clear()
        self._tickets.clear()
        self._waiting.clear()

    # What follows runs in paho's thread and hands over at once.

    def _call(self, fn: Any, *args: Any) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(fn, *args)

    def _on_connect(
        self, client: paho.Client, _data: Any, _flags: Any, reason: ReasonCode, _properties: Any
    ) -> None:
        if reason.is_failure:
            logger.error("Mosquitto refuses the gateway (%s): check its password file", reason)
            return
        client.subscribe(UP_FILTER, QOS)

    def _on_subscribe(
        self, _client: Any, _data: Any, _mid: int, reasons: list[ReasonCode], _properties: Any
    ) -> None:
        if any(reason.is_failure for reason in reasons):
            logger.error("Mosquitto does not let the gateway read: check its ACL file")
            return
        self._call(self.connected.set)

    def _on_disconnect(
        self, _client: Any, _data: Any, _flags: Any, _reason: Any, _properties: Any
    ) -> None:
        with self._lock:
            self._connection += 1
        self._call(self._dropped)

    def _on_message(self, _client: Any, _data: Any, message: paho.MQTTMessage) -> None:
        ticket = Ticket(message.mid, message.qos, self._connection)
        self._call(self._arrived, ticket, topic_of(message), message.payload)


def topic_of(message: paho.MQTTMessage) -> str:
    """Return the topic, or an empty one for bytes that are no text."""
    try:
        return message.topic
    except UnicodeDecodeError:
        return ""
