# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A node of the simulated street: the real firmware in a real MicroPython, one process each."""

import json
import os
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

from barri_tools.firmware import FirmwareError, program

_RESTART, _DEEP_SLEEP, _WATCHDOG = 75, 76, 77  # how `resets_unix.py` ends the process
# Objects are twice as large here as on a board's 32 bits. `barri bench node` says what is needed.
_HEAP_KB = 192
_HEAPS_KB = {"smart_citizen": 256, "found": 256}  # sound, air and light on one board; many parts
_SEALING_KB = 40
_PINNING_KB = 16
_SLEEPING_KB = 32  # what sleep needs and what a conversation needs, at the same time


def heap_of(kit: str, sealed: bool = False, pinned: bool = False, asleep: bool = False) -> str:
    """What a simulated node of a kit gets, as MicroPython takes it. sealed: it has a key.

    pinned: it knows its gateway's certificate. asleep: it is on a battery.
    """
    besides_kb = sealed * _SEALING_KB + pinned * _PINNING_KB + asleep * _SLEEPING_KB
    return f"{_HEAPS_KB.get(kit, _HEAP_KB) + besides_kb}k"


@dataclass(frozen=True)
class NodeSettings:
    """What provisioning writes onto a board."""

    node: str
    secret: str
    host: str
    port: int
    kit: str
    window_s: int
    seal_key: str = ""
    gateway_key: str = ""
    mode: str = "mains"
    report_every: int = 10
    unwanted: tuple[str, ...] = ()


def _came_over_the_air(settings_file: Path) -> dict[str, object]:
    """What the node itself has written there; after a cut it may be gone, and comes again."""
    found = json.loads(settings_file.read_text()) if settings_file.exists() else {}
    return {name: found[name] for name in ("desired",) if name in found}


class NodeProcess:
    """Starts, kills and restarts one node; its flash stays in `directory`.

    chips: the name of the board of chip models around it, where that is not the node's own. heap:
    as MicroPython takes it; by default what its kit needs.
    """

    def __init__(
        self,
        settings: NodeSettings,
        firmware: Path,
        link_port: int,
        directory: Path,
        chips: str = "",
        heap: str = "",
    ) -> None:
        self.settings = settings
        self._chips = chips or settings.node
        keys = (bool(settings.seal_key), bool(settings.gateway_key))
        self._heap = heap or heap_of(settings.kit, *keys, settings.mode == "battery")
        self._firmware = firmware
        self._link_port = link_port
        self.directory = directory
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Power on."""
        micropython = program("micropython")
        if micropython is None:
            raise FirmwareError("micropython is missing: see the README on nodes without hardware")
        self.directory.mkdir(parents=True, exist_ok=True)
        settings_file = self.directory / "settings.json"
        settings = asdict(self.settings) | _came_over_the_air(settings_file)
        settings_file.touch(mode=0o600)
        settings_file.write_text(json.dumps(settings))
        arguments = [self._chips, str(self._link_port), str(self.directory)]
        # As a module: so that files are found by short relative paths, as from a board's root.
        # MicroPython keeps the path of every file, and these would fill a good part of the heap.
        heap = ["-X", f"heapsize={self._heap}"]
        command = [str(micropython), *heap, "-m", self._first_module(), *arguments]
        environment = {**os.environ, "MICROPYPATH": ":.frozen"}
        with (self.directory / "console.log").open("ab") as console:
            self._process = subprocess.Popen(  # noqa: S603
                command, cwd=self._firmware, env=environment, stdout=console, stderr=console
            )

    def _first_module(self) -> str:
        """What a board would begin with; only a node that has a key is ever updated."""
        boots = self.settings.seal_key and (self._firmware / "boot.py").exists()
        return "boot" if boots else "main"

    def kill(self) -> None:
        """Cut the power: no goodbye, nothing flushed, and no sleep to wake from."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        (self.directory / "reset").unlink(missing_ok=True)

    def running(self) -> bool:
        """Say whether the firmware still runs."""
        return self._process is not None and self._process.poll() is None

    def restarts(self) -> bool:
        """Say whether it has ended as a board that resets itself: start it again."""
        return self._process is not None and self._process.poll() in (_RESTART, _WATCHDOG)

    def ended(self) -> bool:
        """Say whether nothing of it is left, not even a sleep."""
        return not (self.running() or self.asleep())

    def asleep(self) -> bool:
        """Say whether it has ended as a board in deep sleep."""
        return self._process is not None and self._process.poll() == _DEEP_SLEEP

    def console(self) -> str:
        """What the node has said on its serial console."""
        path = self.directory / "console.log"
        return path.read_text(errors="replace") if path.exists() else ""
