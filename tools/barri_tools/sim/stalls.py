# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What blocks a board, for how long, and what of a window's sound is left then.

The table is in docs/stalls.md too, with what the numbers rest on. `measure` runs the node's own
sound path through a plan of stalls, on MicroPython, in simulated time.
"""

import json
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from barri_tools.firmware import FirmwareError, program, source_directory

RATE_HZ = 48000
_SCRIPT = Path(__file__).with_name("stalled_node.py")
_LONGEST_RUN_S = 120
MOST_INSTRUCTIONS = 300  # of the meter's code for a sample: what it may cost, see bench/noise_cost


@dataclass(frozen=True)
class Stall:
    """A thing that blocks a board. usual_ms, longest_ms: per class of boards, in order of BOARDS.

    masked: interrupts wait as well, so that full DMA buffers are not announced.
    """

    name: str
    usual_ms: tuple[float, float, float]
    longest_ms: tuple[float, float, float]
    masked: bool
    source: str


@dataclass(frozen=True)
class Board:
    """A class of boards. cycles: assumed for one instruction of viper code."""

    name: str
    clock_mhz: int
    cycles: float


BOARDS = (
    Board("ESP32", 240, 2.0),
    Board("ESP32-S3 with PSRAM", 240, 2.0),
    Board("ESP32-C3 and C6", 160, 2.0),
)
GC = Stall(
    "garbage collection",
    (3, 23, 5),
    (10, 42, 15),
    False,
    "ESP32: 2.0 to 2.5 ms (micropython-micro-gui issue 10), longest assumed; S3: 22 to 42 ms"
    " (MicroPython pull request 10235); C3: assumed",
)
ERASE = Stall(
    "flash erase, 4 kB",
    (45, 45, 45),
    (400, 400, 400),
    True,
    "Winbond W25Q32JV datasheet (typical, maximum); masked: ESP-IDF, SPI flash concurrency",
)
PROGRAM = Stall(
    "flash program, 256 B",
    (0.7, 0.7, 0.7),
    (3, 3, 3),
    True,
    "Winbond W25Q32JV datasheet (typical, maximum)",
)
DNS = Stall(
    "name lookup (DNS)",
    (30, 30, 30),
    (10000, 10000, 10000),
    False,
    "assumed; it blocks: MicroPython 1.29, extmod/asyncio/stream.py",
)
CONNECT = Stall(
    "TCP connect",
    (1, 1, 1),
    (2, 2, 2),
    False,
    "assumed; it does not block: MicroPython 1.29, extmod/asyncio/stream.py",
)
TLS = Stall(
    "TLS handshake",
    (1200, 1200, 1800),
    (2500, 2500, 3800),
    False,
    "ESP32: 1.2 s (micropython-esp32 issue 131), over 2 s (Moddable issue 389); others: assumed",
)
STALLS = (GC, ERASE, PROGRAM, DNS, CONNECT, TLS)


@dataclass(frozen=True)
class Window:
    """A window's share in 0.1 %: as the node reports it, and as the model's samples have it."""

    reported: int
    heard: float


@dataclass(frozen=True)
class Run:
    """Windows of a run, and frames the node was given and was not."""

    windows: tuple[Window, ...]
    delivered: int
    dropped: int

    def after_the_start(self) -> tuple[Window, ...]:
        """All windows but the first, in which microphone and filters settle."""
        return self.windows[1:]


Event = tuple[float, float, bool]  # uptime in ms, for how many ms, masked


def block_ms(
    board: Board, instructions_per_sample: float = MOST_INSTRUCTIONS, sound_ms: int = 20
) -> float:
    """How long the meter's code takes for a block of sound."""
    instructions = instructions_per_sample * RATE_HZ * sound_ms / 1000
    return instructions * board.cycles / board.clock_mhz / 1000


def steady(board: int, window_s: int, windows: int, erase_ms: float = 0) -> list[Event]:
    """A node that measures and keeps records: collections at their longest, and flash.

    As littlefs does at its worst, each record costs two erases and four programs.
    """
    end_ms = window_s * windows * 1000
    events: list[Event] = [(at, GC.longest_ms[board], False) for at in range(3000, end_ms, 5000)]
    for end in range(window_s * 1000, end_ms + 1, window_s * 1000):
        for i in range(2):
            events.append((end + 300 + 100 * i, erase_ms or ERASE.usual_ms[board], True))
        for i in range(4):
            events.append((end + 500 + 10 * i, PROGRAM.usual_ms[board], True))
    return sorted(events)


def reconnect(board: int, at_ms: int, tries: int, pause_ms: int = 5000) -> list[Event]:
    """A gateway that has gone: each try a lookup without answer, at last a slow handshake."""
    events: list[Event] = []
    for _ in range(tries):
        events.append((at_ms, DNS.longest_ms[board], False))
        at_ms += round(DNS.longest_ms[board]) + pause_ms
    for stall in (DNS, CONNECT):
        events.append((at_ms, stall.usual_ms[board], stall.masked))
        at_ms += 200
    return [*events, (at_ms, TLS.longest_ms[board], False)]


def measure(
    board: Board,
    events: Iterable[Event],
    window_s: int,
    windows: int,
    instructions_per_sample: float = MOST_INSTRUCTIONS,
) -> Run:
    """Run the firmware's sound path through stalls. Raises FirmwareError if it cannot run."""
    ns_per_sample = round(instructions_per_sample * board.cycles / board.clock_mhz * 1000)
    plan = {
        "rate_hz": RATE_HZ,
        "window_s": window_s,
        "windows": windows,
        "ns_per_sample": ns_per_sample,
        "stalls": [[round(at), round(1000 * ms), masked] for at, ms, masked in sorted(events)],
    }
    *lines, ring = _lines(plan)
    found = [Window(line["share"], 1000 * line["heard"] / line["whole"]) for line in lines]
    return Run(tuple(found), ring["delivered"], ring["dropped"])


def _lines(plan: dict[str, object]) -> Sequence[dict[str, int]]:
    micropython = program("micropython")
    if micropython is None:
        raise FirmwareError("micropython is missing: see the README on nodes without hardware")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.json"
        path.write_text(json.dumps(plan), encoding="utf-8")
        done = subprocess.run(  # noqa: S603
            [str(micropython), "-X", "heapsize=2m", str(_SCRIPT), str(path)],
            env={"MICROPYPATH": f"{source_directory()}:{_SCRIPT.parent}:.frozen"},
            capture_output=True,
            text=True,
            timeout=_LONGEST_RUN_S,
            check=False,
        )
    if done.returncode:
        raise FirmwareError(f"the stalled node failed: {done.stdout[-500:]}{done.stderr[-500:]}")
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
