# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What a gas index has learnt outlives a restart of minutes, and nothing else."""

import subprocess

import pytest

from barri_node.gas_memory import GasMemory
from barri_tools.firmware import source_directory

STATE = (100_123, 517)
MINUTE_MS = 60_000


class Clock:
    """The one that runs on over resets; at power-on it begins at zero."""

    def __init__(self, now_ms=3 * 3600 * 1000):
        self.now_ms = now_ms

    def rtc_ms(self):
        return self.now_ms


@pytest.fixture
def clock():
    return Clock()


def memory(folder, clock, said=None):
    return GasMemory(str(folder), clock.rtc_ms, pytest.fail if said is None else said.append)


def test_a_new_node_has_nothing_to_remember(tmp_path, clock):
    assert memory(tmp_path, clock).load() is None


@pytest.mark.parametrize(("minutes", "expected"), [(0, STATE), (9, STATE), (11, None)])
def test_a_restart_of_at_most_ten_minutes_forgets_nothing(tmp_path, clock, minutes, expected):
    memory(tmp_path, clock).save(STATE)
    clock.now_ms += minutes * MINUTE_MS
    assert memory(tmp_path, clock).load() == expected


def test_after_a_power_cut_nobody_knows_how_long_it_took(tmp_path, clock):
    memory(tmp_path, clock).save(STATE)
    clock.now_ms = 3000
    assert memory(tmp_path, clock).load() is None


def test_the_newest_state_counts(tmp_path, clock):
    memory(tmp_path, clock).save((1, 1))
    memory(tmp_path, clock).save(STATE)
    assert memory(tmp_path, clock).load() == STATE


@pytest.mark.parametrize("content", [b"", b"\0" * 15, b"\xff" * 40])
def test_a_file_of_another_kind_does_no_harm(tmp_path, clock, content):
    (tmp_path / "gas_index").write_bytes(content)
    assert memory(tmp_path, clock).load() is None


def test_it_works_on_the_nodes_own_python_and_with_a_clock_beyond_30_bits(tmp_path, micropython):
    """And a file that one of them has written says the same to the other."""
    script = (
        "from barri_node.gas_memory import GasMemory\n"
        f"memory = GasMemory({str(tmp_path)!r}, lambda: 1799999999123, print)\n"
        f"memory.save({STATE})\n"
        "print(memory.load())\n"
    )
    done = subprocess.run(
        [micropython, "-c", script],
        env={"MICROPYPATH": f"{source_directory()}:.frozen"},
        capture_output=True, text=True, check=True, timeout=20,
    )  # fmt: skip
    assert done.stdout.strip() == str(STATE)
    assert memory(tmp_path, Clock(1799999999123 + MINUTE_MS)).load() == STATE


def test_flash_that_refuses_is_said_and_stops_nothing(tmp_path, clock):
    said = []
    memory(tmp_path / "missing", clock, said).save(STATE)
    assert len(said) == 1
    assert said[0].startswith("gas index: not kept: ")
