# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What viper code sees of MicroPython on a 32-bit board: objects in memory, a table of helpers.

Only what the sound meter's kernels call is answered, any other helper is refused by its name.
Sources: MicroPython 1.29, py/nativeglue.h (the table), py/obj.h (representation A), py/objfun.h,
py/bc.h and py/objarray.h (layouts). The helpers' own instructions are not executed, but counted
as calls.
"""

import struct
from collections import Counter
from collections.abc import Callable
from typing import cast

from barri_tools.rv32.errors import Rv32Error
from barri_tools.rv32.machine import CODE, DATA, Jump, Machine, Words
from barri_tools.rv32.mpy import FUNCTION_TABLE, Module

Argument = int | memoryview | None
Helper = Callable[[Words], int | Jump]

# The entries of the table that viper code can reach, in their order; the first three are objects.
_TABLE = (  # noqa: SIM905 - a list of fifty strings would be fifty lines
    "const_none const_false const_true native_from_obj native_to_obj swap_globals load_name"
    " load_global load_build_class load_attr load_method load_super_method store_name store_global"
    " store_attr obj_subscr obj_is_true unary_op binary_op new_tuple new_list new_dict new_set"
    " set_store list_append dict_store make_function_from_proto_fun call_function_n_kw"
    " call_method_n_kw call_method_n_kw_var getiter iternext nlr_push nlr_pop raise import_name"
    " import_from import_all new_slice unpack_sequence unpack_ex delete_name delete_global"
    " new_closure arg_check_num_sig setup_code_state_native small_int_floor_divide"
    " small_int_modulo yield_from setjmp"
).split()
_OBJECT, _BOOL, _INT, _UINT = 0, 1, 2, 3  # types of native values; above are pointers
_SMALL_BITS = 31
_ARRAY_OF_INTS = ord("i")


class Runtime:
    """A module in a machine's memory. `helper_calls` counts what its code asked of MicroPython."""

    def __init__(self, module: Module, machine: Machine) -> None:
        self._module = module
        self._machine = machine
        self._boxed: dict[int, int] = {}
        self.helper_calls: Counter[str] = Counter()
        self._type = machine.place(DATA, bytes(16))  # every object's type; only its place counts
        self._none = self._object()
        self._globals = self._callers_globals = self._object()
        context = self._context(self._helpers())
        self._functions = {
            name: self._object(context, 0, machine.place(CODE, code))
            for name, code in module.functions.items()
        }

    def call(self, name: str, arguments: tuple[Argument, ...]) -> int | None:
        """Call a function of the module; buffers are written back to. Raises Rv32Error."""
        if name not in self._functions:
            raise Rv32Error(f"no viper function {name} in the module: {sorted(self._functions)}")
        mark = self._machine.mark()
        self._globals = self._callers_globals
        try:
            return self._called(self._functions[name], arguments)
        finally:
            self._machine.release(mark)
            self._boxed = {place: value for place, value in self._boxed.items() if place < mark}

    def _called(self, function: int, arguments: tuple[Argument, ...]) -> int | None:
        objects = [self._to_object(argument) for argument in arguments]
        place = self._machine.place(DATA, struct.pack(f"<{len(objects)}I", *objects))
        start = self._call(function, len(objects), place)
        result = self._machine.run(start.address, *start.arguments)
        for argument, address in zip(arguments, objects, strict=True):
            if isinstance(argument, memoryview) and not argument.readonly:
                argument[:] = self._buffer(address)
        return self._from_object(result)

    # --- objects ---

    def _object(self, *words: int) -> int:
        return self._machine.place(DATA, struct.pack(f"<{1 + len(words)}I", self._type, *words))

    def _to_object(self, value: Argument) -> int:
        if value is None:
            return self._none
        if isinstance(value, int):
            return self._int_object(value)
        items = self._machine.place(DATA, bytes(value))
        return self._object(_ARRAY_OF_INTS, len(value), items)  # typecode, length, items

    def _int_object(self, value: int) -> int:
        if -(1 << _SMALL_BITS - 1) <= value < 1 << _SMALL_BITS - 1:
            return (value << 1 | 1) & 0xFFFFFFFF
        address = self._object(0, 0)  # on a board: an object of digits, which no viper code reads
        self._boxed[address] = value
        return address

    def _from_object(self, address: int) -> int | None:
        if address & 1:
            return _signed(address) >> 1
        if address == self._none:
            return None
        if address not in self._boxed:
            raise Rv32Error("the function gave an object that is no int")
        return self._boxed[address]

    def _buffer(self, address: int) -> bytes:
        _type, _typecode, length, items = self._machine.words(address, 4)
        return self._machine.read(items, length)

    # --- the module and the table ---

    def _context(self, table: int) -> int:
        """A module's context: type, globals, table of names (numbers of 16 bits), of constants."""
        names = struct.pack(f"<{len(self._module.names)}H", *range(len(self._module.names)))
        objects = [self._constant(constant, table) for constant in self._module.constants]
        constants = self._machine.place(DATA, struct.pack(f"<{len(objects)}I", *objects))
        return self._object(self._object(), self._machine.place(DATA, names), constants)

    def _constant(self, constant: object, table: int) -> int:
        if constant is FUNCTION_TABLE:
            return table
        return self._int_object(constant) if isinstance(constant, int) else self._object()

    def _helpers(self) -> int:
        known: dict[str, Helper] = {
            "native_from_obj": lambda a: self._to_native(a[0], a[1] & 15),
            "native_to_obj": lambda a: self._from_native(a[0], a[1] & 15),
            "swap_globals": self._swap_globals,
            "load_global": self._load_global,
            "call_function_n_kw": lambda a: self._call(a[0], a[1], a[2]),
            "nlr_push": lambda _a: 0,
            "nlr_pop": lambda _a: 0,
            "setjmp": lambda _a: 0,
        }
        objects = [self._none, self._object(), self._object()]
        stubs = [
            self._machine.add_stub(self._counted(name, known.get(name))) for name in _TABLE[3:]
        ]
        words = (*objects, *stubs)
        return self._machine.place(DATA, struct.pack(f"<{len(words)}I", *words))

    def _counted(self, name: str, helper: Helper | None) -> Helper:
        def answer(arguments: Words) -> int | Jump:
            self.helper_calls[name] += 1
            if helper is None:
                raise Rv32Error(f"the code calls MicroPython's {name}: not modelled here")
            return helper(arguments)

        return answer

    # --- helpers ---

    def _to_native(self, value: int, kind: int) -> int:
        if kind == _OBJECT:
            return value
        if not value & 1 and value not in self._boxed and value != self._none and kind > _UINT:
            return self._machine.words(value, 4)[3]
        number = self._from_object(value)
        if number is None:
            raise Rv32Error("None where the function wants a number or a buffer")
        return int(bool(number)) if kind == _BOOL else number

    def _from_native(self, value: int, kind: int) -> int:
        if kind == _OBJECT:
            return value
        if kind == _BOOL:
            raise Rv32Error("the code makes a bool object: not modelled here")
        return self._int_object(_signed(value) if kind == _INT else value)

    def _swap_globals(self, arguments: Words) -> int:
        """Change the globals; gives those before, or 0 if there is nothing to change.

        A call from Python comes from another module, so it pays for the change as on a board.
        """
        new, old = arguments[0], self._globals
        if new in (0, old):
            return 0
        self._globals = new
        return old

    def _load_global(self, arguments: Words) -> int:
        name = self._module.names[arguments[0]]
        if name not in self._functions:
            raise Rv32Error(f"the code reads the global {name}, which is no viper function")
        return self._functions[name]

    def _call(self, function: int, counts: int, arguments: int) -> Jump:
        """Go on in the function's code with (function, positional, by keyword, arguments)."""
        _type, _context, _children, code = self._machine.words(function, 4)
        return Jump(code, function, counts & 255, counts >> 8, arguments)


def _signed(word: int) -> int:
    return cast("int", struct.unpack("<i", struct.pack("<I", word & 0xFFFFFFFF))[0])
