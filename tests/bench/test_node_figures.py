# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The whole node's figures: what it takes of a board's flash, its least heap, and its start."""

import shutil
from pathlib import Path

import apsw
import pytest

from barri_tools import firmware
from barri_tools.bench import full_node, node, node_heap, node_start
from barri_tools.bench.node_heap import STEP, BenchError, least_heap
from barri_tools.sim.node_process import heap_of
from barri_wire.frame import decode_frame, decode_header

FILES_BYTES = 1 << 20  # of a 4 MB board, beside the image and the ring
KB = 1024
FULL_HEAP = 320 * KB


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, micropython: str) -> Path:
    return firmware.prepared(tmp_path_factory.mktemp("firmware") / "built")


@pytest.mark.parametrize("architecture", firmware.BOARD_ARCHITECTURES)
def test_the_program_fills_less_than_a_fifth_of_the_space_for_files(
    tmp_path: Path, architecture: str
) -> None:
    """Two of them must fit during an update, and settings beside."""
    assert 50_000 < node.mpy_bytes(tmp_path, architecture) < FILES_BYTES // 5


@pytest.mark.parametrize("kit", node.KITS)
def test_every_kit_works_in_the_heap_of_a_simulated_node(
    tmp_path: Path, built: Path, kit: str
) -> None:
    heap_bytes = int(heap_of(kit).removesuffix("k")) * KB
    assert node_heap.works(kit, heap_bytes, tmp_path / "stage", built)


def test_a_heap_that_is_too_small_is_noticed(tmp_path: Path, built: Path) -> None:
    assert not node_heap.works("energy", 100 * KB, tmp_path / "stage", built)


def test_a_node_that_fails_of_something_else_is_not_taken_for_one_without_heap(
    tmp_path: Path, built: Path
) -> None:
    other = shutil.copytree(built, tmp_path / "other")
    (other / "main.py").write_text("raise ValueError('something else')\n")
    with pytest.raises(BenchError, match="something else"):
        node_heap.works("energy", 192 * KB, tmp_path / "stage", other)


def test_the_node_with_everything_measures_everything(tmp_path: Path, built: Path) -> None:
    full = full_node.prepared(built, tmp_path / "full")
    assert node_heap.works(full_node.NAME, FULL_HEAP, tmp_path / "stage", full)
    schema = full_node.schema()
    assert len(schema.channels) == 8 + 9 + 5
    records = [
        record
        for body in _frames(tmp_path / "stage" / "data" / "gateway.db")
        if decode_header(body).schema_id == schema.id
        for record in decode_frame(body, schema)
    ]
    ever = [any(record.values[i] is not None for record in records) for i in range(22)]
    missing = [q.name for q, was in zip(schema.quantities, ever, strict=True) if not was]
    assert missing == []


def _frames(path: Path) -> list[bytes]:
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return [bytes(body) for (body,) in connection.execute("SELECT body FROM frame")]
    finally:
        connection.close()


@pytest.mark.parametrize("guess", [128 * KB, 192 * KB, 196 * KB, 256 * KB])
def test_the_least_heap_is_found_from_any_guess(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, guess: int
) -> None:
    tried = _pretend(monkeypatch, lambda heap, times: heap >= 180 * KB)
    assert least_heap("air", tmp_path, tmp_path, guess) == 180 * KB
    assert len(tried) < 12


def test_a_heap_that_sufficed_once_by_luck_is_not_the_least(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _pretend(
        monkeypatch, lambda heap, times: heap >= 184 * KB or (heap == 180 * KB and times == 1)
    )
    assert least_heap("air", tmp_path, tmp_path, 192 * KB) == 184 * KB


def test_what_runs_in_no_heap_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _pretend(monkeypatch, lambda heap, times: False)
    with pytest.raises(BenchError, match="does not run in"):
        least_heap("air", tmp_path, tmp_path, 192 * KB)


def _pretend(monkeypatch: pytest.MonkeyPatch, suffices) -> list[int]:
    """suffices(heap, times): what stands for a try, the n-th one of that heap."""
    tried: list[int] = []

    def works(kit: str, heap_bytes: int, place: Path, built: Path) -> bool:
        assert heap_bytes % STEP == 0
        tried.append(heap_bytes)
        return suffices(heap_bytes, tried.count(heap_bytes))

    monkeypatch.setattr(node_heap, "works", works)
    return tried


def test_the_first_record_of_an_air_kit_ends_a_minute_after_the_power_came(
    tmp_path: Path, built: Path
) -> None:
    """Not more: what the node waits for at its start is part of its first minute."""
    assert 55 < node_start.simulated_s("air", tmp_path / "stage", built) <= 60.5


def test_the_model_of_a_start_knows_the_size_of_the_program() -> None:
    small, large = node_start.modelled_s(0), node_start.modelled_s(400 * 4096)
    assert large - small == pytest.approx(400 * 0.0003)
    assert 0.1 < small < 2
