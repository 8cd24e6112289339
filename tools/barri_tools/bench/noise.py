# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""How well the sound meter measures: its firmware on a real MicroPython, fed with signals.

All of it is simulated: microphones are their datasheets' curves. Within class 1 limits here does
not make a class 1 instrument. What the meter costs a board is `noise_cost`.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from barri_tools.bench.report import FOLDER, Report
from barri_tools.firmware import FirmwareError
from barri_tools.noise import measure
from barri_tools.noise.curves import BOTTOM_HZ, MIDDLE_HZ, TOP_HZ, Floats
from barri_tools.noise.measure import Deviation
from barri_tools.noise.microphones import MICROPHONES
from barri_tools.noise.node import Node, micropython
from barri_tools.noise.signals import FULL_SCALE, FULL_SCALE_DB, RECORDINGS, recording

RATE_HZ, SLOWER_HZ = 48000, 24000
TOP_OF_SWEEP_HZ = {RATE_HZ: 16000.0, SLOWER_HZ: 10000.0}
EQUALISED = tuple(name for name in MICROPHONES if name != "flat")
LINEARITY_HZ = (1000.0, 8000.0)
GAINS = (1.0, 0.01)
_OVERSAMPLED = 8  # so much that the bilinear transform bends nothing that can be heard
_DB, _YES = "dB", "1"


def run(folder: Path = FOLDER) -> Report:
    """Print and write the figures. Raises FirmwareError without MicroPython."""
    report = Report("noise", folder)
    interpreter = micropython()
    add_weighting(report, interpreter)
    add_chains(report, interpreter)
    add_time_weighting(report, interpreter)
    add_levels(report, interpreter)
    add_recordings(report, interpreter)
    _add_cost(report)
    report.note("simulated: within class limits on signals, not an instrument of that class")
    report.write()
    return report


def add_weighting(report: Report, interpreter: list[str]) -> None:
    """A and C weighting alone against Annex E, from 20 Hz on."""
    for rate_hz, top_hz in TOP_OF_SWEEP_HZ.items():
        errors = measure.weighting_errors_db(Node(interpreter, "flat", rate_hz), top_hz)
        worst = np.abs(errors).max(axis=0)
        suffix = "" if rate_hz == RATE_HZ else f".{rate_hz}"
        report.add(f"noise.a_weighting_max_error_db{suffix}", float(worst[0]), _DB)
        report.add(f"noise.c_weighting_max_error_db{suffix}", float(worst[1]), _DB)


def add_chains(report: Report, interpreter: list[str]) -> None:
    """Equaliser and weightings on the datasheets' curves against Table 3."""
    for rate_hz, limits_class in ((RATE_HZ, 1), (SLOWER_HZ, 2)):
        name = f"noise.chain_within_class_{limits_class}"
        found = {
            microphone: measure.chain_deviations(
                Node(interpreter, microphone, rate_hz), limits_class
            )
            for microphone in EQUALISED
        }
        report.add(name, _all_within(d for ds in found.values() for d in ds), _YES)
        for microphone, deviations in found.items():
            report.add(f"{name}.{microphone}", _all_within(deviations), _YES)
            report.add(f"{name}.{microphone}.used", limits_used(deviations), _YES)


def limits_used(deviations: Iterable[Deviation]) -> float:
    """The largest part of the limits that a deviation uses up."""
    return max(max(d.error_db / d.above_db, d.error_db / d.below_db) for d in deviations)


def _all_within(deviations: Iterable[Deviation]) -> float:
    return float(all(deviation.within for deviation in deviations))


def add_time_weighting(report: Report, interpreter: list[str]) -> None:
    """Tonebursts of Table 4: F maximum, sound exposure, S maximum."""
    node = Node(interpreter)
    deviations = measure.toneburst_deviations(node) + measure.slow_toneburst_deviations(node)
    report.add("noise.toneburst_within_class_1", _all_within(deviations), _YES)
    worst = max(abs(deviation.error_db) for deviation in deviations)
    report.add("noise.toneburst_max_error_db", worst, _DB)


def add_levels(report: Report, interpreter: list[str]) -> None:
    """Level linearity and what the arithmetic adds of its own."""
    spans = [measure.linearity_range_db(Node(interpreter), hz) for hz in LINEARITY_HZ]
    report.add("noise.linearity_range_db", min(spans), _DB)
    nodes = [Node(interpreter, name, rate) for name in MICROPHONES for rate in TOP_OF_SWEEP_HZ]
    own = {(n.microphone, n.rate_hz): measure.self_noise_dba(n) for n in nodes}
    report.add("noise.self_noise_dba", max(own.values()), "dB")
    at_48 = max(level for (_, rate_hz), level in own.items() if rate_hz == RATE_HZ)
    report.add(f"noise.self_noise_dba.{RATE_HZ}", at_48, "dB")


def add_recordings(report: Report, interpreter: list[str]) -> None:
    """LAeq of real recordings against a float64 design of SciPy."""
    paths = sorted(RECORDINGS.glob("*.wav"))
    if not paths:
        report.note(f"no recordings in {RECORDINGS}: install Debian's package alsa-utils")
        return
    try:
        errors = recording_errors_db(Node(interpreter), paths)
    except ImportError as error:
        report.note(f"{error.name} is missing: pip install 'barri[dev]'")
        return
    report.add("noise.recordings_max_error_db", float(np.abs(errors).max()), _DB)
    report.note(f"{len(paths)} recordings of {RECORDINGS}, at gains of {GAINS}")


def recording_errors_db(node: Node, paths: list[Path]) -> Floats:
    """What the node reads beyond the oracle, for each recording and gain."""
    errors = []
    for path in paths:
        for gain in GAINS:
            signal = np.rint(recording(path) * gain)
            (levels,) = node.levels(signal, len(signal) / node.rate_hz, settle_ms=0)
            ddb = levels["laeq"]
            errors.append((-999.0 if ddb is None else ddb / 10) - scipy_laeq_db(signal))
    return np.array(errors)


def scipy_laeq_db(signal: Floats, rate_hz: int = RATE_HZ) -> float:
    """LAeq by SciPy: the analog poles of Annex E, bilinear transform at eight times the rate."""
    from scipy import signal as scipy_signal  # type: ignore[import-untyped]  # noqa: PLC0415

    fast_hz = rate_hz * _OVERSAMPLED
    poles = -2 * np.pi * np.array([BOTTOM_HZ, BOTTOM_HZ, *MIDDLE_HZ, TOP_HZ, TOP_HZ])
    sections = scipy_signal.zpk2sos(
        *scipy_signal.bilinear_zpk(np.zeros(4), poles, (2 * np.pi * TOP_HZ) ** 2, fast_hz)
    )
    _, at_1_khz = scipy_signal.sosfreqz(sections, [1000.0], fs=fast_hz)
    faster = scipy_signal.resample_poly(signal, _OVERSAMPLED, 1)
    weighted = scipy_signal.sosfilt(sections, faster) / abs(at_1_khz[0])
    return FULL_SCALE_DB + 10 * float(np.log10(2 * (weighted**2).mean() / FULL_SCALE**2))


def _add_cost(report: Report) -> None:
    try:
        from barri_tools.bench import noise_cost  # noqa: PLC0415 - needs the emulator

        noise_cost.measure(report)
    except (ImportError, FirmwareError) as error:
        report.note(f"no instructions counted: {error}")


if __name__ == "__main__":
    run()
