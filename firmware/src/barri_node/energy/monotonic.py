# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A counter that never goes back, made of one that wraps, is reset, or is exchanged.

What was read is counted once; what nobody could read is lost, and `gaps` says how often that may
have happened. May import only the checksum.
"""

import struct

from micropython import const

from barri_node.energy.crc16 import crc16

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from typing import Protocol

    class Keeper(Protocol):
        """Keeps a few bytes over reboots and power cuts: all of the old or all of the new ones."""

        def load(self) -> "bytes | None": ...
        def save(self, state: bytes) -> None: ...


# version, total, raw reading, CRC-16/MODBUS of what is before it
_FORMAT = "<BQQ"
_VERSION = const(1)
_STATE_BYTES = const(19)
_CRC_START = const(0xFFFF)  # so that an erased or zeroed state does not hold


class Monotonic:
    """Counts on in the meter's own steps (Wh, or pulses).

    most_rise: more than this between two readings is no rise but another meter.
    modulus: where the meter starts over at zero (65536; 10 000 000 for 9999.999 kWh); 0: never.
    wrap_rise: a fall that is a smaller rise over that point is a wrap; None: as `most_rise`.
    patience: so many readings in a row, all off, are believed; fewer are damage and give None.
    from_zero: after a reset the meter counts from zero, so that what it says then has been used.
    volatile: that reset comes with every boot of the node (a pulse counter inside of it).
    keeper: saves after each `step` of growth, and each jump before it is told; None: in memory.
    recorded: the newest total that left the node (its log knows; 0: none has); None: unknown. Then
    nothing is told until the total has passed all that may have been told before the reboot.

    wraps, gaps (resets and exchanges), unsaved, forgotten: how often that happened. off: how many
    readings in a row are not believed yet.
    """

    def __init__(
        self,
        most_rise: int,
        modulus: int = 0,
        wrap_rise: "int | None" = None,
        patience: int = 1,
        from_zero: bool = False,
        volatile: bool = False,
        keeper: "Keeper | None" = None,
        step: int = 100,
        recorded: "int | None" = None,
    ) -> None:
        self._most_rise = most_rise
        self.modulus = modulus
        self._wrap_rise = most_rise if wrap_rise is None else wrap_rise
        self._patience = patience
        self._from_zero = from_zero or volatile
        self._keeper = keeper
        self._step = step
        self._total = 0
        self._raw: "int | None" = None
        self._saved: "int | None" = None  # total of the state that is kept
        self._told = 0  # nothing below this is told
        self.off = 0
        self.wraps = self.gaps = self.unsaved = self.forgotten = 0
        self._restore(recorded)
        if volatile:
            self._raw = 0

    def read(self, raw: int) -> "int | None":
        """Take the meter's reading; give the total, or None where none can be told."""
        if self._raw is None:
            self._total = max(raw, self._total)
        elif not self._grow(raw, self._raw):
            return None
        self._raw = raw
        self.off = 0
        if self._saved is None or self._total >= self._saved + self._step:
            self._save()
        return self._total if self._total >= self._told else None

    def skip(self, raw: int) -> None:
        """Take note of a reading that stands for no energy (light that is no pulse)."""
        self._raw = raw

    def _grow(self, raw: int, last: int) -> bool:
        """Add what has come since the last reading; False: this one is not believed yet."""
        rise = raw - last
        if rise < 0 and self.modulus and rise % self.modulus <= self._wrap_rise:
            rise %= self.modulus
            self.wraps += 1
        elif 0 <= rise <= self._most_rise:
            self._total += rise
            return True
        else:
            self.off += 1
            if self.off < self._patience:
                return False
            self.gaps += 1
            rise = raw if rise < 0 and self._from_zero and raw <= self._most_rise else 0
        self._total += rise
        self._saved = None  # a jump has to be kept before it is told
        return True

    def _restore(self, recorded: "int | None") -> None:
        state = self._keeper.load() if self._keeper else None
        if state:
            self._decode(state)
        if recorded is None:
            # Growth by a step is saved before it is told, so that less was told than this.
            self._told = self._total + self._step - 1 if self._raw is not None else 0
        elif self._raw is None:
            self._total = self._told = recorded
        elif recorded > self._total:  # no jump since the state was kept, or it would be in there
            self._raw += recorded - self._total
            self._total = self._told = recorded
            if self.modulus:
                self._raw %= self.modulus

    def _decode(self, state: bytes) -> None:
        body = state[: _STATE_BYTES - 2]
        if len(state) != _STATE_BYTES or state != _sealed(body) or state[0] != _VERSION:
            self.forgotten += 1
            return
        _, self._total, self._raw = struct.unpack(_FORMAT, body)
        self._saved = self._total

    def _save(self) -> None:
        try:
            if self._keeper is not None:
                self._keeper.save(_sealed(struct.pack(_FORMAT, _VERSION, self._total, self._raw)))
            self._saved = self._total
        except OSError:  # the next reading tries again
            self.unsaved += 1


def _sealed(body: bytes) -> bytes:
    return body + struct.pack("<H", crc16(body, _CRC_START))
