# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Flash that raises OSError in the middle of littlefs's work, as the ESP32's driver does."""

from pathlib import Path

import pytest
from store_bench import Run


@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_lost_while_flash_refuses_now_and_then(
    run: Run, tmp_path: Path, seed: int
) -> None:
    lines = run("broken", tmp_path / "flash.img", seed)
    assert len([words for words in lines if words[0] == "refused"]) > 50
    assert ["flushed", "600"] in lines
    held = {int(words[1]): int(words[2]) for words in lines if words[0] == "held"}
    assert held == {n: n for n in range(600)}
    assert not [words for words in lines if words[0] == "lost"]
