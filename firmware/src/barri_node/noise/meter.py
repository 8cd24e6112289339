# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A sound level meter: equaliser, A and C weighting, F level, equivalent levels, percentiles.

Fed with blocks of samples for ever, it gives the levels of each window when asked. It keeps no
sample: what stays between blocks are the filters' states and sums of squares. Must not import
hardware, clock or store.
"""

from array import array

from micropython import const

from barri_node.noise import memory as at
from barri_node.noise.decibel import (
    OCTAVE,
    ddb_to_steps,
    log2_of_words,
    log2_steps,
    steps_to_ddb,
)
from barri_node.noise.kernel import time_weight, weigh

# INMP441, ICS-43434, SPH0645 datasheets: a 94 dB, 1 kHz sine reads -26 dB of a full-scale one.
SENSITIVITY_DDBFS = -260
_CALIBRATOR_DDB = const(940)
# What microphones need after power-up (INMP441 datasheet: 83 ms) and four times the F time.
SETTLE_MS = 500
# Far below the self-noise of any MEMS microphone (29 dB and more): the data line is idle.
_IDLE_LINE_DDB = const(150)
_LOUDEST_DDB = const(1400)
# The histograms: classes of 0.5 dB from 0 dB on, the last holds what is louder.
CLASSES = 280
_CLASS_DDB = const(5)
_MOST_COUNTED = const(65535)  # a class of 16 bits: more than two hours of 125 ms
_SUB_BLOCKS_PER_PASS = const(20)
# Beyond the kernel's ten numbers, a row of `coefficients` has:
_SUB_BLOCK = const(10)
_FULL_SCALE_A = const(11)
_FULL_SCALE_C = const(12)
_LOWEST_DDB = const(13)


class Meter:
    """The meter for one microphone.

    sample_rate_hz: 48000 or 24000. microphone: whose equaliser, a name in `coefficients`; "flat"
    for none. sensitivity_ddbfs: what a sine of 94 dB, 1 kHz reads, in 0.1 dB of a full-scale
    sine. settle_ms: sound at the start that is listened to but not counted. slow: S time
    weighting (1 s) instead of F (125 ms). ValueError for a rate or microphone that is not there.
    """

    def __init__(
        self,
        sample_rate_hz: int = 48000,
        microphone: str = "inmp441",
        sensitivity_ddbfs: int = SENSITIVITY_DDBFS,
        settle_ms: int = SETTLE_MS,
        slow: bool = False,
    ) -> None:
        row = _row(sample_rate_hz, microphone)
        below = ddb_to_steps(_CALIBRATOR_DDB - sensitivity_ddbfs)
        self._no_sound_a = row[_FULL_SCALE_A] - below
        self._no_sound_c = row[_FULL_SCALE_C] - below
        self._lowest_ddb = row[_LOWEST_DDB]
        self._weighing = at.weigh_memory(row)
        self._following = at.time_weight_memory(slow)
        self._pass_samples = _SUB_BLOCKS_PER_PASS * row[_SUB_BLOCK]
        self._energies = at.zeros(4 * _SUB_BLOCKS_PER_PASS + 4)
        self._mark = at.zeros(2)
        self._window = array("H", bytes(2 * CLASSES))
        self._counts = array("H", bytes(2 * CLASSES))
        self._settle_samples = sample_rate_hz * settle_ms // 1000
        self._start_window()

    def _start_window(self) -> None:
        self._samples = 0
        self._marks = 0
        self._open_a = self._open_energy(at.A_FINE)
        self._open_c = self._open_energy(at.C_FINE)
        self._weighing[at.OVERLOAD] = 0
        following = self._following
        for i in range(at.A_SUM, at.C_SUM + 3):
            following[i] = 0
        following[at.HIGHEST] = following[at.HIGHEST + 1] = 0
        following[at.LOWEST] = at.NO_LOWEST
        for i in range(CLASSES):
            self._window[i] = 0

    def feed(self, buf: "bytearray | memoryview", n_bytes: int) -> None:
        """Listen to a block: 32-bit little-endian words with 24-bit samples at the left.

        Blocks of any length follow each other without a gap. ValueError if n_bytes is not a whole
        number of samples or more than buf holds.
        """
        if n_bytes % 4 or not 0 <= n_bytes <= len(buf):
            raise ValueError("feed takes whole samples of 4 bytes that are in the buffer")
        count = n_bytes // 4
        for first in range(0, count, self._pass_samples):
            self._listen(buf, first, min(count, first + self._pass_samples))

    def _listen(self, samples: "bytearray | memoryview", first: int, end: int) -> None:
        sub_blocks = weigh(first, 0, self._weighing, samples, end, self._energies)
        marks = time_weight(self._following, self._energies, sub_blocks, self._mark)
        if self._settle_samples > 0:
            self._settle_samples -= end - first
            if self._settle_samples <= 0:
                self._start_window()
            return
        self._samples += end - first
        if marks:
            self._count()

    def _count(self) -> None:
        """Add the level of this 125 ms to the histograms."""
        ddb = self._level(self._mark, 0)
        place = min(CLASSES - 1, max(0, ddb) // _CLASS_DDB)
        self._marks += 1
        for histogram in (self._window, self._counts):
            if histogram[place] < _MOST_COUNTED:
                histogram[place] += 1

    def histogram(self) -> "array[int]":
        """Give how many levels of 125 ms lay in each class of 0.5 dB, from 0 dB on.

        Counted since `clear_histogram`, over windows; a class stays at 65535 when it is full. The
        array is the meter's own: read it, do not keep it.
        """
        return self._counts

    def clear_histogram(self) -> None:
        for i in range(CLASSES):
            self._counts[i] = 0

    def close_window(self) -> "dict[str, int | None]":
        """Give the levels since the last call and start anew; filters and F level run on.

        laeq, lceq, lafmax, lafmin, la10, la50, la90: ddB, or None if there was no sound to
        measure (no sample yet, or an idle data line). sound_range: 1 if LAeq lies below what the
        microphone can measure, 2 if a sample was at the end of the scale, 3 for both; None
        without samples. samples: how many were counted.
        """
        laeq = self._equivalent(at.A_SUM, at.A_FINE, self._open_a, self._no_sound_a)
        lceq = self._equivalent(at.C_SUM, at.C_FINE, self._open_c, self._no_sound_c)
        levels: "dict[str, int | None]" = {"laeq": laeq, "lceq": lceq, "samples": self._samples}
        heard = self._following[at.LOWEST] != at.NO_LOWEST
        highest = self._level(self._following, at.HIGHEST) if heard else 0
        lowest = self._level(self._following, at.LOWEST) if heard else 0
        levels["lafmax"], levels["lafmin"] = _plausible(highest), _plausible(lowest)
        for share, name in ((10, "la10"), (50, "la50"), (90, "la90")):
            # The class has 0.5 dB; the highest and lowest level are known better than that.
            ddb = exceeded_ddb(self._window, self._marks, share) if self._marks else 0
            levels[name] = _plausible(min(highest, max(lowest, ddb))) if self._marks else None
        quiet = laeq is None or laeq < self._lowest_ddb
        outside = 2 * self._weighing[at.OVERLOAD] + quiet
        levels["sound_range"] = outside if self._samples else None
        self._start_window()
        return levels

    def _open_energy(self, place: int) -> int:
        """Energy of the sub-block that has begun: windows are exact to the sample."""
        return self._weighing[place] + (self._weighing[place + 1] << 18)

    def _equivalent(self, place: int, fine: int, before: int, no_sound: int) -> "int | None":
        if not self._samples:
            return None
        low, middle, high = self._following[place : place + 3]
        energy = (high << 50) + (middle << 25) + low + self._open_energy(fine) - before
        steps = log2_steps(energy * self._weighing[at.SUB_BLOCK]) - log2_steps(self._samples)
        return _plausible(steps_to_ddb(steps - no_sound))

    def _level(self, words: "array[int]", place: int) -> int:
        """Turn a level of the kernel, 128 times the energy in two words, into ddB."""
        steps = log2_of_words(words[place], words[place + 1]) - 7 * OCTAVE
        return steps_to_ddb(steps - self._no_sound_a)


def exceeded_ddb(histogram: "array[int]", count: int, percent: int) -> int:
    """Give the level that `percent` of `count` (> 0) levels in a histogram reach, in ddB.

    Within a class levels count as evenly spread: off by 0.5 dB at most, mostly by less than 0.25.
    """
    wanted = percent * count
    place = CLASSES
    above = here = 0
    while place and (above + here < wanted or not here):
        above += here
        place -= 1
        here = 100 * histogram[place]
    return _CLASS_DDB * (place + 1) - (_CLASS_DDB * (wanted - above) + here // 2) // max(1, here)


def _row(sample_rate_hz: int, microphone: str) -> "tuple[int, ...]":
    from barri_node.noise.coefficients import AT_24000, AT_48000  # needed once

    if sample_rate_hz not in (48000, 24000):
        raise ValueError("no meter for {} Hz: use 48000 or 24000".format(sample_rate_hz))
    rows = AT_48000 if sample_rate_hz == 48000 else AT_24000
    if microphone not in rows:
        known = ", ".join(sorted(rows))
        raise ValueError("no microphone {!r}: use one of {}".format(microphone, known))
    return rows[microphone]


def _plausible(ddb: int) -> "int | None":
    return ddb if _IDLE_LINE_DDB <= ddb <= _LOUDEST_DDB else None
