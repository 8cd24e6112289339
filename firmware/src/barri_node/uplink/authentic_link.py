# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A link on which a node believes that its gateway speaks: settings may come over it.

Loaded only where the gateway proves itself, by a seal or by its pinned certificate.
"""

from barri_node.forget import forget
from barri_node.uplink.link import Link


class AuthenticLink(Link):
    """As `Link`; takes what people desire of this node, and reports what is in force."""

    KINDS = Link.KINDS + ("desired",)  # MicroPython takes no star in a tuple
    _answer: "int | None" = None  # a result that is still to be reported

    async def _say_hello(self) -> None:
        await super()._say_hello()
        if self._settings.desired:
            await self._report(0)

    async def _send_something(self) -> bool:
        """A refusal goes out before all else."""
        if self._answer is not None:
            result, self._answer = self._answer, None
            await self._report(result)
            return True
        return await super()._send_something()

    async def _report(self, result: int) -> None:
        from barri_wire.messages_desired import Reported, encode_reported

        await self._carry("reported", encode_reported(Reported(self._settings.desired, result)))
        del Reported, encode_reported
        forget("barri_wire.messages_desired")

    def _take(self, name: bytes, payload: bytes) -> None:
        if not name.endswith(b"/desired"):
            super()._take(name, payload)
            return
        from barri_node.desired import take

        result = take(payload, self._hal.settings_path(), self._settings.desired)
        del take
        if not result:
            self._say("settings: new ones came; restarting with them")
            self.restart()
            return
        self._say("settings: what came is refused, code {}".format(result))
        self._answer = result
        forget("barri_node.desired", "barri_node.kept_settings", "barri_wire.messages_desired")
