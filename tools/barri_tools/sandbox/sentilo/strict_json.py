# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""JSON as the platform's Jackson mapper takes it: known fields only, numbers kept as text.

Each `read_*` function turns a parsed value into what the platform's class field would hold
and raises ApiError (400) otherwise. Imports only the errors.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from .errors import ApiError, bad_json

T = TypeVar("T")
Reader = Callable[[Any], Any]
_LONG = re.compile(r"[+-]?\d{1,19}", re.ASCII)
_LEADING = " \t\n\r"


class NumberText(str):
    """A JSON number as it was written: 12.30 stays 12.30."""

    __slots__ = ()


class Pairs(list[tuple[str, Any]]):
    """A JSON object with its duplicates, because a bad first one is refused too."""


def parse(text: str) -> Any:
    """The first JSON value of `text`; what follows it is ignored, as the platform does."""
    try:
        value, _ = _DECODER.raw_decode(text.lstrip(_LEADING))
    except (ValueError, RecursionError) as error:
        raise bad_json(f"Sandbox: not JSON: {error}") from error
    return value


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=Pairs,
    parse_float=NumberText,
    parse_int=NumberText,
    parse_constant=_refuse_constant,
)


def read_object(value: Any, fields: Mapping[str, Reader]) -> dict[str, Any]:
    """An object whose every field is in `fields`; those not sent are absent from the result."""
    if not isinstance(value, Pairs):
        raise _mismatch("an object", value)
    result: dict[str, Any] = {}
    for name, item in value:
        if name not in fields:
            raise bad_json(f'Sandbox: unrecognized field "{name}", not in {sorted(fields)}')
        result[name] = fields[name](item)
    return result


def object_of(fields: Mapping[str, Reader]) -> Reader:
    """A reader for an object or null."""
    return lambda value: None if value is None else read_object(value, fields)


def list_of(item: Reader) -> Reader:
    """A reader for a list or null."""

    def read(value: Any) -> list[Any] | None:
        if value is None:
            return None
        if not isinstance(value, list) or isinstance(value, Pairs):
            raise _mismatch("a list", value)
        return [item(one) for one in value]

    return read


def read_text(value: Any) -> str | None:
    """A string field: strings, numbers (verbatim) and booleans are taken, null is null."""
    if value is None or isinstance(value, str):
        return None if value is None else str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    raise _mismatch("a text", value)


def read_long(value: Any) -> int | None:
    """A 64-bit field: numbers (fractions are cut off) and texts that hold a whole number."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, NumberText):
        return _whole(value)
    if isinstance(value, str) and _LONG.fullmatch(value.strip()):
        return _in_long(int(value))
    raise _mismatch("a whole number", value)


def read_boolean(value: Any) -> bool | None:
    """A boolean field: true, false, numbers (0 is false), and the texts "true", "false", ""."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, NumberText) and _LONG.fullmatch(value):
        return int(value) != 0
    words = {
        "true": True,
        "True": True,
        "TRUE": True,
        "false": False,
        "False": False,
        "FALSE": False,
        "": None,
    }
    if isinstance(value, str) and not isinstance(value, NumberText) and value.strip() in words:
        return words[value.strip()]
    raise _mismatch("true or false", value)


def read_text_map(value: Any) -> dict[str, str | None] | None:
    """A map of texts or null."""
    if value is None:
        return None
    if not isinstance(value, Pairs):
        raise _mismatch("an object of texts", value)
    return {name: read_text(item) for name, item in value}


def _whole(number: NumberText) -> int:
    if _LONG.fullmatch(number):
        return _in_long(int(number))
    approximate = float(number)
    if not abs(approximate) < 2.0**63:
        raise _mismatch("a 64-bit number", number)
    return int(approximate)


def _in_long(number: int) -> int:
    if not -(2**63) <= number < 2**63:
        raise bad_json("Sandbox: number out of the 64-bit range")
    return number


def _mismatch(wanted: str, value: Any) -> ApiError:
    return bad_json(f"Sandbox: {wanted} was expected, not {type(value).__name__}")
