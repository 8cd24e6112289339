# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Counts bad boots in a row, and says whether this one runs the app or the safe mode.

Bad is a boot that a watchdog, a panic or an uncaught error ended within its first minute.
Power-on, brown-out and deep-sleep wakes are never bad, nor is a node without network.
"""

from micropython import const

from barri_node.life.retained import packed

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from barri_node.life.retained import Retained

_BAD_LIMIT = const(3)

# What a boot is for.
APP = const(0)
SAFE = const(1)
TRIAL = const(2)  # the app again, after ten minutes of safe mode
# How far the boot before has come. A panic and a restart that was asked for look alike to the
# port (both are a hard reset), so that the latter is noted before it happens.
_STARTING = const(1)
_GOOD = const(2)
_ENDED = const(3)
_FAILED = const(4)
_ASLEEP = const(5)
_SAFE_ASKED = const(6)

_FORMAT = const(1)
_NOTE_BYTES = const(4)
# The causes as the hal says them and as a health record counts them, 0..5; and two of our own. A
# brown-out is a power-on and a panic a hard reset: the port does not tell them apart.
_CAUSES = ("unknown", "power-on", "hard reset", "watchdog", "deep sleep", "soft reset")
_POWER_ON = const(1)
_PANIC = const(2)
_WATCHDOG = const(3)
_DEEP_SLEEP = const(4)
_ASKED_FOR = const(6)
_UNCAUGHT_ERROR = const(7)


class BootCount:
    """retained: where it survives resets. bad: bad boots in a row. safe: this boot is for the safe
    mode; asked: because a button asked for it. cause: why this boot is, a number for the health
    record.
    """

    def __init__(self, retained: "Retained") -> None:
        self._retained = retained
        note = retained.note()
        if note is None or len(note) != _NOTE_BYTES or note[3] != _FORMAT:
            note = bytes(_NOTE_BYTES)  # from the power-on: nothing is known
        self.bad, self._stage, self._kind = note[0], note[1], note[2]
        self.asked = self.safe = False
        self.cause = 0

    def begin(self, cause: str, button: bool = False) -> int:
        """A boot begins; `cause` as the hal says it. Gives APP, SAFE or TRIAL.

        button: it is held now; after a safe mode's ten minutes a button that is stuck counts no
        more.
        """
        stage = self._stage
        self.cause = _number(stage, cause)
        trial = self._kind == TRIAL and self.cause == _ASKED_FOR
        if self.cause == _POWER_ON:
            self.bad = 0
        elif _was_bad(stage, self.cause):
            self.bad = min(self.bad + 1, 255)
        self.asked = not trial and (button or stage == _SAFE_ASKED)
        safe = not trial and (self.asked or self.bad >= _BAD_LIMIT)
        self.safe = safe
        self._kind = TRIAL if trial else SAFE if safe else APP
        # A safe mode never counts as a boot that began: whatever ends it is not the app's fault.
        self._write(_GOOD if safe else _STARTING)
        return self._kind

    def good(self) -> None:
        """The app has run for a minute: all tasks report, whether or not there is a network."""
        self.bad = 0
        self._kind = APP
        self._write(_GOOD)

    def failed(self) -> None:
        """An error that nobody caught ends the app; restart next. Not held against a good boot."""
        if self._stage == _STARTING:
            self._write(_FAILED)

    def ended(self) -> None:
        """A restart that was asked for comes next: it is not a panic."""
        self._kind = APP
        self._write(_ENDED)

    def asleep(self) -> None:
        """Deep sleep comes next: what was awake ended as it should."""
        self.bad = 0
        self._write(_ASLEEP)

    def ask_for_safe_mode(self) -> None:
        """The button was held in the running app; restart next."""
        self._kind = APP
        self._write(_SAFE_ASKED)

    def try_again(self) -> None:
        """Ten minutes of safe mode are over, or it has updated the app: restart next. One more
        bad boot leads back here.
        """
        self.bad = min(self.bad, _BAD_LIMIT - 1)
        self._kind = TRIAL
        self._write(_ENDED)

    def later(self) -> "tuple[bytes, bytes, bytes, bytes]":
        """What `good`, `failed`, `ended` and `ask_for_safe_mode` would write at the beginning of
        memory, for one who lets go of this module to save heap.
        """
        rows = ((0, _GOOD), (self.bad, _FAILED), (self.bad, _ENDED), (self.bad, _SAFE_ASKED))
        good, failed, ended, asked = [
            packed(bytes((bad, stage, self._kind if stage == _FAILED else APP, _FORMAT)))
            for bad, stage in rows
        ]
        return good, failed, ended, asked

    def _write(self, stage: int) -> None:
        self._stage = stage
        self._retained.set_note(bytes((self.bad, stage, self._kind, _FORMAT)))


def _was_bad(stage: int, cause: int) -> bool:
    """An error that was noted needs no cause that proves it."""
    if cause in (_POWER_ON, _DEEP_SLEEP):
        return False
    return stage == _FAILED or (stage == _STARTING and cause in (_PANIC, _WATCHDOG))


def _number(stage: int, cause: str) -> int:
    """What a boot's cause is called in a health record."""
    number = _CAUSES.index(cause) if cause in _CAUSES else 0
    if number == _PANIC and stage == _FAILED:
        return _UNCAUGHT_ERROR
    return _ASKED_FOR if number == _PANIC and stage in (_ENDED, _SAFE_ASKED) else number
