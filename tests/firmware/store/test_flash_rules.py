# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The simulated flash allows what NOR flash can do, counts it, and refuses the rest."""

from pathlib import Path

from store_bench import Run


def test_the_simulated_flash_keeps_the_rules_of_the_real_one(run: Run, tmp_path: Path) -> None:
    answers = {words[0]: words[1:] for words in run("rules", tmp_path / "flash.img")}
    assert answers == {
        "new": ["True", "4", "4096"],
        "zero_to_one": ["FlashRuleError"],
        "part_of_a_unit": ["FlashRuleError"],
        "between_units": ["FlashRuleError"],
        "outside": ["FlashRuleError"],
        "found": ["False", "5"],
        "erased": ["255"],
        "counted": ["3", str(2 * 32 + 4096), "1"],
        "no_file_system": ["OSError"],  # and it is not formatted
        "other_size": ["ValueError"],
        "mounted_again": ["kept"],
    }
