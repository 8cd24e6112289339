# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Flash that answers errors in the middle of littlefs's work, or keeps some bits as they are."""

from pathlib import Path

import pytest
from store_bench import Run


@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_lost_while_flash_refuses_now_and_then(
    run: Run, tmp_path: Path, seed: int
) -> None:
    lines = run("broken", tmp_path / "flash.img", "broken", seed)
    assert len([words for words in lines if words[0] == "refused"]) > 20
    assert ["flushed", "600"] in lines
    held = {int(words[1]): int(words[2]) for words in lines if words[0] == "held"}
    assert held == {n: n for n in range(600)}
    assert not [words for words in lines if words[0] == "lost"]


def test_worn_blocks_cost_nothing(run: Run, tmp_path: Path) -> None:
    lines = run("broken", tmp_path / "flash.img", "worn", 1)
    assert not [words for words in lines if words[0] == "refused"]
    assert [int(words[1]) for words in lines if words[0] == "held"] == list(range(600))
