# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The energy model against sums done by hand, and against what must hold whatever the currents."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barri_tools import energy_model as model
from barri_tools.energy_model import BOARDS, PARTS, Cycle, mah_per_day, seconds_awake

C3 = BOARDS["xiao-esp32c3"]
WIFI = Path(__file__).parents[3] / "firmware" / "src" / "barri_node" / "life" / "wifi.py"


def test_a_day_asleep_is_the_boards_sleep_current() -> None:
    used = mah_per_day(C3, [], Cycle(cycle_s=86400, flush_every=1000))
    assert used["asleep"] == pytest.approx(0.044 * 24, rel=0.001)


def test_ten_minute_cycles_by_hand() -> None:
    """144 cycles; 1.2 + 0.05 + 0.05 s and a sixth of 0.3 + 3.5 + 1.5 s awake."""
    cycle = Cycle(600, 6)
    assert seconds_awake(["bme280"], cycle) == pytest.approx(1.3 + 5.3 / 6)
    used = mah_per_day(C3, ["bme280"], cycle)
    assert used["awake"] == pytest.approx(144 * 25 * (1.3 + 0.3 / 6) / 3600)
    assert used["radio"] == pytest.approx(144 * 105 * (5 / 6) / 3600)
    assert used["total"] == pytest.approx(sum(v for k, v in used.items() if k != "total"))


def test_a_part_that_never_rests_costs_its_current_all_day() -> None:
    used = mah_per_day(C3, ["max17048"], Cycle())
    assert used["max17048"] == pytest.approx(0.023 * 24)


def test_seldom_connections_and_longer_cycles_cost_less() -> None:
    def total(**cycle: int) -> float:
        return mah_per_day(C3, ["bme280"], Cycle(**cycle))["total"]

    assert total(flush_every=1) > 2 * total(flush_every=12)
    assert total(cycle_s=300) > 1.5 * total(cycle_s=900)


def test_a_network_that_is_gone_costs_no_more_than_four_times_the_radio() -> None:
    """Each connection then costs the whole patience; what waits is kept meanwhile."""
    here = mah_per_day(C3, ["bme280"], Cycle())["radio"]
    gone = mah_per_day(C3, ["bme280"], Cycle(found=False))["radio"]
    assert here < gone < 4.2 * here


def test_a_bare_board_with_a_small_sensor_lasts_half_a_year_on_a_18650() -> None:
    """3000 mAh, of which 80 % count, at ten minutes and hourly connections."""
    total = mah_per_day(C3, ["bme280"], Cycle())["total"]
    assert 0.8 * 3000 / total > 180


def test_a_development_board_and_a_fan_are_no_battery_nodes() -> None:
    assert mah_per_day(BOARDS["esp32-devkitc"], ["bme280"], Cycle())["asleep"] > 200
    assert mah_per_day(C3, ["pms5003"], Cycle())["pms5003"] > 100


def test_a_cycle_that_is_too_short_is_refused() -> None:
    with pytest.raises(ValueError, match="too short"):
        mah_per_day(C3, ["pms5003"], Cycle(cycle_s=30))


def test_the_patience_is_the_firmwares() -> None:
    source = WIFI.read_text()
    found = {name: int(re.search(rf"{name} = const\((\d+)\)", source)[1])  # type: ignore[index]
             for name in ("_REST_MS", "_JOIN_MS")}  # fmt: skip
    assert sum(found.values()) / 1000 == model.PATIENCE_S


def test_every_current_names_its_source() -> None:
    for thing in [*BOARDS.values(), *PARTS.values()]:
        assert len(thing.source) > 20


@given(
    st.sets(st.sampled_from(sorted(PARTS))),
    st.integers(60, 86400),
    st.integers(1, 200),
    st.booleans(),
)
def test_nothing_is_ever_negative(
    parts: set[str], cycle_s: int, flush_every: int, found: bool
) -> None:
    used = mah_per_day(C3, sorted(parts), Cycle(cycle_s, flush_every, found))
    assert min(used.values()) >= 0
    assert used["total"] >= 24 * C3.asleep_ma * 0.2


def test_it_prints_figures_and_where_they_come_from(capsys: pytest.CaptureFixture[str]) -> None:
    assert model.main(["--parts", "bme280", "scd41"]) == 0
    out = capsys.readouterr().out
    figures = [line for line in out.splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r"energy\.\w+ [\d.]+ \S+", line) for line in figures), figures
    assert any(line.startswith("energy.scd41 ") for line in figures)
    assert "Sensirion SCD4x" in out
    assert model.main(["--parts", "pms5003", "--cycle-s", "20"]) == 1
