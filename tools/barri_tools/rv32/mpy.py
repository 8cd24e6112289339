# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Reads an .mpy file of format 6: the machine code of a module's viper functions, by name.

Source of the layout: MicroPython 1.29, py/persistentcode.c (file), py/bc.h (prelude), py/bc0.h
(opcodes). Modules with natively linked data (relocations, tables of their own) are refused.
"""

from dataclasses import dataclass
from pathlib import Path

from barri_tools.rv32.errors import Rv32Error

RV32IMC = 11  # among the architectures of format 6.3
_FORMAT = 6
_SUB_FORMATS = (3,)
_ARCHITECTURE_FLAGS = 0x40

_BYTECODE, _NATIVE, _VIPER = 0, 1, 2
_LINKED = 0x10 | 0x20 | 0x40  # scope flags in the file: relocations, read-only data, zeroed data

_FUNCTION_TABLE, _NONE, _FALSE, _TRUE, _ELLIPSIS, _STR, _BYTES, _INT = range(8)
_TUPLE = 10

_MAKE_FUNCTION, _STORE_NAME = 0x32, 0x16
_NO_ARGUMENT, _QSTR, _NUMBER = 0, 1, 2  # how an opcode goes on; else a jump's offset
_FORMS = 0x3A4  # two bits for each 16 opcodes


class Table:
    """Stands in a module's constants for the runtime's table of helpers."""


FUNCTION_TABLE = Table()
Constant = None | bool | int | str | bytes | Table


@dataclass(frozen=True)
class RawCode:
    """A compiled function: its kind, its bytes and what is defined in it."""

    kind: int
    data: bytes
    children: tuple["RawCode", ...]


@dataclass(frozen=True)
class Module:
    """What a file holds. names: the module's strings, in the order that code numbers them."""

    names: tuple[str, ...]
    constants: tuple[Constant, ...]
    functions: dict[str, bytes]


class Reader:
    """Bytes from first to last."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.place = 0

    def take(self, count: int) -> bytes:
        """The next bytes; Rv32Error if the file ends before."""
        taken = self._data[self.place : self.place + count]
        if len(taken) < count:
            raise Rv32Error("the .mpy file ends too soon: compile it again")
        self.place += count
        return taken

    def byte(self) -> int:
        """The next byte."""
        return self.take(1)[0]

    def number(self) -> int:
        """A number in groups of 7 bits, the highest first."""
        value = 0
        while True:
            byte = self.byte()
            value = value << 7 | byte & 127
            if byte < 128:
                return value


def load(path: Path) -> Module:
    """Read the viper functions of a file. Raises Rv32Error, whatever the file holds."""
    try:
        return _module(Reader(path.read_bytes()))
    except (ValueError, IndexError, RecursionError) as error:  # a number or text out of place
        raise Rv32Error(f"the .mpy file is damaged: compile it again ({error})") from error


def _module(reader: Reader) -> Module:
    _header(reader)
    names_count, constants_count = reader.number(), reader.number()
    names = tuple(_name(reader) for _ in range(names_count))
    constants = tuple(_constant(reader) for _ in range(constants_count))
    return Module(names, constants, _functions(_raw_code(reader), names))


def _header(reader: Reader) -> None:
    magic, version, feature, _small_int_bits = reader.take(4)
    if magic != ord("M") or version != _FORMAT or feature & 3 not in _SUB_FORMATS:
        raise Rv32Error("not an .mpy file of format 6.3: compile with mpy-cross 1.23 to 1.29")
    if feature & _ARCHITECTURE_FLAGS or feature >> 2 != RV32IMC:
        raise Rv32Error("not compiled for plain rv32imc: use mpy-cross -march=rv32imc")


def _name(reader: Reader) -> str:
    head = reader.number()
    if head & 1:  # one of the strings that every MicroPython has; their texts are not needed
        return f"<static string {head >> 1}>"
    text = reader.take(head >> 1).decode()
    reader.byte()
    return text


def _constant(reader: Reader) -> Constant:
    kind = reader.byte()
    plain: dict[int, Constant] = {
        _FUNCTION_TABLE: FUNCTION_TABLE,
        _NONE: None,
        _FALSE: False,
        _TRUE: True,
    }
    if kind in plain:
        return plain[kind]
    if kind not in (_STR, _BYTES, _INT):
        raise Rv32Error(f"the module has a constant of kind {kind}: not known here")
    data = reader.take(reader.number())
    if kind == _INT:
        return int(data)
    reader.byte()
    return data.decode() if kind == _STR else data


def _raw_code(reader: Reader) -> RawCode:
    head = reader.number()
    kind, data = head & 3, reader.take(head >> 3)
    if kind not in (_BYTECODE, _VIPER):
        raise Rv32Error("the module has native or assembler functions: only viper runs here")
    if kind == _VIPER and reader.number() & _LINKED:
        raise Rv32Error("the module is linked from C: only mpy-cross's own code runs here")
    count = reader.number() if head & 4 else 0
    return RawCode(kind, data, tuple(_raw_code(reader) for _ in range(count)))


def _functions(module: RawCode, names: tuple[str, ...]) -> dict[str, bytes]:
    """Follow the module's bytecode to see which name each function is stored under."""
    reader = Reader(module.data)
    _skip_prelude(reader)
    functions: dict[str, bytes] = {}
    made: RawCode | None = None
    while reader.place < len(module.data):
        opcode = reader.byte()
        argument = _argument(reader, opcode)
        if opcode == _STORE_NAME and made is not None and made.kind == _VIPER:
            functions[names[argument]] = made.data
        made = module.children[argument] if opcode == _MAKE_FUNCTION else None
    return functions


def _skip_prelude(reader: Reader) -> None:
    while reader.byte() & 128:  # sizes of stack and arguments
        pass
    byte = reader.byte()
    size, shift = byte >> 1 & 63, 6
    while byte & 128:
        byte = reader.byte()
        size, shift = size | (byte >> 1 & 63) << shift, shift + 6
    reader.take(size)  # names and line numbers; a module has no cells


def _argument(reader: Reader, opcode: int) -> int:
    form = _FORMS >> 2 * (opcode >> 4) & 3
    if form == _NO_ARGUMENT:
        return 0
    if form in (_QSTR, _NUMBER):
        value = reader.number()
    else:
        value = reader.byte()
        if value & 128:
            value = value & 127 | reader.byte() << 7
    if opcode & 0x9E == 0:  # an opcode for exceptions has one byte more
        reader.byte()
    return value
