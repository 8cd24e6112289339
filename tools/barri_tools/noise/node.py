# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The firmware's meter on a real MicroPython (or on this Python): sound in, its numbers out.

`on_node` is the script that runs there. Sound is an array in steps of 24 bits.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from barri_tools.firmware import FirmwareError, program, source_directory
from barri_tools.noise.curves import Floats
from barri_tools.noise.signals import Words, words

SCRIPT = Path(__file__).with_name("on_node.py")
HEAP = "heapsize=192k"
_TIMEOUT_S = 200


class Node:
    """Runs the script with an interpreter; microphone: whose equaliser the meter has."""

    def __init__(
        self, interpreter: list[str], microphone: str = "flat", rate_hz: int = 48000
    ) -> None:
        self._interpreter = interpreter
        self.microphone = microphone
        self.rate_hz = rate_hz
        self.modules = source_directory()

    def run(self, command: str, samples: Words | None, *arguments: int) -> list[Any]:
        """Run a command on samples; give its lines. Raises FirmwareError with its last words."""
        if samples is None:
            return self._run([command, *map(str, arguments)])
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "samples.raw"
            path.write_bytes(samples.astype("<i4").tobytes())
            numbers = map(str, arguments)
            return self._run([command, str(path), str(self.rate_hz), self.microphone, *numbers])

    def _run(self, arguments: list[str]) -> list[Any]:
        done = subprocess.run(  # noqa: S603
            [*self._interpreter, str(SCRIPT), *arguments],
            env={**os.environ, "MICROPYPATH": str(self.modules)},
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
        if done.returncode:
            raise FirmwareError(f"the meter failed: {done.stdout[-500:]}{done.stderr}")
        return [json.loads(text) for text in done.stdout.splitlines()]

    def levels(
        self,
        signal: Floats,
        window_s: float,
        settle_ms: int = 500,
        block: int = 9600,
        slow: bool = False,
    ) -> list[dict[str, int | None]]:
        """Levels of each whole window of a signal, in ddB."""
        window = round(window_s * self.rate_hz)
        lines = self.run("levels", words(signal), block, window, settle_ms, int(slow))
        return lines[:-1]

    def energies(self, parts: list[Floats], skip_s: float) -> Floats:
        """Mean A and C energy of a sub-block (rows x 2) of parts of sound, all equally long.

        The beginning of each is skipped: the filters run on from one to the next.
        """
        sizes = {len(part) for part in parts}
        if len(sizes) != 1:
            raise ValueError("parts are to be equally long")
        skip_bytes = 4 * round(skip_s * self.rate_hz)
        lines = self.run("energy", words(np.concatenate(parts)), 4 * sizes.pop(), skip_bytes)
        found = np.array([[line[0], line[1]] for line in lines], dtype=np.float64)
        return np.asarray(found / np.array([[line[2]] for line in lines]), dtype=np.float64)


def micropython() -> list[str]:
    """The MicroPython beside this Python, with the heap of a board; FirmwareError without one."""
    found = program("micropython")
    if found is None:
        raise FirmwareError("micropython is missing: pip install 'barri[dev]'")
    return [str(found), "-X", HEAP]


def this_python() -> list[str]:
    """This interpreter: there the meter computes with its plain twin."""
    return [sys.executable]
