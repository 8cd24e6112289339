# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A bare RV32IMC processor with memory, in the Unicorn emulator, that counts what it executes.

Code, data and stack are three regions; the helpers that the code calls are addresses of a fourth,
at which Python answers. Instructions are counted by blocks: each block's own instructions are
counted once, when it is first entered, and its entries after that.
"""

import struct
from collections import Counter
from collections.abc import Callable
from typing import Any

import unicorn
from unicorn import riscv_const as names

from barri_tools.rv32.errors import Rv32Error

_UNICORN: Any = unicorn  # half of its types are missing

CODE, STUBS, DATA, STACK = 0x10000, 0x40000, 0x100000, 0x800000
_SIZES = {CODE: 0x10000, STUBS: 0x1000, DATA: 0x400000, STACK: 0x10000}
_STACK_TOP = STACK + _SIZES[STACK] - 64
_EXIT = STUBS + _SIZES[STUBS] - 4
_JUMP_T0 = 0x00028067  # jr t0: where to is set while Python answers
_MOST_MICROSECONDS = 60_000_000  # a call that takes longer runs in circles
_ARGUMENTS = (
    names.UC_RISCV_REG_A0,
    names.UC_RISCV_REG_A1,
    names.UC_RISCV_REG_A2,
    names.UC_RISCV_REG_A3,
)
_KEPT = (names.UC_RISCV_REG_SP, *range(names.UC_RISCV_REG_X18, names.UC_RISCV_REG_X27 + 1))
_MASK = 0xFFFFFFFF

Words = tuple[int, ...]


class Jump:
    """What a stub gives instead of a result: go on at an address, called with arguments."""

    def __init__(self, address: int, *arguments: int) -> None:
        self.address = address
        self.arguments = arguments


Stub = Callable[[Words], int | Jump]


class Machine:
    """Memory and processor. `entries` counts how often each block (address, bytes) was entered."""

    def __init__(self) -> None:
        self._emulator = _UNICORN.Uc(unicorn.UC_ARCH_RISCV, unicorn.UC_MODE_RISCV32)
        for start, size in _SIZES.items():
            self._emulator.mem_map(start, size)
        self._emulator.mem_write(STUBS, struct.pack("<I", _JUMP_T0) * (_SIZES[STUBS] // 4))
        self._emulator.hook_add(unicorn.UC_HOOK_CODE, self._answer, None, STUBS, _EXIT - 1)
        self._emulator.hook_add(
            unicorn.UC_HOOK_BLOCK, self._enter, None, CODE, CODE + _SIZES[CODE] - 1
        )
        self._stubs: list[Stub] = []
        self._ends = {CODE: CODE, DATA: DATA}
        self.entries: Counter[tuple[int, int]] = Counter()
        self._lengths: dict[tuple[int, int], int] = {}

    # --- memory ---

    def place(self, region: int, data: bytes) -> int:
        """Put bytes at the next free place of CODE or DATA, at a multiple of 8; its address."""
        address = self._ends[region]
        if address + len(data) + 8 > region + _SIZES[region]:
            raise Rv32Error("the simulated board's memory is full: call with less data")
        self._emulator.mem_write(address, bytes(data))
        self._ends[region] = address + len(data) + 7 & ~7
        return address

    def mark(self) -> int:
        """Where data ends now, for `release`."""
        return self._ends[DATA]

    def release(self, mark: int) -> None:
        """Forget the data that was placed since a mark."""
        self._ends[DATA] = mark

    def read(self, address: int, count: int) -> bytes:
        """Bytes of memory."""
        return bytes(self._emulator.mem_read(address, count))

    def words(self, address: int, count: int) -> Words:
        """32-bit words of memory."""
        return struct.unpack(f"<{count}I", self.read(address, 4 * count))

    def add_stub(self, stub: Stub) -> int:
        """Give an address that code can call to have Python answer with a word or a `Jump`."""
        self._stubs.append(stub)
        return STUBS + 4 * (len(self._stubs) - 1)

    # --- execution ---

    def run(self, address: int, *arguments: int) -> int:
        """Call code as the C convention has it; its result. Raises Rv32Error."""
        emulator = self._emulator
        emulator.reg_write(names.UC_RISCV_REG_SP, _STACK_TOP)
        emulator.reg_write(names.UC_RISCV_REG_RA, _EXIT)
        self._set_arguments(arguments)
        before = [emulator.reg_read(register) for register in _KEPT]
        try:
            emulator.emu_start(address, _EXIT, timeout=_MOST_MICROSECONDS)
        except _UNICORN.UcError as error:
            raise Rv32Error(f"the code failed at {self._place():#x}: {error}") from error
        if self._place() != _EXIT:
            raise Rv32Error(f"the code did not come back: it is at {self._place():#x}")
        if before != [emulator.reg_read(register) for register in _KEPT]:
            raise Rv32Error("the code does not restore the registers that it has to keep")
        return int(emulator.reg_read(_ARGUMENTS[0]))

    def executed(self) -> int:
        """Instructions executed so far."""
        for block in self.entries.keys() - self._lengths.keys():
            self._lengths[block] = len(instructions(block[0], self.read(*block)))
        return sum(self._lengths[block] * entered for block, entered in self.entries.items())

    def executed_at(self) -> Counter[int]:
        """How often each address was executed."""
        found: Counter[int] = Counter()
        for (address, size), entered in self.entries.items():
            for place, _ in instructions(address, self.read(address, size)):
                found[place] += entered
        return found

    def _place(self) -> int:
        return int(self._emulator.reg_read(names.UC_RISCV_REG_PC))

    def _set_arguments(self, values: Words) -> None:
        for register, value in zip(_ARGUMENTS, values, strict=False):
            self._emulator.reg_write(register, value & _MASK)

    def _enter(self, _emulator: Any, address: int, size: int, _data: object) -> None:
        self.entries[address, size] += 1

    def _answer(self, emulator: Any, address: int, _size: int, _data: object) -> None:
        stub = self._stubs[(address - STUBS) // 4]
        answer = stub(tuple(emulator.reg_read(register) for register in _ARGUMENTS))
        if isinstance(answer, Jump):
            self._set_arguments(answer.arguments)
            emulator.reg_write(names.UC_RISCV_REG_T0, answer.address)
        else:
            self._set_arguments((answer,))
            emulator.reg_write(names.UC_RISCV_REG_T0, emulator.reg_read(names.UC_RISCV_REG_RA))


def instructions(address: int, code: bytes) -> list[tuple[int, int]]:
    """Cut code into (address, instruction): 2 bytes long, or 4 if the lowest two bits are set."""
    found, place = [], 0
    while place < len(code):
        length = 4 if code[place] & 3 == 3 else 2
        found.append((address + place, int.from_bytes(code[place : place + length], "little")))
        place += length
    return found
