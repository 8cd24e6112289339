# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Computes what was lost, doubled or leaked, from evidence alone. Pure."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from barri_tools.demo.evidence import Agreement, Evidence, Measured

_BESIDES = {"reset_cause", "laf_class"}  # what a node keeps besides the records of its kit
MOST_FINDINGS = 50  # a report names examples, not thousands


@dataclass
class Audit:
    """Counts of a run; `findings` explains each loss, double and leak in words."""

    records_measured: int = 0
    records_held: int = 0
    records_acknowledged: int = 0
    records_void: int = 0
    observations_derived: int = 0
    observations_shared: int = 0
    observations_withheld: int = 0
    observations_forwarded: int = 0
    lost: int = 0
    duplicated: int = 0
    leaked: int = 0
    unresolved: int = 0
    findings: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Nothing lost, doubled or leaked."""
        return not (self.lost or self.duplicated or self.leaked)

    def _add(self, counter: str, finding: str) -> None:
        setattr(self, counter, getattr(self, counter) + 1)
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(f"{counter}: {finding}")


def audit(evidence: Evidence) -> Audit:
    """Hold what arrived against what was measured and agreed."""
    result = Audit(
        records_measured=len(evidence.measured),
        records_held=evidence.held,
        records_acknowledged=evidence.acknowledged,
        records_void=evidence.void,
        unresolved=evidence.unresolved,
    )
    _check_records(evidence, result)
    _check_city(evidence, result)
    _check_bytes(evidence, result)
    return result


def _check_records(evidence: Evidence, result: Audit) -> None:
    """Every second of the windows that were measured is in a record of the gateway's log.

    Seconds, since a clock that is made better may move one from a window to the next.
    """
    identities = Counter((kept.thing, kept.store_id, kept.sequence) for kept in evidence.kept)
    covered = _covered_seconds(evidence)
    for window in evidence.measured:
        if not covered[window.thing].issuperset(range(window.start_s, window.end_s)):
            result._add("lost", f"record of {window.thing} from {window.start_s}")
    result.observations_derived = sum(
        value is not None for kept in evidence.kept for value in kept.values.values()
    )
    if len(identities) != len(evidence.kept):
        result.findings.append("note: frames cut anew hold records twice; each is counted once")


def _covered_seconds(evidence: Evidence) -> dict[str, set[int]]:
    """By Thing, what records of its kit speak of; those of health and histograms do not count."""
    covered: dict[str, set[int]] = defaultdict(set)
    for kept in evidence.kept:
        if kept.start_s is not None and not _BESIDES & kept.values.keys():
            covered[kept.thing].update(range(kept.start_s, kept.start_s + kept.duration_s))
    return covered


def _check_city(evidence: Evidence, result: Audit) -> None:
    """Every agreed window is in the city exactly once, and nothing else is."""
    readings = _Readings(evidence)
    expected = {
        (agreement.era, end_s): agreement
        for agreement in evidence.agreements
        for end_s in _agreed_ends(evidence, readings, agreement)
    }
    arrived = Counter((row.sensor, row.end_s) for row in evidence.arrived)
    result.observations_shared = len(expected)
    result.observations_forwarded = len(evidence.arrived)
    result.observations_withheld = max(0, result.observations_derived - len(expected))
    for key, agreement in expected.items():
        if key not in arrived:
            result._add("lost", f"{agreement.quantity} of {agreement.thing} up to {key[1]}")
    for (sensor, end_s), times in arrived.items():
        for _ in range(times - 1):
            result._add("duplicated", f"sensor {sensor} up to {end_s}")
    for row in evidence.arrived:
        reason = _leak(evidence, row.sensor, row.end_s)
        if reason:
            result._add("leaked", f"sensor {row.sensor} up to {row.end_s}: {reason}")


class _Readings:
    """Answers quickly whether a chip gave a value within a window."""

    def __init__(self, evidence: Evidence) -> None:
        self._times: dict[tuple[str, str], list[float]] = defaultdict(list)
        for reading in evidence.readings:
            if reading.value is not None:
                self._times[reading.thing, reading.quantity].append(reading.at_s)
        for times in self._times.values():
            times.sort()

    def any_in(self, window: Measured, quantity: str) -> bool:
        times = self._times.get((window.thing, quantity), [])
        at = bisect_left(times, window.start_s)
        return at < len(times) and times[at] < window.end_s


def _agreed_ends(evidence: Evidence, readings: _Readings, agreement: Agreement) -> Iterator[int]:
    """The ends of the windows that must have left: measured with a value, wholly agreed."""
    if agreement.until_s is not None:
        return  # what a withdrawal purged is not lost; what left before it is no leak
    kept = {
        (kept.start_s, kept.duration_s)
        for kept in evidence.kept
        if kept.thing == agreement.thing and kept.values.get(agreement.quantity) is not None
    }
    measured = {
        (window.start_s, window.end_s - window.start_s)
        for window in evidence.measured
        if window.thing == agreement.thing and readings.any_in(window, agreement.quantity)
    }
    covered: Counter[int] = Counter()
    for start_s, duration_s in kept | measured:
        if start_s is not None and duration_s <= agreement.window_s:
            covered[start_s // agreement.window_s] += duration_s
    for index, seconds in covered.items():
        start_s, end_s = index * agreement.window_s, (index + 1) * agreement.window_s
        whole = seconds >= agreement.window_s and end_s <= evidence.ended_s
        if whole and start_s > agreement.from_s:
            yield end_s


def _leak(evidence: Evidence, sensor: str, end_s: int) -> str:
    """Why an observation should not have left; empty when it was agreed."""
    agreement = next((a for a in evidence.agreements if a.era == sensor), None)
    if agreement is None:
        return "nobody agreed to this sensor"
    if end_s - agreement.window_s <= agreement.from_s:
        return "measured before it was agreed"
    if agreement.until_s is not None and end_s > agreement.until_s:
        return "measured after it was withdrawn"
    if end_s % agreement.window_s:
        return "finer than agreed"
    return ""


def _check_bytes(evidence: Evidence, result: Audit) -> None:
    """No secret of the household is in any byte that went out."""
    for number, raw in enumerate(evidence.requests):
        for secret in evidence.secrets:
            if secret.encode() in raw:
                result._add(
                    "leaked", f"request {number} holds a planted secret of {len(secret)} letters"
                )
