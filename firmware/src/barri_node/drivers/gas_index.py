# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Sensirion's gas index: how today's air compares with that of the last day, from 1 to 500.

The published algorithm (gas-index-algorithm 3.2, defaults, one value a second), without its
scalings for 16-bit integers. In floats, since it is made of exponentials and was published in
floats of 32 bits, which is what boards have; integers would need their own exp and sqrt. Imports
only `math`.
"""

from math import exp, sqrt

from micropython import const

_BLACKOUT = const(45)  # values that a sensor just switched on may waste
_GAIN = const(230)
_TOP = const(500)
_HALF_RANGE = const(32767)  # of raw values above the lowest one
_LARGEST_RAW = const(65000)

# Averages that forget: a share of 1/(1 + tau) of every new value, tau in seconds.
_TAU = const(43200)
_TAU_EARLY_STD = const(2500)
_EARLY_SLOPE = 0.01  # how sharply learning slows down, a second
_STD_AT_FIRST = const(50)
_STD_BONUS = const(220)
_STD_NOX = const(2000)

# During an event (an index above a threshold) nothing is learnt, but not for ever.
_THRESHOLD_EARLY = const(510)
_THRESHOLD_SLOPE = 0.09
_CLOSED_SHARE = 0.3  # how much faster the gate's time runs forward than back
_LONGEST_S = const(32767)

_FAST_S, _SLOW_S = const(20), const(500)
_ALPHA = 0.2

_LEARNT_S = const(10800)  # after this the state is worth keeping


class Gas:
    """What differs between the two gases; see the names where they are used.

    spreads: whether a rise is measured against the deviation learnt, as the VOC's is.
    """

    def __init__(
        self,
        spreads: bool,
        lowest_raw: int,
        tau_early_s: int,
        early_mean_s: int,
        early_std_s: int,
        threshold: int,
        longest_gate_min: int,
        slope: float,
        middle: int,
    ) -> None:
        self.spreads = spreads
        self.lowest_raw = lowest_raw
        self.tau_early_s = tau_early_s
        self.early_mean_s = early_mean_s
        self.early_std_s = early_std_s
        self.threshold = threshold
        self.longest_gate_min = longest_gate_min
        self.slope = slope
        self.middle = middle


def voc() -> Gas:
    """Volatile organic compounds: 100 is the usual air, the raw value falls with more of them."""
    return Gas(True, 20000, 20, 2700, 5220, 340, 180, 0.0065, 213)


def nox() -> Gas:
    """Nitrogen oxides: 1 is the usual air, the raw value rises with more of them."""
    return Gas(False, 10000, 1200, 17100, 20520, 30, 720, 0.0101, 614)


def _falling(x: float, middle: float, slope: float) -> float:
    """From 1 to 0 as x passes `middle`: a logistic curve."""
    power = slope * (x - middle)
    if power < -50:
        return 1.0
    return 0.0 if power > 50 else 1 / (1 + exp(power))


class GasIndex:
    """The index of one gas. Feed it one raw value a second."""

    def __init__(self, gas: Gas) -> None:
        self._gas = gas
        self._usual = _Usual(gas)
        self._smooth = _Smooth()
        self._age_s = 0
        self._raw = 0
        self._index = 0.0

    def add(self, raw: int) -> "int | None":
        """Take a raw value of the sensor; give the index 1..500, None in the first 46 s."""
        if self._age_s <= _BLACKOUT:
            self._age_s += 1
            return None
        lowest = self._gas.lowest_raw
        if 0 < raw < _LARGEST_RAW:
            self._raw = min(max(raw - lowest, 1), _HALF_RANGE)
        self._index = max(0.5, self._smooth.add(self._compared()))
        if self._raw:
            self._usual.learn(self._raw, self._index)
        return int(self._index + 0.5)

    def state(self) -> "tuple[int, int] | None":
        """Mean and deviation learnt, in tenths of a raw step; None before three hours."""
        usual = self._usual
        if usual.age_s < _LEARNT_S:
            return None
        return int(10 * usual.mean() + 0.5), int(10 * usual.std + 0.5)

    def resume(self, state: "tuple[int, int]") -> bool:
        """Go on from a state of at most ten minutes ago; False: it makes no sense, forget it."""
        mean, std = state
        if not (0 < mean <= 10 * _HALF_RANGE and 0 < std <= 10 * _HALF_RANGE):
            return False
        self._usual.resume(mean / 10, std / 10)
        return True

    def _compared(self) -> float:
        """The index of the newest raw value, before it is smoothed."""
        gas, usual = self._gas, self._usual
        rise = self._raw - usual.mean()
        if gas.spreads:
            apart = -rise / (usual.std + _STD_BONUS)
        elif usual.known:
            apart = rise / _STD_NOX
        else:
            return 1.0
        return _TOP * _falling(-apart * _GAIN, -gas.middle, gas.slope)


class _Usual:
    """Mean and standard deviation of the raw values, forgetting with a time constant of 12 h.

    std: the deviation. age_s: how long it has learnt. known: whether there is a mean.
    """

    def __init__(self, gas: Gas) -> None:
        self._gas = gas
        # The mean is kept in two parts, so that small steps of it survive 32 bits.
        self._base = 0.0
        self._rest = 0.0
        self.std = float(_STD_AT_FIRST)
        self.known = False
        self.age_s = 0
        self._gate_age_s = 0
        self._gated_min = 0.0

    def mean(self) -> float:
        return self._base + self._rest

    def resume(self, mean: float, std: float) -> None:
        self._base, self._rest, self.std = mean, 0.0, std
        self.age_s = _LEARNT_S
        self.known = True

    def learn(self, raw: int, index: float) -> None:
        """Take a raw value and the index that it had."""
        if not self.known:
            self.known = True
            self._base = raw
            return
        if abs(self._rest) >= 100:
            self._base, self._rest = self._base + self._rest, 0.0
        share_mean, share_std = self._shares(index)
        apart = raw - self._base - self._rest
        self.std = sqrt((1 - share_std) * (self.std * self.std + share_std * apart * apart))
        self._rest += share_mean * apart

    def _shares(self, index: float) -> "tuple[float, float]":
        """How much of a new value goes into the mean and into the deviation."""
        gas = self._gas
        self.age_s = min(self.age_s + 1, _LONGEST_S)
        self._gate_age_s = min(self._gate_age_s + 1, _LONGEST_S)
        early_mean = _falling(self.age_s, gas.early_mean_s, _EARLY_SLOPE)
        early_std = _falling(self.age_s, gas.early_std_s, _EARLY_SLOPE) - early_mean
        gate_mean = self._gate(index, gas.early_mean_s)
        gate_std = self._gate(index, gas.early_std_s)
        self._count_gate(gate_mean)
        return (
            gate_mean * _share(early_mean, gas.tau_early_s),
            gate_std * _share(early_std, _TAU_EARLY_STD),
        )

    def _gate(self, index: float, early_s: int) -> float:
        """1 while learning, towards 0 in an event."""
        early = _falling(self._gate_age_s, early_s, _EARLY_SLOPE)
        lasting = self._gas.threshold
        threshold = lasting + (_THRESHOLD_EARLY - lasting) * early
        return _falling(index, threshold, _THRESHOLD_SLOPE)

    def _count_gate(self, gate: float) -> None:
        """An event that is too long becomes the usual: the gate opens again."""
        forward = (1 - gate) * (1 + _CLOSED_SHARE) - _CLOSED_SHARE
        self._gated_min = max(0.0, self._gated_min + forward / 60)
        if self._gated_min > self._gas.longest_gate_min:
            self._gate_age_s = 0


def _share(early: float, tau_early_s: int) -> float:
    """From the share of the first hours to the lasting one, as `early` goes from 1 to 0."""
    lasting = 1 / (1 + _TAU)
    return lasting + (1 / (1 + tau_early_s) - lasting) * early


class _Smooth:
    """A low pass that is slow in steady air and fast in changing air."""

    def __init__(self) -> None:
        self._fast: "float | None" = None
        self._slow = 0.0
        self._out = 0.0

    def add(self, value: float) -> float:
        if self._fast is None:
            self._fast = self._slow = self._out = value
        self._fast += (value - self._fast) / (1 + _FAST_S)
        self._slow += (value - self._slow) / (1 + _SLOW_S)
        steady = exp(-_ALPHA * abs(self._fast - self._slow))
        self._out += (value - self._out) / (1 + _FAST_S + (_SLOW_S - _FAST_S) * steady)
        return self._out
