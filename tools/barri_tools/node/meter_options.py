# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What may be said of a meter: asked for, checked as the node checks it, and written.

A test compares the checks with the firmware's own (`barri_node/energy/options.py`). A key never
reaches a text.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from barri.domain.secret import Secret
from barri_tools.node.errors import NodeSettingsError

# Kind of meter -> bus of the board that it is wired to.
METER_BUSES = {
    "p1": "uart.2", "p1_old": "uart.2", "pzem004t": "uart.1", "sdm120": "uart.1",
    "pulse_led": "pulse.0",
}  # fmt: skip
_OPTIONS: dict[str, tuple[str, ...]] = {
    "p1": ("key",), "p1_old": ("key",), "pzem004t": ("unit",), "sdm120": ("unit", "baud"),
    "pulse_led": ("impulses_per_kwh",),
}  # fmt: skip
_ASKED_WITH = {
    "key": "--p1-key-file", "unit": "--unit", "baud": "--baud", "impulses_per_kwh": "--impulses",
}  # fmt: skip
_MOST = {"unit": 247, "impulses_per_kwh": 100_000}
BAUDS = (2400, 4800, 9600)
_KEY_DIGITS = 32  # AES-128
_MOST_KEY_FILE_BYTES = 200


class MeterOptions(NamedTuple):
    """What a person said of a meter, None for nothing. key: of a P1 port that enciphers."""

    key: Secret | None = None
    unit: int | None = None
    baud: int | None = None
    impulses_per_kwh: int | None = None

    def given(self) -> dict[str, Any]:
        """As the settings have it, with the key to be read."""
        said = {name: value for name, value in self._asdict().items() if value is not None}
        if self.key is not None:
            said["key"] = self.key.reveal()
        return said


def table(kind: str | None, options: MeterOptions, old: dict[str, Any]) -> dict[str, Any]:
    """The settings' table "meter". kind: None for the one it has, P1 if none was ever named.

    What was said before of the same meter (its key, its address) stays. Raises NodeSettingsError.
    """
    before = old.get("kind", "p1")
    kind = before if kind is None else kind
    said = {**(old if before == kind else {}), **options.given(), "kind": kind}
    found = [_as_asked(said, problem) for problem in problems(said)]
    if found:
        raise NodeSettingsError("; ".join(found))
    return said


def problems(given: object) -> Iterator[str]:
    """What is wrong with the table "meter", by the options' names; never their values."""
    if not isinstance(given, dict):
        yield "meter: an object with its kind"
        return
    kind = given.get("kind", "p1")
    if not isinstance(kind, str) or kind not in _OPTIONS:
        yield f"meter.kind: one of {', '.join(_OPTIONS)}"
        return
    known = _OPTIONS[kind]
    if given.keys() - {"kind", *known}:
        yield f"meter: a {kind} takes {', '.join(known)} only"
    if "key" in given and "key" in known and not _is_key(given["key"]):
        yield f"meter.key: {_KEY_DIGITS} hex digits"
    if "baud" in known and given.get("baud", BAUDS[0]) not in BAUDS:
        yield f"meter.baud: one of {', '.join(map(str, BAUDS))}"
    for name, most in _MOST.items():
        if name in known and not _is_number(given.get(name, _default(name)), most):
            yield f"meter.{name}: a number from 1 to {most}"


def read_key(path: Path) -> Secret:
    """The key of a P1 port, from a file: in a command it would stay in the shell's history.

    Spaces and line ends do not matter. Raises NodeSettingsError.
    """
    try:
        text = "".join(path.read_bytes()[:_MOST_KEY_FILE_BYTES].decode("ascii").split())
    except (OSError, UnicodeDecodeError) as error:
        raise NodeSettingsError(f"--p1-key-file: {path.name} cannot be read") from error
    if not _is_key(text):
        raise NodeSettingsError(
            f"--p1-key-file: {path.name} must hold the {_KEY_DIGITS} hexadecimal digits that the"
            " grid operator gave you, and nothing else"
        )
    return Secret(text)


def _as_asked(said: dict[str, Any], problem: str) -> str:
    """The same in the words of the command."""
    for name, option in _ASKED_WITH.items():
        if problem.startswith(f"meter.{name}:"):
            return problem.replace(f"meter.{name}:", f"a {said['kind']} needs {option}:")
    if said["kind"] in _OPTIONS:
        known = " and ".join(_ASKED_WITH[name] for name in _OPTIONS[said["kind"]])
        return f"a {said['kind']} takes {known} only"
    return problem.replace("meter.kind:", "--meter is")


def _default(name: str) -> int | None:
    """A light says nothing of what it stands for: that has to be said."""
    return None if name == "impulses_per_kwh" else 1


def _is_key(value: object) -> bool:
    """Hexadecimal digits of ASCII alone."""
    digits = "0123456789abcdefABCDEF"
    return isinstance(value, str) and len(value) == _KEY_DIGITS and not value.strip(digits)


def _is_number(value: object, most: int) -> bool:
    return type(value) is int and 1 <= value <= most
