# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A meter's blinking light: each pulse is a fixed bit of energy, the gap between them the power.

MAINS: a light sensor taped on the meter's front from outside and nothing else, see
hardware/mains-warning.md. The counter is injected: the chip's own (machine.Counter, esp32.PCNT)
where there is one, an interrupt elsewhere. Imports no hardware.
"""

from micropython import const

from barri_node.energy.monotonic import Monotonic

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from barri_node.energy.monotonic import Keeper
    from barri_node.ports import Readings

    class PulseCounter(Protocol):
        """Counts pulses since the node's start; may begin again at zero after 16 bits."""

        def count(self) -> int: ...


_MS_WH_AN_HOUR = const(3600000)
# As ESPHome's pulse meter has it: after five minutes of darkness nothing is drawn.
_DARK_MS = const(300000)
# A gap is timed over at least so long: readings come every second, pulses in between.
_LEAST_MS = const(10000)
_MOST_POWER_W = const(100000)
# Light that flickers, sun through leaves: so many pulses more than possible are no pulses.
_SLACK_PULSES = const(2)


def counter(
    bits: int,
    keeper: "Keeper | None" = None,
    recorded_pulses: "int | None" = None,
    step: int = 100,
) -> Monotonic:
    """Make a counter of pulses that outlives reboots. bits: after so many the pulse counter may
    begin again at zero. step: of pulses that are kept at once.
    """
    most = (1 << bits) - 1
    return Monotonic(
        most, most + 1, volatile=True, keeper=keeper, step=step, recorded=recorded_pulses
    )


def pulses_for(energy_wh: int, impulses_per_kwh: int) -> int:
    """The fewest pulses that make so many Wh: what a recorded energy means for `counter`."""
    return (energy_wh * impulses_per_kwh + 999) // 1000


class PulseLed:
    """The driver. impulses_per_kwh: printed on the meter, 100 to 10000. uptime_ms: a function.

    total: what its pulses go through. It tells energy in whole Wh and power since the last pulse.
    """

    CHANNELS = ("energy_import", "power_import")

    def __init__(
        self,
        pulses: "PulseCounter",
        uptime_ms: "Callable[[], int]",
        impulses_per_kwh: int,
        total: "Monotonic | None" = None,
    ) -> None:
        if not 1 <= impulses_per_kwh <= 100000:
            raise ValueError("impulses_per_kwh: 1 to 100000, as the meter says")
        self._pulses = pulses
        self._uptime_ms = uptime_ms
        self._impulses = impulses_per_kwh
        self._total = total or counter(16)
        self._raw: "int | None" = None
        self._seen_ms = 0  # of the last reading
        self._since_ms = 0  # of the pulse that the present gap began with
        self._last_ms = 0  # of the last pulse
        self._gap_pulses = 0
        self._power_w: "int | None" = None
        self.faults = 0
        self.last_fault: "str | None" = None

    async def start(self) -> None:
        """Begin to count; a dark meter is no fault."""
        self._raw = self._pulses.count()
        self._seen_ms = self._since_ms = self._last_ms = self._uptime_ms()
        self._gap_pulses = 0

    async def measure(self) -> "Readings":
        """Read the counter. Steps: 1 Wh, 1 W; power is None until the first gap has ended."""
        raw, now_ms = self._pulses.count(), self._uptime_ms()
        last, self._raw = self._raw, raw
        fresh = 0 if last is None else raw - last
        if fresh < 0:
            fresh += self._total.modulus
        if fresh > self._possible(now_ms - self._seen_ms):
            self._flicker(raw, fresh)
            fresh = 0
        self._seen_ms = now_ms
        pulses = self._total.read(raw)
        self._time(fresh, now_ms)
        energy_wh = None if pulses is None else pulses * 1000 // self._impulses
        return {"energy_import": energy_wh, "power_import": self._power_w}

    def _possible(self, elapsed_ms: int) -> int:
        """The most pulses that can come in a time."""
        watt_ms = _MOST_POWER_W * elapsed_ms
        return watt_ms * self._impulses // (1000 * _MS_WH_AN_HOUR) + _SLACK_PULSES

    def _flicker(self, raw: int, fresh: int) -> None:
        self._total.skip(raw)
        self.faults += 1
        self.last_fault = "pulse: {} pulses at once are none; does light fall in?".format(fresh)

    def _time(self, fresh: int, now_ms: int) -> None:
        """Make power of the gap between pulses; while none comes, of how long it is at least."""
        if fresh:
            self._last_ms = now_ms
            self._gap_pulses += fresh
            self._end_gap(_LEAST_MS)
        elif now_ms - self._last_ms >= _LEAST_MS:
            self._end_gap(1)
        dark_ms = now_ms - self._last_ms
        if dark_ms >= _DARK_MS:
            self._power_w = 0
        elif dark_ms and self._power_w is not None and not self._gap_pulses:
            self._power_w = min(self._power_w, self._watts(1, dark_ms))

    def _end_gap(self, least_ms: int) -> None:
        """Take the pulses up to the last one, if they were timed over long enough."""
        elapsed_ms = self._last_ms - self._since_ms
        if elapsed_ms >= least_ms and self._gap_pulses:
            self._power_w = self._watts(self._gap_pulses, elapsed_ms)
            self._since_ms = self._last_ms
            self._gap_pulses = 0

    def _watts(self, pulses: int, elapsed_ms: int) -> int:
        work = self._impulses * elapsed_ms
        return (pulses * 1000 * _MS_WH_AN_HOUR + work // 2) // work
