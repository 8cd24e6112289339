# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A link whose messages are sealed, and over which updates come: without a key, none do.

Loaded only where the settings have a `seal_key`.
"""

import gc
import os
from binascii import unhexlify

from micropython import const

from barri_node.uplink.authentic_link import AuthenticLink
from barri_node.uplink.sealing import Sealing
from barri_wire.topics import topic

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from barri_node.clock import Clock
    from barri_node.ports import Hal, Say
    from barri_node.settings import Secret, Settings
    from barri_node.store.ringlog import RingLog
    from barri_node.update.updating import Updating
    from barri_node.uplink.outbox import Outbox

_UPDATE_BYTES = const(32768)  # of free heap, two thirds of it for the modules that fetch
_UPDATING = const(0x35)  # see `life/codes.py`


class SealedLink(AuthenticLink):
    """As `Link`; settings.seal_key is known."""

    KINDS = AuthenticLink.KINDS + ("update",)  # MicroPython takes no star in a tuple

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
        super().__init__(hal, settings, clock, log, outbox, boot, firmware, say)
        self._key: "Secret" = settings.seal_key  # type: ignore[assignment]
        self._sealing = Sealing(unhexlify(self._key.reveal()), hal.random_bytes)
        self._first = log.next_sequence  # of this boot
        self._updating: "Updating | None" = None
        self._updatable = True

    async def run(self) -> None:
        self._stand_trial()
        await super().run()

    async def _session(self) -> None:
        self._sealing.begin()
        await super()._session()

    async def _carry(self, kind: str, payload: bytes) -> None:
        name = topic(self._settings.node, "up", kind)
        await self._mqtt.publish(name, self._sealing.seal(name, payload))

    def _take(self, name: bytes, payload: bytes) -> None:
        payload = self._sealing.unseal(name.decode(), payload)
        if name.endswith(b"/update"):
            self._on_update(payload)
        else:
            super()._take(name, payload)

    # --- updates ---

    async def _send_something(self) -> bool:
        """An update moves when nothing else is to be sent."""
        if await super()._send_something():
            return True
        want = None if self._updating is None else await self._updating.next_want()
        if want is not None:
            await self._carry("want", want)
        return want is not None

    async def _sleep(self, wait_ms: int) -> None:
        due_ms = None if self._updating is None else self._updating.due_ms()
        if due_ms is not None:
            wait_ms = max(0, min(wait_ms, due_ms - self._clock.uptime_ms()))
        await super()._sleep(wait_ms)

    def _on_update(self, payload: bytes) -> None:
        if self._updating is None and self._updatable:
            self._updatable = False  # if memory is too short now, this boot asks no more
            gc.collect()
            if gc.mem_free() < _UPDATE_BYTES:
                self._say("update: too little memory for it beside this kit")
                return
            try:
                from barri_node.update.updating import Updating

                parts = (self._clock, self._log, self.restart, self._say)
                self._updating = Updating(self._hal, self._key, *parts)
                self.light.note(_UPDATING)
            except MemoryError as error:
                from barri_node.update import forget

                self._say("update: {!r}".format(error))
                forget()
        if self._updating is not None:
            self._updating.take(payload)

    def _stand_trial(self) -> None:
        """A release that this boot tries has to prove itself; see `update/trial.py`."""
        if os.getcwd()[-2:] not in ("/a", "/b"):
            return
        from barri_node.update.trial import begin

        window_ms = self._settings.window_s * 1000
        proof = (self._log, self._first, window_ms)
        self._judging = begin(self._hal, *proof, self.restart, self._say)
