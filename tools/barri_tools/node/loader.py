# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The chip's own loader, which writes the flash: what we ask of it, and esptool that does it.

esptool runs as a program of its own, so that its output and its ways to end stay outside. It has
not been run on a board by us; tests run it against a simulated loader.
"""

import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, NamedTuple, Protocol

from barri_tools.node.errors import (
    NoAnswerError,
    NodeToolError,
    WriteError,
)
from barri_tools.node.ports import why_not_opened

Progress = Callable[[float], None]  # a share, 0 to 1
_FAST_BAUD, _SAFE_BAUD = 460800, 115200
_TIMEOUT_S = 600  # 4 MB at 115200 baud take 6 minutes
_CHIP = re.compile(r"Chip (?:type:|is)\s*(\S+)")
_PLAIN_ESP32 = re.compile(r"ESP32(-D|-U4|-PICO|-S0|$)")  # the first chip's many packages
_MOST_LINES = 2000
_FLASH_SIZE = re.compile(r"Detected flash size:\s*(\d+)([KM])B")
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d+)?)\s?%")
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Chip(NamedTuple):
    """mcu: as firmware/boards names it, or the chip's own name. flash_bytes: 0 if not known."""

    mcu: str
    flash_bytes: int


class Loader(Protocol):
    """What flashing asks of a board. All methods raise NodeToolError."""

    def identify(self) -> Chip:
        """Say which chip and how much flash there is."""

    def read(self, offset: int, size: int) -> bytes:
        """Read the flash."""

    def write(self, offset: int, octets: bytes, erase_all: bool, progress: Progress) -> None:
        """Write and verify; with erase_all the rest of the flash is empty afterwards."""


class Esptool:
    """The loader of a board on a serial port. usb: which socket, for the error texts.

    command: how esptool is started; tests give a fake.
    """

    def __init__(
        self,
        device: str,
        usb: str = "",
        command: Sequence[str] | None = None,
        timeout_s: float = _TIMEOUT_S,
    ) -> None:
        self._timeout_s = timeout_s
        self._device = device
        self._usb = usb
        self._command = list(command or (sys.executable, "-m", "esptool"))

    def identify(self) -> Chip:
        output = self._run(_SAFE_BAUD, "flash-id")
        return Chip(_chip(output), _flash_bytes(output))

    def read(self, offset: int, size: int) -> bytes:
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "flash.bin"
            self._run(_SAFE_BAUD, "read-flash", hex(offset), hex(size), str(path))
            octets = path.read_bytes() if path.is_file() else b""
        if len(octets) != size:
            raise WriteError("the board's flash could not be read: unplug it and try again")
        return octets

    def write(self, offset: int, octets: bytes, erase_all: bool, progress: Progress) -> None:
        """At full speed first; a transfer that breaks is repeated slowly, which long or thin
        cables and hubs may need.
        """
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "image.bin"
            path.write_bytes(octets)
            erase = ["--erase-all"] if erase_all else []
            arguments = ["write-flash", *erase, hex(offset), str(path)]
            try:
                self._run(_FAST_BAUD, *arguments, progress=progress)
            except WriteError:
                progress(0.0)
                self._run(_SAFE_BAUD, *arguments, progress=progress)

    def _run(self, baud: int, *arguments: str, progress: Progress = lambda _: None) -> str:
        options = ["--port", self._device, "--baud", str(baud)]
        command = [*self._command, *options, *arguments]
        output: list[str] = []
        process = subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        patience = threading.Timer(self._timeout_s, process.kill)
        patience.start()
        try:
            for line in _lines(process.stdout):
                output.append(line)
                _report(line, progress)
            code = process.wait()
        finally:
            patience.cancel()
            process.kill()  # nothing if it has ended; all if Ctrl-C was pressed here
            process.wait()
        text = "\n".join(output[-_MOST_LINES:])
        if code:
            raise self._reason(text, arguments[0])
        return text

    def _reason(self, output: str, action: str) -> NodeToolError:
        """The error for esptool's last words."""
        words = output.lower()
        if "no module named esptool" in words:
            return WriteError("esptool is missing: pip install 'barri[flash]'")
        if "could not open" in words:
            return why_not_opened(self._device, OSError(None, _os_words(words)))
        if "failed to connect" in words or "no serial data received" in words:
            return NoAnswerError(self._how_to_reach())
        if action == "write-flash":
            return WriteError(
                f"writing broke off ({_last_words(output)}). Use a short cable and no hub, then"
                " run the same command again: a half-written board is not broken"
            )
        return NoAnswerError(f"{self._how_to_reach()} ({_last_words(output)})")

    def _how_to_reach(self) -> str:
        socket = f" Its USB socket: {self._usb}." if self._usb else ""
        return (
            f"nothing on {self._device} answers like an ESP32. Hold the button BOOT (B, PRG or"
            " 0), press and let go RESET (R, EN or RST), let go BOOT, and run the same command"
            f" again.{socket} If that does not help, try another cable or port"
        )


def _lines(stream: IO[bytes] | None) -> Iterator[str]:
    """Lines as they come; a progress bar ends its lines with a carriage return."""
    buffer = b""
    while stream is not None and (piece := stream.read1(4096)):  # type: ignore[attr-defined]
        *whole, buffer = re.split(rb"[\r\n]+", (buffer + piece)[-65536:])
        yield from (_clean(line) for line in whole)
    yield _clean(buffer)


def _clean(line: bytes) -> str:
    return _ANSI.sub("", line.decode("utf-8", "replace")).strip()


def _report(line: str, progress: Progress) -> None:
    found = _PERCENT.search(line)
    if found and line.startswith("Writing at"):
        progress(min(1.0, float(found[1]) / 100))


def _chip(output: str) -> str:
    found = _CHIP.search(output)
    name = found[1] if found else "unknown"
    if _PLAIN_ESP32.match(name):
        return "esp32"
    return name.lower()[:40]


def _flash_bytes(output: str) -> int:
    found = _FLASH_SIZE.search(output)
    return int(found[1]) << (20 if found[2] == "M" else 10) if found else 0


def _os_words(words: str) -> str:
    """The part of esptool's text that comes from the system."""
    return words.partition("doesn't exist")[2] or "not found"


def _last_words(output: str) -> str:
    told = [line for line in output.splitlines() if "error" in line.lower()]
    last = told or [line for line in output.splitlines() if line]
    return last[-1][-160:] if last else "no reason was given"
