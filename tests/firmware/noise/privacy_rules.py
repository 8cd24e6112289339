# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Where sound may go in the firmware's source, and a walk that finds where else it goes.

A buffer of sound is followed by name: through assignments, slices and memoryviews. Wherever it is
used, the use must be one of a few calls. Everything else (kept, returned, sent, compared, put into
a text) is a finding: `FILE:LINE what`.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PASS_ON = frozenset({"memoryview", "bytes", "bytearray"})  # what they give is sound again


@dataclass(frozen=True)
class Place:
    """A class or function that sound passes: names that hold it, and the calls it may go to."""

    path: str
    name: str
    holds: frozenset[str]
    calls: frozenset[str]


PLACES = (
    Place(
        "barri_node/hal_esp32.py",
        "Microphone",
        frozenset({"buffer"}),
        frozenset({"len", "reader.readinto", "self._discard"}),
    ),
    Place(
        "barri_node/listener.py",
        "Listener",
        frozenset({"self._buffer", "view", "rest"}),
        frozenset({"len", "memoryview", "self._microphone.readinto", "self._meter.feed"}),
    ),
    Place(
        "barri_node/noise/meter.py",
        "Meter",
        frozenset({"buf", "samples"}),
        frozenset({"len", "memoryview", "self._listen", "weigh"}),
    ),
)
# Names of where sound comes from, and the files that may know them.
SOURCES = frozenset({"I2S", "microphone", "Microphone", "SimulatedMicrophone", "weigh"})
KNOW_SOURCES = (
    "barri_node/hal_esp32.py",
    "barri_node/hal_unix.py",
    "barri_node/listener.py",
    "barri_node/sound.py",
    "barri_node/noise/",
)
PRIVATE = frozenset({"_buffer", "_meter", "_microphone"})  # where an instrument has them
NOISE = "barri_node/noise/"
NOISE_IMPORTS = ("array", "micropython", "barri_node.noise", "collections.abc")
# Calls that could carry anything out of the sound module.
FORBIDDEN = frozenset(
    {"open", "print", "exec", "eval", "compile", "__import__", "input", "setattr", "globals"}
)
# What its functions may give: numbers, levels by name, and these arrays, which hold no sound.
MAY_GIVE = frozenset(
    {"None", "int", "int | None", "bool", "dict[str, int | None]", "tuple[int, ...]"}
)
GIVE_ARRAYS = frozenset({"zeros", "weigh_memory", "time_weight_memory", "histogram"})


def findings(source: Path) -> list[str]:
    """Walk the modules of a firmware tree; what breaks a rule, nothing if all is well."""
    found: list[str] = []
    for path in sorted(source.rglob("*.py")):
        name, tree = path.relative_to(source).as_posix(), ast.parse(path.read_text("utf-8"))
        found += _of_sources(name, tree)
        if name.startswith(NOISE):
            found += _of_the_sound_module(name, tree)
    for place in PLACES:
        tree = ast.parse((source / place.path).read_text("utf-8"))
        found += [f"{place.path}:{text}" for text in _of_place(place, tree)]
    return found


def _of_sources(name: str, tree: ast.Module) -> Iterator[str]:
    if name.startswith(KNOW_SOURCES):
        return
    for node in ast.walk(tree):
        for word in _words(node):
            if word in SOURCES or word.startswith("barri_node.noise"):
                yield f"{name}:{getattr(node, 'lineno', 0)} knows {word}"
        if isinstance(node, ast.Attribute) and node.attr in PRIVATE and not _own(node):
            yield f"{name}:{node.lineno} reaches into {ast.unparse(node)}"


def _own(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id == "self"


def _words(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Attribute):
        return [node.attr]
    if isinstance(node, ast.ImportFrom):
        return [node.module or "", *(alias.name for alias in node.names)]
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return []


def _of_the_sound_module(name: str, tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        line = f"{name}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
            if not (module or "").startswith(NOISE_IMPORTS):
                yield f"{line} imports {module}"
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in FORBIDDEN:
            yield f"{line} calls {ast.unparse(node.func)}"
        elif isinstance(node, ast.Global | ast.Yield | ast.YieldFrom | ast.Await):
            yield f"{line} has {type(node).__name__.lower()}"
        elif isinstance(node, ast.FunctionDef):
            yield from _what_it_gives(line, node)


def _what_it_gives(line: str, function: ast.FunctionDef) -> Iterator[str]:
    given = function.returns
    text = given.value if isinstance(given, ast.Constant) else given and ast.unparse(given)
    if text is None and not any(isinstance(n, ast.Return) and n.value for n in ast.walk(function)):
        return
    arrays = function.name in GIVE_ARRAYS and text == "array[int]"
    if str(text) not in MAY_GIVE and not arrays:
        yield f"{line} {function.name} gives {text}"


def _of_place(place: Place, tree: ast.Module) -> Iterator[str]:
    (home,) = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == place.name
    ]
    holds = set(place.holds)
    while True:  # names that sound is given to hold it too
        more = {name for node in ast.walk(home) for name in _given_to(node, holds)}
        if more <= holds:
            break
        holds |= more
    parents = {child: node for node in ast.walk(home) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(home):
        if not isinstance(node, ast.Name | ast.Attribute) or ast.unparse(node) not in holds:
            continue
        if isinstance(node.ctx, ast.Load) and not _allowed(node, parents, place):
            use = ast.unparse(_statement(node, parents))
            yield f"{node.lineno} {ast.unparse(node)} in: {use}"


def _given_to(node: ast.AST, holds: set[str]) -> Iterator[str]:
    if isinstance(node, ast.Assign) and _carries(node.value, holds):
        for target in node.targets:
            yield from (ast.unparse(n) for n in ast.walk(target) if isinstance(n, ast.Name))
    elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value is not None:
        if _carries(node.value, holds):
            yield ast.unparse(node.target)
    elif isinstance(node, ast.For) and _carries(node.iter, holds):
        yield ast.unparse(node.target)


def _carries(node: ast.expr, holds: set[str]) -> bool:
    if isinstance(node, ast.Subscript):
        return _carries(node.value, holds)
    if isinstance(node, ast.Call):
        passes_on = ast.unparse(node.func) in PASS_ON
        return passes_on and any(_carries(argument, holds) for argument in node.args)
    if isinstance(node, ast.Tuple | ast.List):
        return any(_carries(item, holds) for item in node.elts)
    return isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node) in holds


def _allowed(node: ast.AST, parents: dict[ast.AST, ast.AST], place: Place) -> bool:
    parent = parents[node]
    if isinstance(parent, ast.Subscript) and parent.value is node:
        return isinstance(parent.ctx, ast.Load) and _allowed(parent, parents, place)
    if isinstance(parent, ast.Call) and node is not parent.func:
        callee = ast.unparse(parent.func)
        if callee in PASS_ON:
            return callee in place.calls and _allowed(parent, parents, place)
        return callee in place.calls
    if isinstance(parent, ast.Assign) and parent.value is node:
        return all(isinstance(target, ast.Name) for target in parent.targets)
    return False


def _statement(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> ast.AST:
    while not isinstance(node, ast.stmt):
        node = parents[node]
    return node
