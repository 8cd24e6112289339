# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What the sound meter costs a RISC-V board: executed instructions per audio sample.

The viper code of the node, compiled for RV32IMC, is executed over one second of noise as the
meter calls it. Counted are the instructions of that code; MicroPython's own (calls, conversions
of arguments, the meter's Python between the passes) are not.
"""

import ast
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from barri_tools.bench.report import FOLDER, Report
from barri_tools.rv32.kernel import Rv32Kernel, compile_module
from barri_tools.rv32.meter import CountedKernel, kernel_source, meter_module

RATE_HZ = 48000
BLOCK_MS = 20
UNIT = "instructions"
# The pass from sample to energies; the other follows levels. What is for LCeq and flags in it:
WEIGH = "weigh"
_NOT_FOR_LAEQ = ("c_fine", "c_coarse", "overload")
_SEED = 48
_RMS = 300000  # about 90 dB: loud enough that squares are taken in parts


@dataclass(frozen=True)
class Cost:
    """Instructions by function over `samples` samples, and calls of MicroPython's helpers."""

    samples: int
    instructions: Counter[str]
    calls: Counter[str]
    helper_calls: int

    def per_sample(self, name: str = "") -> float:
        """Instructions per sample, of one function or of all."""
        total = self.instructions[name] if name else self.instructions.total()
        return total / self.samples


def noise(samples: int) -> bytes:
    """Make white noise as the microphone's line carries it."""
    signal = np.random.default_rng(_SEED).normal(0, _RMS, samples)
    words = np.clip(np.rint(signal), -(1 << 23), (1 << 23) - 1).astype(np.int64) << 8
    return words.astype("<i4").tobytes()


def cost(kernel: Rv32Kernel, samples: int = RATE_HZ) -> Cost:
    """Feed the node's meter with noise, in blocks as the node reads them."""
    counted = CountedKernel(kernel)
    meter = meter_module(counted).Meter(RATE_HZ, settle_ms=0)
    line, block = noise(samples), RATE_HZ * BLOCK_MS // 1000 * 4
    helpers = kernel.helper_calls.total()
    for first in range(0, len(line), block):
        part = line[first : first + block]
        meter.feed(part, len(part))
    helpers = kernel.helper_calls.total() - helpers
    return Cost(samples, counted.executed, counted.calls, helpers)


def for_laeq_alone(source: str) -> str:
    """The kernels' source without the statements that LAeq does not need.

    One pass makes A and C energies and the overload flag. To know what equaliser, A weighting
    (which the C weighting is a part of) and A energy cost alone, the others' lines are left out.
    """
    lines = source.splitlines(keepends=True)
    for statement in _not_for_laeq(ast.parse(source)):
        for number in range(statement.lineno - 1, statement.end_lineno or statement.lineno):
            lines[number] = ""
    return "".join(lines)


def _not_for_laeq(tree: ast.AST) -> Iterator[ast.stmt]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AugAssign) and _mentions(node):
            yield node
        elif isinstance(node, ast.If) and node.orelse and _mentions(node):
            yield node  # a choice of how to add to an energy


def _mentions(node: ast.AST) -> bool:
    return any(isinstance(n, ast.Name) and n.id in _NOT_FOR_LAEQ for n in ast.walk(node))


def kernels(folder: Path) -> tuple[Rv32Kernel, Rv32Kernel]:
    """The node's kernels compiled, whole and for LAeq alone."""
    whole, part = folder / "kernel_viper.py", folder / "kernel_for_laeq.py"
    whole.write_text(kernel_source().read_text(encoding="utf-8"), encoding="utf-8")
    part.write_text(for_laeq_alone(whole.read_text(encoding="utf-8")), encoding="utf-8")
    compiled = [Rv32Kernel(compile_module(p, p.with_suffix(".mpy"))) for p in (whole, part)]
    return compiled[0], compiled[1]


def measure(report: Report, samples: int = RATE_HZ) -> None:
    """Add the figures to a report."""
    with tempfile.TemporaryDirectory() as folder:
        whole, part = (cost(kernel, samples) for kernel in kernels(Path(folder)))
    report.add("noise.instructions_per_sample.all", whole.per_sample(), UNIT)
    report.add("noise.instructions_per_sample.a_only", part.per_sample(WEIGH), UNIT)
    for name in sorted(whole.instructions):
        report.add(f"noise.instructions_per_sample.{name}", whole.per_sample(name), UNIT)
    report.note(
        "RV32IMC code executed in an emulator. Not counted, for each second:"
        f" {whole.calls.total()} calls of it by Python,"
        f" {whole.helper_calls} calls of MicroPython's helpers by it"
    )


def run(folder: Path = FOLDER) -> Report:
    """Print and write the figures."""
    report = Report("noise_cost", folder)
    measure(report)
    report.write()
    return report


if __name__ == "__main__":
    run()
