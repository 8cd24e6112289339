# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A link that ends: one session with the gateway, over when all is said, or after so long.

Loaded only on a node that sleeps in between. Updates are not listened to: they take longer.
"""

import asyncio

from micropython import const

from barri_node.errors import LinkError

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from typing import Any

    from barri_node.uplink.link import Link
    from barri_wire import messages_down as down


class AllSaidError(Exception):
    """Everything is sent, acknowledged and answered."""


def conversation(kind: "type[Link]") -> "type[Any]":
    """Give the link of that kind whose `run` is one conversation."""

    class Conversation(kind):  # type: ignore[valid-type,misc]  # it is one of a few
        KINDS = tuple([name for name in kind.KINDS if name != "update"])
        most_ms = 20000
        _told_time = False

        @property
        def answered(self) -> bool:
            """Whether the gateway has said anything."""
            return bool(self._answered_ms)

        async def run(self) -> None:
            """Talk until all is said, at most `most_ms`. Raises LinkError."""
            try:
                await asyncio.wait_for_ms(self._session(), self.most_ms)
            except AllSaidError:
                pass
            except asyncio.TimeoutError:
                raise LinkError("not all was said in {} s".format(self.most_ms // 1000))

        async def _wait(self) -> None:
            if self._all_said():
                raise AllSaidError
            await super()._wait()

        def _all_said(self) -> bool:
            waits = self._outbox.waits or self._outbox.declares or self._requested_schemas
            asks = self._hello_due or self._asked_ms is not None or not self._told_time
            return self.answered and not waits and not asks

        def _on_time(self, time: "down.Time") -> None:
            super()._on_time(time)
            self._told_time = self._clock.is_set()

    return Conversation
