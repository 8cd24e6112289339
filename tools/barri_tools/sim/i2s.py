# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The I2S receiver of an ESP32: DMA buffers that fill for ever, whether anybody reads or not.

Runs on MicroPython too, and must import nothing. As in MicroPython 1.29 (ports/esp32/
machine_i2s.c) and ESP-IDF 5 (esp_driver_i2s): buffers of 256 frames; each full one is announced
by an interrupt; one less than all can wait, and the oldest waiting one is dropped for a new one.
While flash is erased or written no such interrupt runs (its code is not in RAM), and after that
only the newest buffer is announced. Nothing says that anything was lost. Not modelled: content of
a buffer that is overwritten while it is being read.
"""

FRAMES = 256
FRAME_BYTES = 8  # both channels in 32 bits, also for one channel


class DmaRing:
    """The ring at `rate_hz`, of as many buffers as `ibuf_bytes` holds. It starts at 0 us.

    delivered, dropped: frames that were read, and that never can be. ranges: what was read, as
    [first, end) of frame numbers since the start, growing.
    """

    def __init__(self, rate_hz: int, ibuf_bytes: int) -> None:
        self.rate_hz = rate_hz
        self.buffers = max(2, ibuf_bytes // (FRAMES * FRAME_BYTES))
        self.delivered = 0
        self.dropped = 0
        self.ranges: list[list[int]] = []
        self.readable = False  # as the port's flag: set by interrupts, cleared by a short read
        self._filled = 0
        self._unannounced = 0
        self._waiting: list[int] = []
        self._read_to = 0  # within the first waiting buffer

    def next_interrupt_us(self) -> int:
        """When the buffer that is being filled will be full."""
        return -(-(self._filled + 1) * FRAMES * 1000000 // self.rate_hz)

    def advance(self, now_us: int, masked: bool = False) -> None:
        """Let time pass; masked: with interrupts held back, until the next call without."""
        filled = now_us * self.rate_hz // (FRAMES * 1000000)
        if masked:
            self._unannounced += filled - self._filled
        else:
            self._announce_held_back()
            for number in range(max(self._filled, filled - self.buffers), filled):
                self._announce(number)
            self.dropped += FRAMES * max(0, filled - self.buffers - self._filled)
        self._filled = filled

    def read(self, most: int) -> int:
        """Take at most so many frames, without waiting; how many there were."""
        taken = 0
        while taken < most and self._waiting:
            first = self._waiting[0] * FRAMES + self._read_to
            count = min(most - taken, FRAMES - self._read_to)
            self._note(first, first + count)
            taken += count
            self._read_to += count
            if self._read_to == FRAMES:
                del self._waiting[0]
                self._read_to = 0
        if taken < most:
            self.readable = False
        self.delivered += taken
        return taken

    def _announce_held_back(self) -> None:
        if self._unannounced:
            self.dropped += FRAMES * (self._unannounced - 1)
            self._unannounced = 0
            self._announce(self._filled - 1)

    def _announce(self, number: int) -> None:
        in_hand = 1 if self._read_to else 0  # a buffer that is being read waits no more
        if len(self._waiting) - in_hand == self.buffers - 1:
            del self._waiting[in_hand]
            self.dropped += FRAMES
        self._waiting.append(number)
        self.readable = True

    def _note(self, first: int, end: int) -> None:
        if self.ranges and self.ranges[-1][1] == first:
            self.ranges[-1][1] = end
        else:
            self.ranges.append([first, end])
