# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What the log costs on a littlefs: flash wear, space and the work of opening it.

The flash device counts what littlefs really programs and erases. Where 60 bytes are flushed at
once: at most 8 bytes programmed per byte kept, and 400 kept bytes per erase. littlefs programs 64
bytes or more for every flush, so a flush for each record of 8 bytes costs more for each of them.
"""

from pathlib import Path

import pytest
from store_bench import Run

BLOCKS_PER_MB = 256


@pytest.mark.parametrize(
    ("flush_every", "most_programmed", "least_per_erase"),
    [(1, 20, 200), (2, 12, 350), (10, 8, 400)],
)
def test_minute_records_wear_flash_little(
    run: Run, tmp_path: Path, flush_every: int, most_programmed: float, least_per_erase: float
) -> None:
    lines = run("wear", tmp_path / "flash.img", 8, flush_every, 1600)
    figures = {name: float(value) for name, value in lines}
    per_mb = BLOCKS_PER_MB * figures["records_held"] / figures["segments_held"]
    print(flush_every, figures, f"records_per_mb {per_mb:.0f}")
    assert figures["write_amplification"] <= most_programmed
    assert figures["kept_bytes_per_erase"] >= least_per_erase
    assert per_mb >= 100_000
    assert figures["write_failures"] == 0
    assert figures["open_read_bytes"] <= 1_000_000
