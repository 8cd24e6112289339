# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A board that stalls loses sound, and says how much: the node's own sound path on MicroPython."""

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barri_tools.bench import noise_share
from barri_tools.bench.report import Report
from barri_tools.firmware import program
from barri_tools.sim import stalls
from barri_tools.sim.i2s import FRAME_BYTES, FRAMES, DmaRing

RATE_HZ = 48000
RING_BYTES = 100 * 48 * FRAME_BYTES  # as hal_esp32 has it
BOARDS = range(len(stalls.BOARDS))
PROMISED = 995
# What the newest DMA buffer, ticks and a task's switch may add: about 12 ms.
LATE_MS = 12
DOC = Path(__file__).parents[3] / "docs" / "stalls.md"


@pytest.fixture(autouse=True)
def _needs_micropython() -> None:
    if program("micropython") is None:
        pytest.skip("micropython is not installed")


@cache
def steady(board: int, erase_ms: float = 0) -> stalls.Run:
    return noise_share.steady(board, erase_ms)


@cache
def reconnecting(board: int) -> stalls.Run:
    return noise_share.reconnecting(board)


def honest(run: stalls.Run, window_s: int = noise_share.WINDOW_S) -> None:
    """No window says more than was heard of it, but for what may wait; all together none."""
    for window in run.windows:
        assert window.reported <= window.heard + 0.5 + LATE_MS / window_s
    counted = sum(w.reported for w in run.windows) * window_s * RATE_HZ // 1000
    assert counted <= run.delivered + window_s * RATE_HZ // 2000 * len(run.windows)


@pytest.mark.parametrize("board", BOARDS)
def test_in_steady_state_the_share_stays_above_99_5_percent(board: int) -> None:
    run = steady(board)
    assert min(window.reported for window in run.after_the_start()) >= PROMISED
    assert min(window.heard for window in run.after_the_start()) >= PROMISED
    assert run.dropped > 0, "the flash cost nothing: nothing was injected"
    honest(run)


@pytest.mark.parametrize("board", BOARDS)
def test_a_reconnect_is_reported_and_costs_no_other_window(board: int) -> None:
    run = reconnecting(board)
    _, away, after = run.windows
    lost_ms = 2 * stalls.DNS.longest_ms[board] + stalls.TLS.longest_ms[board]
    expected = 1000 - lost_ms / noise_share.WINDOW_S
    assert away.reported < PROMISED
    assert away.reported == pytest.approx(expected, abs=8)
    assert after.reported >= PROMISED
    honest(run)


def test_a_flash_at_its_slowest_falls_short_and_is_reported() -> None:
    run = steady(0, stalls.ERASE.longest_ms[0])
    for window in run.after_the_start():
        assert window.reported < PROMISED
        assert abs(window.reported - window.heard) <= 0.5 + LATE_MS / noise_share.WINDOW_S
    honest(run)


def test_what_the_ring_holds_is_no_loss() -> None:
    """80 ms fit 17 waiting buffers of 5.33 ms; with interrupts held back all but one are lost."""
    board = stalls.BOARDS[0]
    run = stalls.measure(board, [(at, 80, False) for at in range(11000, 29000, 500)], 10, 3)
    assert run.dropped <= 2048, "only while the microphone starts up"
    masked = stalls.measure(board, [(15000, 80, True)], 10, 3)
    assert masked.dropped - run.dropped == pytest.approx(74 * 48, abs=2 * FRAMES)
    assert masked.windows[1].heard == pytest.approx(1000 - 7.4, abs=1)


@given(
    st.lists(st.tuples(st.integers(0, 400_000), st.booleans(), st.integers(0, 3000)), max_size=40)
)
def test_the_ring_counts_every_frame_once(steps: list[tuple[int, bool, int]]) -> None:
    ring, now_us = DmaRing(RATE_HZ, RING_BYTES), 0
    for elapsed_us, masked, most in steps:
        now_us += elapsed_us
        ring.advance(now_us, masked)
        assert ring.read(most) <= most
    ring.advance(now_us)
    left = ring.read(1 << 30)
    assert left <= (ring.buffers - 1) * FRAMES + FRAMES
    assert not ring.readable
    filled = now_us * RATE_HZ // 1_000_000 // FRAMES * FRAMES
    assert ring.delivered + ring.dropped == filled
    assert sum(end - first for first, end in ring.ranges) == ring.delivered
    ends = [place for pair in ring.ranges for place in pair]
    assert ends == sorted(ends)


def test_the_ring_drops_the_oldest() -> None:
    ring = DmaRing(RATE_HZ, RING_BYTES)
    assert ring.buffers == 18
    ring.advance(1_000_000)
    assert ring.read(1 << 30) == 17 * FRAMES
    assert ring.ranges == [[(187 - 17) * FRAMES, 187 * FRAMES]]
    ring.advance(2_000_000, masked=True)
    ring.advance(2_000_000)
    assert ring.read(1 << 30) == FRAMES
    assert ring.ranges[-1] == [374 * FRAMES, 375 * FRAMES]


def test_the_documents_table_is_the_models() -> None:
    text = DOC.read_text(encoding="utf-8")
    for stall in stalls.STALLS:
        (row,) = [line for line in text.splitlines() if line.startswith(f"| {stall.name} |")]
        cells = [cell.strip() for cell in row.strip("|").split("|")[1:]]
        for cell, usual, longest in zip(cells, stall.usual_ms, stall.longest_ms, strict=False):
            assert cell == f"{usual:g} / {longest:g}", stall.name
        assert ("yes" if stall.masked else "no") == cells[3]
    for board in stalls.BOARDS:
        assert f"| {board.name} |" in text or f" {board.name} |" in text


def test_a_block_of_sound_takes_less_than_it_lasts() -> None:
    for board in stalls.BOARDS:
        assert 0.5 < stalls.block_ms(board) < 20 / 4


def test_the_figures_have_their_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noise_share, "steady", steady)
    monkeypatch.setattr(noise_share, "reconnecting", reconnecting)
    report = Report("noise_share", tmp_path)
    noise_share.measure(report)
    assert report.figures["noise.measured_share"][0] >= PROMISED / 10
    assert report.figures["noise.measured_share.reconnecting"][0] < PROMISED / 10
