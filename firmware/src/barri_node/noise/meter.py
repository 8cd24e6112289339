# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A sound level meter: A weighting, F time weighting, equivalent level and percentiles.

Fed with blocks of samples for ever, it gives the levels of each window when asked. It keeps no
sample: a scratch buffer of 20 ms is overwritten by the next block and has no reader but the
kernel. Must not import hardware, clock or store.
"""

from micropython import const

from barri_node.noise import memory as at
from barri_node.noise.coefficients import A
from barri_node.noise.decibel import ddb_to_steps, log2_steps, steps_to_ddb
from barri_node.noise.kernel import high_pass, time_weight, top_energy

# INMP441 and ICS-43434 datasheets: a sine of 94 dB at 1 kHz reads -26 dB of a full-scale sine.
SENSITIVITY_DDBFS = -260
_CALIBRATOR_DDB = const(940)
# What microphones need after power-up (INMP441 datasheet: 83 ms) and four times the F time.
SETTLE_MS = 500
# Far below the self-noise of any MEMS microphone (29 dB and more): the data line is idle.
IDLE_LINE_DDB = 150
_SUB_BLOCKS_PER_PASS = const(5)


class Meter:
    """The meter for one microphone.

    sample_rate_hz: a rate of `coefficients.A` (ValueError otherwise). sensitivity_ddbfs: what a
    sine of 94 dB, 1 kHz reads, in 0.1 dB of a full-scale sine. settle_ms: sound at the start that
    is listened to but not counted.
    """

    def __init__(
        self,
        sample_rate_hz: int = 48000,
        sensitivity_ddbfs: int = SENSITIVITY_DDBFS,
        settle_ms: int = SETTLE_MS,
    ) -> None:
        if sample_rate_hz not in A:
            raise ValueError("no A weighting for {} Hz: use 48000 or 24000".format(sample_rate_hz))
        weighting = A[sample_rate_hz]
        full_scale_ddb = _CALIBRATOR_DDB - sensitivity_ddbfs
        self._no_sound = weighting["full_scale"] - ddb_to_steps(full_scale_ddb)
        self._weighting = at.weigh_memory(weighting)
        self._following = at.time_weight_memory(self._no_sound)
        self._pass_samples = _SUB_BLOCKS_PER_PASS * weighting["sub_block"]
        self._scratch = at.zeros(self._pass_samples)
        self._energies = at.zeros(2 * _SUB_BLOCKS_PER_PASS + 2)
        self._histogram = at.zeros(at.LOUDEST_DDB + 1)
        self._settle_samples = sample_rate_hz * settle_ms // 1000
        self._start_window()

    def _start_window(self) -> None:
        self._samples = 0
        self._sub_blocks = 0
        self._energy = -self._open_energy()
        following = self._following
        following[at.SUM_HIGH] = following[at.SUM_LOW] = following[at.HIGHEST] = 0
        following[at.LOWEST] = at.NO_LOWEST
        for i in range(len(self._histogram)):
            self._histogram[i] = 0

    def feed(self, buf: "bytearray | memoryview", n_bytes: int) -> None:
        """Listen to a block: 32-bit little-endian words with 24-bit samples at the left.

        Blocks of any length follow each other without a gap. ValueError if n_bytes is not a whole
        number of samples or more than buf holds.
        """
        if n_bytes % 4 or not 0 <= n_bytes <= len(buf):
            raise ValueError("feed takes whole samples of 4 bytes that are in the buffer")
        view = memoryview(buf)
        for first in range(0, n_bytes, 4 * self._pass_samples):
            last = min(n_bytes, first + 4 * self._pass_samples)
            self._listen(view[first:last], (last - first) // 4)

    def _listen(self, samples: memoryview, count: int) -> None:
        high_pass(self._weighting, samples, count, self._scratch)
        sub_blocks = top_energy(self._weighting, self._scratch, count, self._energies)
        time_weight(self._following, self._energies, sub_blocks, self._histogram)
        if self._settle_samples > 0:
            self._settle_samples -= count
            if self._settle_samples <= 0:
                self._start_window()
            return
        following = self._following
        self._energy += (following[at.SUM_HIGH] << 25) + following[at.SUM_LOW]
        following[at.SUM_HIGH] = following[at.SUM_LOW] = 0
        self._samples += count
        self._sub_blocks += sub_blocks

    def close_window(self) -> "dict[str, int | None]":
        """Give the levels since the last call and start anew; filters and F level run on.

        laeq, lafmax, lafmin, la10, la50, la90: ddB, or None if there was no sound to measure (no
        sample yet, or an idle data line); samples: how many were counted.
        """
        levels: "dict[str, int | None]" = {"laeq": self._laeq(), "samples": self._samples}
        highest, lowest = self._following[at.HIGHEST], self._following[at.LOWEST]
        silent = not self._sub_blocks
        levels["lafmax"] = None if silent else self._level(highest)
        levels["lafmin"] = None if silent else self._level(lowest)
        for share, name in ((10, "la10"), (50, "la50"), (90, "la90")):
            levels[name] = None if silent else self._exceeded(share)
        self._start_window()
        return levels

    def _open_energy(self) -> int:
        """Energy of the sub-block that has begun: windows are exact to the sample."""
        return self._weighting[at.FINE] + (self._weighting[at.COARSE] << 18)

    def _laeq(self) -> "int | None":
        if not self._samples:
            return None
        energy = (self._energy + self._open_energy()) * self._weighting[at.SUB_BLOCK]
        return self._level(log2_steps(energy) - log2_steps(self._samples))

    def _level(self, steps: int) -> "int | None":
        return _plausible(steps_to_ddb(steps - self._no_sound))

    def _exceeded(self, percent: int) -> "int | None":
        """Give the level that the F level reached or exceeded in `percent` of the sub-blocks."""
        highest = steps_to_ddb(self._following[at.HIGHEST] - self._no_sound)
        ddb = min(at.LOUDEST_DDB, max(0, highest))
        reached = self._histogram[ddb]
        while 100 * reached < percent * self._sub_blocks:
            ddb -= 1
            reached += self._histogram[ddb]
        return _plausible(ddb)


def _plausible(ddb: int) -> "int | None":
    return ddb if IDLE_LINE_DDB <= ddb <= at.LOUDEST_DDB else None
