# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What the log costs on a littlefs: flash wear, space and the work of opening it.

The flash device counts what littlefs really programs and erases. Bounds of wear: 8 bytes
programmed per byte kept, and 400 kept bytes per erase.
"""

from pathlib import Path

import pytest
from store_bench import Run

BLOCKS_PER_MB = 256


@pytest.mark.parametrize(("flush_every", "least_per_mb"), [(1, 24_000), (2, 40_000), (10, 70_000)])
def test_minute_records_wear_flash_little(
    run: Run, tmp_path: Path, flush_every: int, least_per_mb: int
) -> None:
    lines = run("wear", tmp_path / "flash.img", 8, flush_every, 1600)
    figures = {name: float(value) for name, value in lines}
    per_mb = BLOCKS_PER_MB * figures["records_held"] / figures["segments_held"]
    print(flush_every, figures, f"records_per_mb {per_mb:.0f}")
    assert figures["write_amplification"] <= 8
    assert figures["kept_bytes_per_erase"] >= 400
    assert per_mb >= least_per_mb
    assert figures["write_failures"] == 0
    assert figures["open_read_bytes"] <= 1_000_000
