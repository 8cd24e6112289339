# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The store's figures do not get worse: space, wear, and the time of a start."""

import json
from pathlib import Path

import pytest

from barri_tools.bench import store
from barri_tools.sim import flash_wear

TEN_WEEKS_MINUTES = 10 * 7 * 24 * 60
BLOCKS_PER_MB = store.MB // store.BLOCK_BYTES


@pytest.fixture(scope="module")
def raw() -> store.Kept:
    return store.keep_raw(3)


@pytest.fixture(scope="module")
def on_littlefs() -> store.Kept:
    return store.keep_on_littlefs(2, store.FLUSH_60_BYTES)


def test_ten_weeks_of_a_noise_kit_fit_in_a_megabyte(raw: store.Kept) -> None:
    assert store.minute_records_per_mb(raw) >= TEN_WEEKS_MINUTES


def test_a_raw_partition_is_programmed_once_and_erased_once_per_block(raw: store.Kept) -> None:
    assert raw.write_amplification <= 1.3
    assert raw.kept_bytes_per_erase >= 3500
    assert sum(raw.flash.erases) == len(raw.log._shelf.firsts)


def test_a_littlefs_wears_little_when_sixty_bytes_are_flushed(on_littlefs: store.Kept) -> None:
    assert 50 <= on_littlefs.kept_bytes / on_littlefs.minutes * store.FLUSH_60_BYTES <= 90
    assert on_littlefs.write_amplification <= 8
    assert on_littlefs.kept_bytes_per_erase >= 400


def test_a_start_takes_less_than_two_seconds_on_a_board() -> None:
    assert store.startup_ms(store.fullest_image()) < 2000


def test_flash_outlives_the_board(raw: store.Kept, on_littlefs: store.Kept) -> None:
    assert flash_wear.years_in_turn(raw.flash.erases, raw.days, BLOCKS_PER_MB) > 100
    assert flash_wear.years(on_littlefs.flash.erases, on_littlefs.days) > 20


def test_years_are_counted_by_the_most_worn_block() -> None:
    year = flash_wear.DAYS_PER_YEAR
    assert flash_wear.years([0, 1000, 10], year) == 100
    assert flash_wear.years([0, 0], 1) == float("inf")
    assert flash_wear.years_in_turn([1, 1, 0, 0], year, 4) == 200_000


def test_the_report_has_the_figures_by_their_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store.run(20, tmp_path)
    printed = {line.split(" ")[0] for line in capsys.readouterr().out.splitlines()}
    written = json.loads((tmp_path / "store.json").read_text())["figures"]
    names = {
        "store.power_cuts", "store.records_lost", "store.sequence_repeats",
        "store.minute_records_per_mb", "store.write_amplification.raw",
        "store.write_amplification.littlefs", "store.kept_bytes_per_erase.raw",
        "store.kept_bytes_per_erase.littlefs", "store.startup_ms", "store.wear.raw",
        "store.wear.littlefs",
    }  # fmt: skip
    assert names <= printed == set(written)
    assert written["store.records_lost"]["value"] == 0
    assert written["store.sequence_repeats"]["value"] == 0
    assert written["store.power_cuts"]["value"] >= 20
