# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""From power-on to the app: a wipe that waits, safe mode after bad boots, else the app, for ever.

Whatever ends the app is noted and restarts the node; only a person at the console ends it for
good. Imports no hardware: `hal` is given. What only the ends of a boot need is not in memory in
between.
"""

import asyncio
import sys

from micropython import const

from barri_node.errors import SettingsError
from barri_node.forget import forget
from barri_node.life.watchdog import TIMEOUT_MS, Watchdog

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from barri_node.life.ports import LivingHal
    from barri_node.life.safe_mode import Search
    from barri_node.ports import Say, Shows

    Job = Coroutine[object, object, None]

_PROVISION = const(0x31)  # see `codes.py`
_SAFE_MODE = const(0x34)
_WIPE_MARK = "wipe"  # a file at the root of the flash
_GOOD_MS = const(60000)  # after so long a boot is good
_GOOD = const(0)  # places in `BootCount.later`
_FAILED = const(1)
_ENDED = const(2)
_SAFE_ASKED = const(3)


class NoLight:
    """On a board without one nothing is shown."""

    def note(self, code: int, stands: bool = True) -> None:
        pass

    def only(self, group: int, code: int = 0) -> None:
        pass


class Life:
    """What the app gets: `watchdog` to report to, and the `light` that shows codes.

    hal: the hardware; say(text): one line for the serial console. cause: why this boot is, for
    its health record.
    """

    def __init__(self, hal: "LivingHal", say: "Say") -> None:
        self._hal = hal
        self._say = say
        self.cause = 0
        self._notes: "tuple[bytes, ...]" = ()  # see `BootCount.later`
        self._is_good = False
        self.watchdog = Watchdog(hal, hal.feed_watchdog, say)
        self.light: "Shows" = NoLight()
        self._tasks: "list[asyncio.Task[None]]" = []

    async def begin(self, update: "Search | None") -> None:
        """Stay in safe mode if this boot is for that, and restart from there."""
        from barri_node.life.beginning import begun

        boots = await begun(self._hal)
        self.cause = boots.cause
        self._notes = boots.later()
        if boots.safe:
            from barri_node.life import safe_mode

            self._show(_SAFE_MODE)
            await safe_mode.run(boots, self._hal.restart, self._hal.sleep_ms, self._say, update)

    # --- beside the app ---

    async def run(self, app: "Job") -> None:
        """Run the app under the watchdog until it ends, which it does by an error only."""
        hal = self._hal
        hal.start_watchdog(TIMEOUT_MS)
        self._beside(self.watchdog.run(hal.sleep_ms))
        self._beside(self._prove())
        self._show()
        if hal.has_button():
            from barri_node.life.button import Button

            button = Button(hal.button_down, hal, self.to_safe_mode, self.to_wipe)
            self._beside(button.run(hal.sleep_ms))
        await app

    def _beside(self, job: "Job") -> None:
        self._tasks.append(asyncio.create_task(job))

    def _show(self, code: int = 0) -> None:
        """Let the light blink, if there is one; it says its code on serial as well."""
        if self._hal.has_light():
            from barri_node.life.led import Light

            light = Light(self._hal.light, self._hal.sleep_ms, self._say)
            light.note(code)
            self._beside(light.run())
            self.light = light

    async def _prove(self) -> None:
        """A boot is good after a minute in which every task has reported."""
        await self._hal.sleep_ms(_GOOD_MS)
        while self.watchdog.stuck is not None:
            await self._hal.sleep_ms(_GOOD_MS)
        self._note(_GOOD)
        self._is_good = True

    # --- how it ends ---

    def to_safe_mode(self) -> None:
        self._note(_SAFE_ASKED)
        self._hal.restart()

    def to_wipe(self) -> None:
        """By the button, or by the gateway's or the console's command: done at the next start."""
        with open(self._hal.flash_root().rstrip("/") + "/" + _WIPE_MARK, "w"):
            pass
        self.restart()

    def restart(self) -> None:
        """A restart that is meant, after an update or by a command: no bad boot."""
        self._note(_ENDED)
        self._hal.restart()

    def fail(self) -> None:
        """An error that nobody caught; it counts as a bad boot within the first minute."""
        if not self._is_good:
            self._note(_FAILED)
        self._hal.restart()

    def hand_over(self) -> None:
        """A person has taken the console: neither is this a bad boot, nor may the dog bite."""
        self._note(_ENDED)
        self._hal.rest_watchdog()

    def _note(self, which: int) -> None:
        """Replace the note at the beginning of memory. Without memory for that the boot counts as
        what its end looks like: after a restart, as bad.
        """
        if not self._notes:
            return
        try:
            memory = self._hal.retained()
            head = self._notes[which]
            memory.memory(head + memory.memory()[len(head) :])
        except MemoryError as error:
            self._say("note: {!r}".format(error))

    async def wait_for_provisioning(self) -> None:
        """With settings that cannot work nothing is to be run, nor anything to be watched."""
        self.hand_over()
        self._show(_PROVISION)
        await asyncio.Event().wait()


async def _live(life: Life, make_app: "Callable[[Life], Job]", update: "Search | None") -> None:
    await life.begin(update)
    forget("barri_node.life.beginning", "barri_node.life.boot_count", "barri_node.life.retained")
    await life.run(make_app(life))


def live(
    hal: "LivingHal",
    make_app: "Callable[[Life], Job]",
    say: "Say" = print,
    update: "Search | None" = None,
) -> None:
    """Live one boot. make_app(life): the app, which may raise SettingsError at once. update(): see
    `safe_mode.run`.

    Returns only where `restart` does. Raises KeyboardInterrupt: the console is a person's.
    """
    from barri_node.life.beginning import finish_wipe

    life = Life(hal, say)
    finish_wipe(hal, _WIPE_MARK, say)
    del finish_wipe
    try:
        asyncio.run(_live(life, make_app, update))
    except KeyboardInterrupt:
        life.hand_over()
        raise
    except SettingsError as error:
        say("settings: {}".format(error))
        asyncio.run(life.wait_for_provisioning())
    except Exception as error:  # noqa: BLE001  # the one place where a node's errors end
        sys.print_exception(error)
        life.fail()
