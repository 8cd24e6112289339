# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What safe mode does meanwhile: ask the gateway for a release, fetch it, and have it tried.

Touches nothing that may be to blame: no sensor is asked, and the ring log stays closed. Over the
air only a node with a seal key takes anything. Loaded in safe mode alone.
"""

import asyncio
from binascii import unhexlify

from micropython import const

from barri_node.clock import Clock
from barri_node.errors import LinkError, SettingsError
from barri_node.settings_file import load
from barri_node.update.fetching import Fetcher, architecture
from barri_node.update.slots import Slots
from barri_node.uplink.mqtt import Mqtt
from barri_node.uplink.sealing import Sealing
from barri_wire.errors import FrameError
from barri_wire.messages_update import ANY_RELEASE, Want, encode_want
from barri_wire.topics import topic

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from ssl import SSLContext

    from barri_node.ports import Hal, Say
    from barri_node.settings import Settings

_RETRY_MS = const(10000)
_CONNECT_TIMEOUT_MS = const(15000)
_ASK_EVERY_MS = const(60000)  # a release may be made meanwhile
_KEEPALIVE_S = const(120)  # more than that between two questions, so that no pings are needed


async def look_for_update(hal: "Hal", say: "Say" = print) -> bool:
    """Say whether the next boot tries a release. At once where none can come, else only once one
    is there: the caller's patience ends the search.
    """
    try:
        settings = load(hal.settings_path())
    except SettingsError as error:
        say("settings: {}".format(error))
        return False
    if settings.seal_key is None:
        say("update: without a seal key by cable only")
        return False
    rescue = Rescue(hal, settings, unhexlify(settings.seal_key.reveal()), say)
    while not rescue.ready:
        try:
            await rescue.session()
        except (LinkError, OSError, MemoryError) as error:
            say("update: {}; again in {} s".format(error, _RETRY_MS // 1000))
            await hal.sleep_ms(_RETRY_MS)
    return True


class Rescue:
    """settings: node, secret, host, port. key: its seal key, 16 bytes."""

    def __init__(self, hal: "Hal", settings: "Settings", key: bytes, say: "Say") -> None:
        self._hal = hal
        self._settings = settings
        self._say = say
        self._clock = Clock(hal)
        self._sealing = Sealing(key, hal.random_bytes)
        self._fetcher = Fetcher(Slots(hal.flash_root()), key, say)
        self._mqtt: Mqtt = None  # type: ignore[assignment]  # every session begins by setting it
        self._ask_ms = 0  # when to ask for an offer, while there is none
        self._lost: "LinkError | MemoryError | None" = None
        self._news = asyncio.Event()

    @property
    def ready(self) -> bool:
        """The trial of a release is noted."""
        return self._fetcher.ready

    async def session(self) -> None:
        """One connection; returns once a release is ready. Raises LinkError, OSError, or
        MemoryError.
        """
        settings = self._settings
        await self._hal.join_network(settings)
        self._lost = None
        self._sealing.begin()
        self._ask_ms = self._clock.uptime_ms()
        self._mqtt = Mqtt(settings.node, settings.secret, _KEEPALIVE_S, self._on_message)
        tls = _tls(settings)
        await self._mqtt.connect(settings.host, settings.port, _CONNECT_TIMEOUT_MS, tls)
        listening = asyncio.create_task(self._listen())
        try:
            await self._mqtt.subscribe(topic(settings.node, "down", "update"))
            await self._converse()
        finally:
            listening.cancel()
            await self._mqtt.close()

    async def _listen(self) -> None:
        """Its end is the end of the connection."""
        try:
            await self._mqtt.receive()
        except (LinkError, MemoryError) as error:
            self._lost = error
        self._news.set()

    async def _converse(self) -> None:
        while not self.ready:
            if self._lost is not None:
                raise self._lost
            self._news.clear()
            want = await self._next_want()
            if want is not None:
                await self._carry(want)
            elif not self.ready:
                await self._wait()

    async def _next_want(self) -> "Want | None":
        """A part, or an offer while there is none."""
        now_ms = self._clock.uptime_ms()
        want = await self._fetcher.step(now_ms)
        if want is None and self._due_ms() <= now_ms and not self.ready:
            self._say("update: the gateway is asked for a release")
            self._ask_ms = now_ms + _ASK_EVERY_MS
            want = Want(ANY_RELEASE, architecture(), 0, 0)
        return want

    async def _carry(self, want: Want) -> None:
        name = topic(self._settings.node, "up", "want")
        await self._mqtt.publish(name, self._sealing.seal(name, encode_want(want)))

    async def _wait(self) -> None:
        """Wait for what comes, or until something is due."""
        wait_ms = max(0, self._due_ms() - self._clock.uptime_ms())
        try:
            await asyncio.wait_for_ms(self._news.wait(), wait_ms)
        except asyncio.TimeoutError:
            pass

    def _due_ms(self) -> int:
        due_ms = self._fetcher.due_ms(self._clock.uptime_ms())
        return self._ask_ms if due_ms is None else due_ms

    def _on_message(self, name: bytes, payload: bytes) -> None:
        try:
            body = self._sealing.unseal(name.decode(), payload)
            self._hal.network_worked()
            self._fetcher.take(body, self._clock.uptime_ms())
        except FrameError as error:
            self._say("gateway sent what we cannot read: {}".format(error))
        self._news.set()


def _tls(settings: "Settings") -> "SSLContext | None":
    if settings.gateway_key is None:
        return None
    from barri_node.uplink.pinned_tls import context

    return context(settings.gateway_key)
