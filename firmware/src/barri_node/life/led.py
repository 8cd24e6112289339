# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The light: shows the most serious of the codes that stand, and says on serial when it changes.

Imports no hardware: `set_light` and the sleep are given.
"""

from micropython import const

from barri_node.life import codes

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Callable

    from barri_node.ports import Say, SleepMs

_LONG_MS = const(900)
_SHORT_MS = const(200)
_GAP_MS = const(300)
_PAUSE_MS = const(2000)
_CALM_MS = const(8000)  # between the blinks of a node that is well: it may hang in a bedroom
_FIRST_CALM = const(0x10)  # codes below have no long blink: nothing is wrong


class Light:
    """set_light(on): switches it. say(text): one line for the serial console."""

    def __init__(
        self, set_light: "Callable[[bool], None]", sleep_ms: "SleepMs", say: "Say"
    ) -> None:
        self._set_light = set_light
        self._sleep_ms = sleep_ms
        self._say = say
        self._stands = bytearray(len(codes.CODES))
        self._said = 0

    def note(self, code: int, stands: bool = True) -> None:
        """A code stands, or no longer. One that is not in the table is passed over."""
        place = codes.CODES.find(bytes((code,)))
        if place >= 0:
            self._stands[place] = stands
            self._tell()

    def only(self, group: int, code: int = 0) -> None:
        """Of a group of codes (their number of long blinks) just this one stands, or none."""
        for place in range(len(self._stands)):
            other = codes.CODES[place]
            if other >> 4 == group:
                self._stands[place] = other == code
        self._tell()

    @property
    def code(self) -> int:
        """The most serious code that stands; 0 for none."""
        for place in range(len(self._stands)):
            if self._stands[place]:
                return codes.CODES[place]
        return 0

    def _tell(self) -> None:
        code = self.code
        if code != self._said:
            self._said = code
            if code:
                self._say(codes.text(code))

    async def run(self) -> None:
        """Blink for ever."""
        while True:
            await self.show(self.code)

    async def show(self, code: int) -> None:
        """Blink a code once, with the pause behind it."""
        for _ in range(code >> 4):
            await self._blink(_LONG_MS)
        for _ in range(code & 15):
            await self._blink(_SHORT_MS)
        await self._sleep_ms(_PAUSE_MS if code >= _FIRST_CALM else _CALM_MS)

    async def _blink(self, duration_ms: int) -> None:
        self._set_light(True)
        await self._sleep_ms(duration_ms)
        self._set_light(False)
        await self._sleep_ms(_GAP_MS)
