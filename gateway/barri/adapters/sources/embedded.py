# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The embedded MQTT broker: amqtt behind a door of our own, for demos, laptops and classrooms.

The door checks credentials, sizes and silence before amqtt sees a client. Inside, a plugin takes
what nodes publish to their own topics; nothing is passed on from node to node.
"""

import asyncio
import logging
import ssl
from collections import Counter
from dataclasses import dataclass
from typing import Any

from amqtt.broker import Broker
from amqtt.contexts import Action, BaseContext, BrokerConfig, ListenerConfig, ListenerType
from amqtt.errors import AMQTTError
from amqtt.plugins.base import BaseAuthPlugin, BaseTopicPlugin
from amqtt.session import ApplicationMessage, Session

from barri.adapters.sources.connection import Connection
from barri.adapters.sources.packets import (
    CONNECT,
    Connect,
    PacketError,
    parse_connect,
    publish,
    refusal,
    with_clean_session,
)
from barri.domain.passwords import verify_password
from barri.errors import ConfigError
from barri.ports import Arrival, Clock, Inbox, Registry
from barri_wire.topic_parser import parse_topic
from barri_wire.topics import KINDS_DOWN, is_node_id, topic

CONNECT_TIME_S = 10.0  # from the first byte of a connection to its credentials
CONNECT_BYTES = 512
CONNECTION_LIMIT = 2000
STRANGERS_LIMIT = 100  # connections that have not shown credentials yet
LISTENER = "default"

logger = logging.getLogger(__name__)


class EmbeddedSource:
    """An MQTT 3.1.1 broker in this process.

    host, port: where to listen; port 0 takes a free one, `port` tells it once `ready` is set.
    tls: a server context, or None for plain TCP. `counts` says what was refused and why.
    """

    def __init__(
        self,
        registry: Registry,
        clock: Clock,
        host: str = "127.0.0.1",
        port: int = 1883,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._registry = registry
        self._clock = clock
        self._host = host
        self._tls = tls
        self._inbox: Inbox | None = None
        self._connections: dict[str, Connection] = {}
        self._strangers: set[Connection] = set()
        self._checks = asyncio.Semaphore(2)
        self.port = port
        self.ready = asyncio.Event()
        self.counts: Counter[str] = Counter()

    async def run(self, inbox: Inbox) -> None:
        """Serve until cancelled. Raises ConfigError when the address cannot be had."""
        self._inbox = inbox
        quiet_amqtt()
        broker = Broker(_broker_config(self))
        await broker.start()
        try:
            server = await self._listen(broker)
            async with server:
                self.ready.set()
                await server.serve_forever()
        finally:
            self.ready.clear()
            for connection in [*self._connections.values(), *self._strangers]:
                connection.abort()
            await broker.shutdown()

    async def _listen(self, broker: Broker) -> asyncio.Server:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._serve(broker, Connection(reader, writer))

        try:
            server = await asyncio.start_server(serve, self._host, self.port, ssl=self._tls)
        except OSError as error:
            advice = f"{self._host}:{self.port} cannot be used ({error}): choose another port"
            raise ConfigError("mqtt port", advice) from error
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def send(self, node: str, kind: str, payload: bytes) -> None:
        """Send down to a node that is here and listens; else it is lost, and nodes ask again."""
        connection = self._connections.get(node)
        if connection is not None and connection.subscribed:
            connection.write(publish(topic(node, "down", kind), payload))

    async def _serve(self, broker: Broker, connection: Connection) -> None:
        try:
            connect = await self._let_in(connection)
            async with asyncio.timeout(CONNECT_TIME_S):
                await self._take_over(connect.client_id, connection)
        except (PacketError, OSError, EOFError) as error:
            self.counts["refused_connections"] += 1
            logger.info("a connection was refused: %s", error)
            connection.write(refusal())
            await connection.close()
            return
        try:
            await broker.external_connected(connection, connection, LISTENER)
        except AMQTTError as error:
            logger.info("%s was disconnected: %s", connect.client_id, error)
        finally:
            connection.abort()
            if self._connections.get(connection.node) is connection:
                del self._connections[connection.node]
            connection.gone.set()

    async def _let_in(self, connection: Connection) -> Connect:
        """Read and check the first packet; raises PacketError for whoever may not come in."""
        if len(self._strangers) >= STRANGERS_LIMIT or len(self._connections) >= CONNECTION_LIMIT:
            raise PacketError("too many connections")
        self._strangers.add(connection)
        try:
            async with asyncio.timeout(CONNECT_TIME_S):
                packet, body_at = await connection.packet(CONNECT_BYTES)
                if packet[0] != CONNECT << 4:
                    raise PacketError("the first packet is not CONNECT")
                connect = parse_connect(packet[body_at:])
                async with self._checks:
                    await asyncio.to_thread(self._check_credentials, connect)
        finally:
            self._strangers.discard(connection)
        connection.give_back(with_clean_session(packet, body_at))
        connection.keep_alive(connect.keep_alive_s)
        return connect

    def _check_credentials(self, connect: Connect) -> None:
        """Deny by default: the node's own name, as user and as client id, and its password."""
        node = connect.username
        known = self._registry.password_hash(node) if is_node_id(node) else None
        if not verify_password(connect.password, known) or connect.client_id != node:
            raise PacketError("wrong credentials")

    async def _take_over(self, node: str, connection: Connection) -> None:
        """End an older connection of the node, a lost one as a rule, before the new one begins."""
        while (older := self._connections.get(node)) is not None:
            older.abort()
            await older.gone.wait()
        connection.node = node
        self._connections[node] = connection

    def arrived(self, client_id: str, message_topic: str, payload: bytes) -> None:
        """Take what a node published to one of its own topics; all else is counted and dropped."""
        parsed = parse_topic(message_topic)
        if parsed is None or parsed[:2] != (client_id, "up"):
            self.counts["refused_topics"] += 1
            return
        arrival = Arrival(client_id, parsed[2], payload, self._clock.now_s(), _nothing)
        if self._inbox is None or not self._inbox.offer(arrival):
            self.counts["refused_full"] += 1  # not acknowledged: the node sends it again

    def subscribes(self, client_id: str, topic_filter: str) -> bool:
        """Say whether a node may subscribe to this, and note that it listens."""
        connection = self._connections.get(client_id)
        if connection is None or topic_filter not in allowed_filters(client_id):
            self.counts["refused_topics"] += 1
            return False
        connection.subscribed = True
        return True

    def is_here(self, client_id: str | None) -> bool:
        """Say whether the door has let this client in."""
        return client_id in self._connections


class IngestPlugin(BaseAuthPlugin, BaseTopicPlugin):
    """What amqtt calls: hands everything to the source, and lets nothing be distributed."""

    @dataclass
    class Config:
        """source: the EmbeddedSource that this broker belongs to."""

        source: Any = None

    def __init__(self, context: BaseContext) -> None:
        super().__init__(context)
        self._source: EmbeddedSource = self.config.source

    async def authenticate(self, *, session: Session) -> bool:
        """Confirm what the door has checked."""
        return self._source.is_here(session.client_id)

    async def topic_filtering(
        self,
        *,
        session: Session | None = None,
        topic: str | None = None,  # amqtt's own name
        action: Action | None = None,
    ) -> bool:
        """Allow a node's own subscriptions and nothing else: no message goes to other clients."""
        if action != Action.SUBSCRIBE or session is None or session.client_id is None:
            return False
        return self._source.subscribes(session.client_id, topic or "")

    async def on_broker_message_received(
        self, *, client_id: str, message: ApplicationMessage | None
    ) -> None:
        """Take a published message."""
        if message is not None and message.topic:
            self._source.arrived(client_id, message.topic, bytes(message.data or b""))


def allowed_filters(node: str) -> set[str]:
    """Return every filter that a node may subscribe to: its own down topics."""
    base = topic(node, "down", "ack").removesuffix("ack")
    return {base + kind for kind in ("#", "+", *KINDS_DOWN)}


def quiet_amqtt() -> None:
    """Keep amqtt's logs to warnings: it would write every packet, with its content."""
    for name in ("amqtt", "transitions"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _broker_config(source: EmbeddedSource) -> BrokerConfig:
    plugin = f"{IngestPlugin.__module__}.{IngestPlugin.__qualname__}"
    return BrokerConfig(
        listeners={LISTENER: ListenerConfig(type=ListenerType.EXTERNAL)},
        plugins={plugin: {"source": source}},
    )


def _nothing() -> None:
    """Nothing rests on MQTT's own acknowledgement, so there is nothing to settle."""
