# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Who may import whom, and that importing never touches the world."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GATEWAY = ROOT / "gateway"
TOOLS = ROOT / "tools"
NODE = ROOT / "firmware" / "src"

# room: the rooms it may import from, its own always included
GATEWAY_RULES = {
    "barri.errors": set(),
    "barri.domain": {"barri_wire", "barri.errors"},
    "barri.ports": {"barri_wire", "barri.domain", "barri.errors"},
    "barri.services": {"barri_wire", "barri.domain", "barri.ports", "barri.errors"},
    "barri.adapters": {"barri_wire", "barri.domain", "barri.ports", "barri.errors"},
    "barri.web": {"barri_wire", "barri.services", "barri.domain", "barri.ports", "barri.errors"},
}
ROOMS = [*GATEWAY_RULES, "barri_wire", "barri_node", "barri_tools"]
# The engine starts on a small machine without what only commands and demos need.
KEPT_OUT_OF_THE_ENGINE = {"typer", "rich", "amqtt", "zeroconf", "nicegui", "barri_tools"}
HARDWARE = {"machine", "network", "esp32"}


def modules(tree: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(tree.rglob("*.py")):
        parts = path.relative_to(tree).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def imports(path: Path, module: str) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                package = module.split(".")[: -node.level]
                base = ".".join([*package, base] if base else package)
            found |= {base} | {f"{base}.{alias.name}" for alias in node.names}
    return found


def room_of(module: str) -> str | None:
    fitting = [room for room in ROOMS if module == room or module.startswith(room + ".")]
    return max(fitting, key=len, default=None)


def test_gateway_rooms_import_only_what_the_design_allows() -> None:
    offences = []
    for module, path in modules(GATEWAY):
        room = room_of(module)
        if room not in GATEWAY_RULES:
            continue  # app.py and cli.py put it all together
        for name in imports(path, module):
            target = room_of(name)
            if target not in (None, room) and target not in GATEWAY_RULES[room]:
                offences.append(f"{module} imports {name}")
    assert not offences


def test_only_the_composition_root_imports_every_room() -> None:
    roots = []
    for module, path in modules(GATEWAY):
        targets = {room_of(name) for name in imports(path, module)}
        if {"barri.services", "barri.adapters"} <= targets and room_of(module) is None:
            roots.append(module)
    assert roots == ["barri.app"]


def test_the_engine_does_without_what_only_commands_and_demos_need() -> None:
    offences = []
    for module, path in modules(GATEWAY):
        if room_of(module) in ("barri.domain", "barri.ports", "barri.services"):
            offences += [
                f"{module} imports {name}"
                for name in imports(path, module)
                if name.split(".")[0] in KEPT_OUT_OF_THE_ENGINE
            ]
    assert not offences


def test_the_wire_imports_nothing_of_ours() -> None:
    offences = [
        f"{module} imports {name}"
        for module, path in modules(NODE / "barri_wire")
        for name in imports(path, f"barri_wire.{module}")
        if room_of(name) not in (None, "barri_wire")
    ]
    assert not offences


def test_on_the_node_only_the_hal_imports_hardware() -> None:
    offences = [
        f"{module} imports {name}"
        for module, path in modules(NODE)
        for name in imports(path, module)
        if name.split(".")[0] in HARDWARE
        and not path.name.startswith(("hal_", "boot.py"))  # boot.py chooses which tree runs
    ]
    assert not offences


def importable() -> list[str]:
    names = [name for name, _ in modules(GATEWAY)] + [name for name, _ in modules(TOOLS)]
    names += [name for name, _ in modules(NODE) if name.startswith("barri_wire")]
    return [name for name in names if name and not name.endswith("__main__")]


@pytest.mark.timeout(120)
def test_importing_a_module_touches_neither_files_nor_network(tmp_path: Path) -> None:
    """Run with an audit hook: no socket is bound or connected, no file is opened for writing."""
    script = tmp_path / "watch.py"
    script.write_text(
        "import sys\n"
        "def hook(event, args):\n"
        "    if event in ('socket.bind', 'socket.connect', 'subprocess.Popen'):\n"
        "        raise RuntimeError(f'{event} {args}')\n"
        "    if event == 'open' and isinstance(args[1], str) and set(args[1]) & set('wax+')\\\n"
        "            and OURS[0]:\n"
        "        raise RuntimeError(f'{event} {args}')\n"
        "OURS = [False]\n"
        "import nicegui, amqtt, numpy, httpx2, apsw  # what libraries do is theirs\n"
        "sys.dont_write_bytecode = True\n"
        "sys.addaudithook(hook)\n"
        "OURS[0] = True\n"
        "import importlib\n"
        "for name in sys.argv[1:]:\n"
        "    importlib.import_module(name)\n"
        "print('imported', len(sys.argv) - 1)\n"
    )
    done = subprocess.run(
        [sys.executable, str(script), *importable()],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert f"imported {len(importable())}" in done.stdout
