# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The node's one button: held 3 seconds and let go, safe mode; held 10 seconds, everything goes.

A button that was down from the start is taken for stuck until it has once been let go: a short
circuit must never wipe a node. Imports no hardware.
"""

from micropython import const

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Callable

    from barri_node.life.ports import Ticks
    from barri_node.ports import SleepMs

_POLL_MS = const(100)
_SAFE_MODE_MS = const(3000)
_WIPE_MS = const(10000)


class Button:
    """is_down(): now. on_safe_mode(), on_wipe(): what to do; each restarts the node."""

    def __init__(
        self,
        is_down: "Callable[[], bool]",
        ticks: "Ticks",
        on_safe_mode: "Callable[[], None]",
        on_wipe: "Callable[[], None]",
    ) -> None:
        self._is_down = is_down
        self._ticks = ticks
        self._on_safe_mode = on_safe_mode
        self._on_wipe = on_wipe
        self._trusted = False  # it has been seen up
        self._pressed = False
        self._since = 0

    async def run(self, sleep_ms: "SleepMs") -> None:
        while True:
            self.poll()
            await sleep_ms(_POLL_MS)

    def poll(self) -> None:
        """Look at it once. One look that differs from its neighbours is a bounce at most."""
        down = self._is_down()
        if not down:
            self._let_go()
        elif self._trusted and not self._pressed:
            self._pressed = True
            self._since = self._ticks.ticks_ms()
        elif self._pressed and self._held_ms() >= _WIPE_MS:
            self._pressed = self._trusted = False
            self._on_wipe()

    def _let_go(self) -> None:
        pressed, self._pressed, self._trusted = self._pressed, False, True
        if pressed and self._held_ms() >= _SAFE_MODE_MS:
            self._on_safe_mode()

    def _held_ms(self) -> int:
        return self._ticks.ticks_diff(self._ticks.ticks_ms(), self._since)
