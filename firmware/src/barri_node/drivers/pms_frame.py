# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The frames of Plantower's PMS series: finding them in a stream, and making commands.

The PMS5003 and the PMS7003 have the same (their manuals, V2.3 and V2.5, appendices A and B).

Pure: imports nothing. Memory is one frame; any bytes are taken; work per byte is bounded.
"""

from micropython import const

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from barri_node.ports import Readings

_START_1 = const(0x42)
_START_2 = const(0x4D)
_HEAD_BYTES = const(4)
_DATA_LENGTH = const(28)
_ANSWER_LENGTH = const(4)
FRAME_BYTES = _HEAD_BYTES + _DATA_LENGTH

SET_MODE = 0xE1
PASSIVE, ACTIVE = 0, 1
READ = 0xE2
SET_SLEEP = 0xE4
SLEEP, WAKE = 0, 1


def checksum(data: "bytes | bytearray", count: int) -> int:
    """Sum of the first `count` bytes, 16 bits."""
    return sum(data[:count]) & 0xFFFF


def command(code: int, value: int = 0) -> bytes:
    """Give the 7 bytes of a command to the sensor."""
    frame = bytes((_START_1, _START_2, code, 0, value))
    total = checksum(frame, 5)
    return frame + bytes((total >> 8, total & 0xFF))


class Reading:
    """One data frame. masses: quantity to 0.1 ug/m3, the "atmospheric" ones; error: 0 is well.

    The sensor gives whole ug/m3; a mean over a window has more. particles: those over 0.3 um in
    0.1 l of air, which in a working part are never the same for long.
    """

    def __init__(self, frame: bytearray) -> None:
        words = [frame[at] << 8 | frame[at + 1] for at in range(_HEAD_BYTES, FRAME_BYTES, 2)]
        self.masses: "Readings" = {
            "pm1": 10 * words[3],
            "pm2_5": 10 * words[4],
            "pm10": 10 * words[5],
        }
        self.particles = words[6]
        self.version = words[12] >> 8
        self.error = words[12] & 0xFF


class FrameParser:
    """Finds frames in a stream that may begin anywhere and may be damaged.

    answers: answers to commands seen. damaged: frames with a wrong checksum. skipped: bytes passed
    over while looking for a beginning.
    """

    def __init__(self) -> None:
        self._buffer = bytearray(FRAME_BYTES)
        self._fill = 0
        self.answers = 0
        self.damaged = 0
        self.skipped = 0

    def feed(self, data: "bytes | bytearray", count: int) -> "Reading | None":
        """Take `count` bytes; give the newest Reading that they completed, or None."""
        newest = None
        for at in range(count):
            self._buffer[self._fill] = data[at]
            self._fill += 1
            newest = self._complete() or newest
        return newest

    def _complete(self) -> "Reading | None":
        """Bring a possible frame to the front; give its Reading if all of it has come."""
        reading = None
        while self._fill:
            if not self._possible():
                self._skip_one()
            elif self._fill < _HEAD_BYTES or self._fill < self._length():
                break
            elif not self._intact():
                self.damaged += 1
                self._skip_one()  # a true beginning may hide in it
            else:
                reading = self._take() or reading
        return reading

    def _possible(self) -> bool:
        """Say whether the buffer can be the beginning of a frame."""
        buffer, fill = self._buffer, self._fill
        if buffer[0] != _START_1 or (fill > 1 and buffer[1] != _START_2):
            return False
        return fill < _HEAD_BYTES or self._word(2) in (_DATA_LENGTH, _ANSWER_LENGTH)

    def _intact(self) -> bool:
        end = self._length() - 2
        return checksum(self._buffer, end) == self._word(end)

    def _take(self) -> "Reading | None":
        length = self._length()
        reading = Reading(self._buffer) if length == FRAME_BYTES else None
        if reading is None:
            self.answers += 1
        self._drop(length)
        return reading

    def _length(self) -> int:
        return _HEAD_BYTES + self._word(2)

    def _word(self, at: int) -> int:
        return self._buffer[at] << 8 | self._buffer[at + 1]

    def _skip_one(self) -> None:
        self.skipped += 1
        self._drop(1)

    def _drop(self, count: int) -> None:
        self._fill -= count
        self._buffer[: self._fill] = self._buffer[count : count + self._fill]
