# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The sound meter's figures keep their bars: IEC 61672-1:2013 class 1, simulated."""

import json

import pytest

from barri_tools.bench import noise
from barri_tools.firmware import FirmwareError
from barri_tools.noise.measure import Deviation
from barri_tools.noise.signals import RECORDINGS

# What each figure may be at most; the standard's or the project's promise.
AT_MOST = {
    "noise.a_weighting_max_error_db": 0.06,
    "noise.c_weighting_max_error_db": 0.06,
    "noise.a_weighting_max_error_db.24000": 0.06,
    "noise.chain_within_class_1.inmp441.used": 0.7,
    "noise.chain_within_class_1.ics43434.used": 0.7,
    "noise.chain_within_class_1.sph0645.used": 0.7,
    "noise.toneburst_max_error_db": 0.3,
    "noise.self_noise_dba": 20.0,
    "noise.recordings_max_error_db": 0.1,
}
YES = (
    "noise.chain_within_class_1",
    "noise.chain_within_class_2",
    "noise.toneburst_within_class_1",
)
AT_LEAST = {"noise.linearity_range_db": 80.0}


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    folder = tmp_path_factory.mktemp("bench")
    try:
        noise.run(folder)
    except FirmwareError as error:
        pytest.skip(str(error))
    return {
        name: figure["value"]
        for name, figure in json.loads((folder / "noise.json").read_text())["figures"].items()
    }


@pytest.mark.parametrize("name", AT_MOST)
def test_an_error_stays_below_its_bar(figures: dict[str, float], name: str) -> None:
    if name not in figures and "recordings" in name and not RECORDINGS.is_dir():
        pytest.skip("no recordings: install alsa-utils")
    assert 0 < figures[name] <= AT_MOST[name]


@pytest.mark.parametrize("name", YES)
def test_limits_are_kept(figures: dict[str, float], name: str) -> None:
    assert figures[name] == 1


@pytest.mark.parametrize("name", AT_LEAST)
def test_a_range_is_as_wide_as_promised(figures: dict[str, float], name: str) -> None:
    assert figures[name] >= AT_LEAST[name]


def test_a_deviation_beyond_a_limit_is_seen() -> None:
    inside, below = Deviation("a", -0.5, 1.0, -1.0), Deviation("b", -1.1, 1.0, -1.0)
    above, free = Deviation("c", 1.1, 1.0, -1.0), Deviation("d", -50, 1.0, float("-inf"))
    assert [d.within for d in (inside, below, above, free)] == [True, False, False, True]
    assert noise.limits_used([inside]) == 0.5
    assert noise.limits_used([inside, below, above]) == pytest.approx(1.1)
    assert noise.limits_used([free]) == 0.0
