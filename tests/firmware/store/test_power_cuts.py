# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What was flushed is there after a power cut at any operation, and no sequence is used twice.

Real MicroPython, real littlefs, the rules of NOR flash: some lives with a cut each, whose journal
is judged by the model in this file, which shares no code with the store. Then every write of a
long run, in CPython for speed (`bench/power_cuts.py`).
"""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from store_bench import Run, Start

from barri_node.store.ringlog import RingLog
from barri_tools.bench import power_cuts

LIVES = 25  # power cuts per flash
FLASHES = int(os.environ.get("BARRI_STORE_FLASHES", "12"))  # 400 for long runs
CUTS_PER_FLASH = {"raw": 215, "littlefs": 20}  # with the lives 3,100 cuts, or 100,000 in long runs


class Model:
    """What a node has promised in all its lives on one flash."""

    def __init__(self) -> None:
        self.appended: dict[int, str] = {}
        self.promised: dict[int, str] = {}  # flushed, or seen by a reader: must stay, unchanged
        self.excused: set[int] = set()
        self.held: dict[int, str] = {}
        self.store_id = ""
        self.boot = 0
        self.released = 0
        self.cuts = 0
        self.overwritten = 0

    def take(self, words: list[str]) -> None:
        getattr(self, words[0])(*words[1:])

    def append(self, sequence: str, content: str) -> None:
        number = int(sequence)
        assert number not in self.promised, f"sequence {number} is used twice"
        self.appended[number] = content

    def flushed(self, end: str) -> None:
        below = [n for n in self.appended if n < int(end)]
        self.promised.update((n, self.appended.pop(n)) for n in below)

    def released_(self, mark: str) -> None:
        self.released = max(self.released, int(mark))

    def cut(self) -> None:
        self.cuts += 1

    def held_(self, sequence: str, content: str) -> None:
        self.held[int(sequence)] = content

    def lost(self, first: str, count: str) -> None:
        self.excused |= set(range(int(first), int(first) + int(count)))

    def open(self, store_id: str, boot: str, oldest: str, end: str, released: str) -> None:
        assert self.store_id in ("", store_id)
        assert int(boot) > self.boot
        assert int(released) <= self.released
        for number, content in self.held.items():
            expected = self.promised.get(number) or self.appended[number]
            assert content == expected, f"record {number} has changed"
            assert number not in self.excused, f"record {number} is held and called lost"
        self.check_that_nothing_is_missing(int(oldest), int(end))
        self.promised.update(self.held)
        self.store_id, self.boot = store_id, int(boot)
        self.held, self.appended, self.excused = {}, {}, set()

    def check_that_nothing_is_missing(self, oldest: int, end: int) -> None:
        for number in self.promised.keys() - self.held.keys():
            assert number < oldest, f"record {number} was flushed and is gone"
            assert number < self.released or number in self.excused, f"{number} went silently"
            self.overwritten += 1
        assert end > max(self.promised, default=-1)


def judge(lines: list[list[str]]) -> Model:
    model = Model()
    for words in lines:
        name = {"held": "held_", "released": "released_"}.get(words[0], words[0])
        model.take([name, *words[1:]])
    return model


def lives(run: Run, folder: Path, seed: int, medium: str) -> list[list[str]]:
    """The journal of 25 lives on one flash, each with a cut, and of a last look at it."""
    journal = folder / f"{seed}.journal"
    run("cuts", folder / f"{seed}.img", journal, seed, LIVES, medium)
    (folder / f"{seed}.img").unlink()
    return [line.split() for line in journal.read_text().splitlines()]


@pytest.mark.parametrize("medium", ["raw", "littlefs"])
def test_nothing_flushed_is_lost_in_power_cuts(run: Run, tmp_path: Path, medium: str) -> None:
    flashes = FLASHES // 2
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # each flash is worked on by its own process
        judged = lambda seed: judge(lives(run, tmp_path, seed, medium))  # noqa: E731
        models = list(pool.map(judged, range(flashes)))
    cuts = sum(model.cuts for model in models)
    print(f"{medium}: {cuts} power cuts on MicroPython")
    assert cuts > 0.8 * flashes * LIVES
    assert sum(model.overwritten for model in models) > 100, "the ring never went round"


@pytest.mark.parametrize("ground", [power_cuts.RAW, power_cuts.LITTLEFS], ids=lambda g: g.name)
def test_a_cut_at_every_write_of_a_long_run_loses_nothing(ground: power_cuts.Ground) -> None:
    cuts = FLASHES * CUTS_PER_FLASH[ground.name]
    verdict = power_cuts.run_shared(ground, cuts)
    print(f"{ground.name}: {verdict}")
    assert verdict.power_cuts >= cuts
    assert verdict.kept > 10 * cuts
    assert (verdict.records_lost, verdict.sequence_repeats, verdict.told) == (0, 0, [])


def test_the_judge_of_cuts_sees_a_store_that_loses_a_record(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = RingLog.flush

    def forgetful(log: RingLog) -> None:
        if len(log._waiting) > 1:
            log._waiting.pop()
        whole(log)

    monkeypatch.setattr(RingLog, "flush", forgetful)
    verdict = power_cuts.run_steps(power_cuts.RAW, 30, seed=1)
    assert verdict.records_lost > 0


def test_the_judge_of_cuts_sees_a_sequence_that_comes_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = RingLog.next_boot

    def set_back(log: RingLog) -> int:
        log.next_sequence = max(0, log.next_sequence - 1)
        return whole(log)

    monkeypatch.setattr(RingLog, "next_boot", set_back)
    verdict = power_cuts.run_steps(power_cuts.RAW, 30, seed=1)
    assert verdict.sequence_repeats > 0


def test_the_model_sees_a_record_that_went_silently() -> None:
    lines = [["open", "7", "1", "0", "0", "0"], ["append", "0", "a"], ["flushed", "1"]]
    with pytest.raises(AssertionError, match="flushed and is gone"):
        judge([*lines, ["cut"], ["open", "7", "2", "0", "1", "0"]])
    with pytest.raises(AssertionError, match="went silently"):
        judge([*lines, ["cut"], ["open", "7", "2", "1", "1", "0"]])
    with pytest.raises(AssertionError, match="used twice"):
        judge([*lines, ["append", "0", "b"]])


def test_a_killed_writer_has_kept_what_it_said_it_kept(
    start: Start, run: Run, tmp_path: Path
) -> None:
    image = tmp_path / "flash.img"
    kept: set[int] = set()
    for lines_before_the_end in (40, 130, 75):
        process = start("writer", image, "write")
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(lines_before_the_end)]
        process.kill()
        lines += [line for line in process.stdout.readlines() if line[-1] == "\n"]
        said = {int(line.split()[1]) for line in lines if line.startswith("kept")}
        assert not kept & said, "a sequence was used twice"
        kept |= said
    found = run("writer", image, "look")
    held = {int(words[1]): int(words[2]) for words in found if words[0] == "held"}
    oldest = int(found[0][2])
    assert len(kept) > 100
    assert {n for n in kept if n >= oldest} <= held.keys()
    assert all(sequence == value for sequence, value in held.items())
    assert int(found[0][1]) == 4, "a boot was not counted"
