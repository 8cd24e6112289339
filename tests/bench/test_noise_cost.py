# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What the sound meter costs keeps below its bars: executed RV32 instructions per audio sample."""

import json
from pathlib import Path

import pytest

from barri_tools.bench import noise_cost
from barri_tools.rv32.meter import CountedKernel, meter_module

# The C++ peers need about 335 cycles a sample for six sections.
MOST_ALL, MOST_A_ONLY = 300, 230
A_TENTH = noise_cost.RATE_HZ // 10


def test_the_figures_are_printed_and_below_their_bars(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    noise_cost.run(tmp_path)
    printed = dict(line.split(" ", 1) for line in capsys.readouterr().out.splitlines())
    written = json.loads((tmp_path / "noise_cost.json").read_text())["figures"]
    figures = {name: float(text.split(" ")[0]) for name, text in printed.items()}
    total = figures.pop("noise.instructions_per_sample.all")
    a_only = figures.pop("noise.instructions_per_sample.a_only")
    assert 50 < a_only <= MOST_A_ONLY
    assert a_only < total <= MOST_ALL
    assert sum(figures.values()) == pytest.approx(total, rel=1e-3), "a pass is missing"
    for name, value in figures.items():
        assert written[name]["value"] == pytest.approx(value, rel=1e-3)


def test_a_second_costs_ten_times_a_tenth(tmp_path: Path) -> None:
    whole, _ = noise_cost.kernels(tmp_path)
    tenth = noise_cost.cost(whole, A_TENTH)
    assert tenth.samples == A_TENTH
    two = noise_cost.cost(whole, 2 * A_TENTH)
    assert two.per_sample() == pytest.approx(tenth.per_sample(), rel=0.02)
    assert two.per_sample(noise_cost.WEIGH) < two.per_sample()


def test_what_is_left_out_for_laeq_alone_does_not_change_it(tmp_path: Path) -> None:
    """The cheaper kernel is no other arithmetic: the same LAeq, only LCeq is wrong."""
    found = []
    for kernel in noise_cost.kernels(tmp_path):
        meter = meter_module(CountedKernel(kernel)).Meter(noise_cost.RATE_HZ, settle_ms=0)
        line = noise_cost.noise(A_TENTH)
        meter.feed(line, len(line))
        found.append(meter.close_window())
    assert found[0]["laeq"] == found[1]["laeq"] > 800
    assert found[0]["lafmax"] == found[1]["lafmax"]
    assert found[0]["lceq"] != found[1]["lceq"]


def test_only_what_laeq_does_not_need_is_left_out() -> None:
    source = (
        "def weigh(x):\n    a_fine = 1\n    c_fine = 2\n    if x:\n        c_coarse = x\n"
        "    else:\n        c_fine = x\n    if x:\n        c_fine = 0\n        a_fine = 0\n"
    )
    assert noise_cost.for_laeq_alone(source) == (
        "def weigh(x):\n    a_fine = 1\n    if x:\n        a_fine = 0\n"
    )
