# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The whole node's figures: what it takes of a board's flash, and that its least heap is found."""

from pathlib import Path

import pytest

from barri_tools import firmware
from barri_tools.bench import node
from barri_tools.sim.node_process import heap_of

FILES_BYTES = 1 << 20  # of a 4 MB board, beside the image and the ring


@pytest.mark.parametrize("architecture", firmware.BOARD_ARCHITECTURES)
def test_the_program_fills_less_than_a_fifth_of_the_space_for_files(
    tmp_path: Path, architecture: str
) -> None:
    """Two of them must fit during an update, and settings beside."""
    assert 50_000 < node.mpy_bytes(tmp_path, architecture) < FILES_BYTES // 5


@pytest.mark.parametrize("kit", node.KITS)
def test_every_kit_works_in_the_heap_of_a_simulated_node(
    tmp_path: Path, micropython: str, kit: str
) -> None:
    heap_bytes = int(heap_of(kit).removesuffix("k")) * 1024
    assert node.works(kit, heap_bytes, tmp_path / "stage", firmware.prepared(tmp_path / "built"))


def test_a_heap_that_is_too_small_is_noticed(tmp_path: Path, micropython: str) -> None:
    built = firmware.prepared(tmp_path / "built")
    assert not node.works("energy", 100 * 1024, tmp_path / "stage", built)
