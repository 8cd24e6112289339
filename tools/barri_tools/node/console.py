# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A board's MicroPython prompt: run code there, and move files, each checked by its SHA-256.

Speaks through mpremote's serial transport. What the board prints is never passed on in an error,
because a file of settings may be among it.
"""

import contextlib
import hashlib
import io
import json
import time
from base64 import b64decode
from binascii import b2a_base64
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, Protocol

from barri_tools.node.errors import BoardFullError, CopyError, NodeToolError, NoPythonError
from barri_tools.node.ports import why_not_opened

_CHUNK_BYTES = 768  # 1024 characters on the line; a board's heap may be small
_PROMPT_TRIES = 15
_BETWEEN_TRIES_S = 1.0
_PROMPT_S = 5.0
_TIMEOUT_S = 60.0  # an answer; formatting the flash on the first boot takes some seconds
_RESET_S = 1.0
_SILENCE_S = 5.0  # a single read of the port
_ENOSPC = 28

_HELPERS = """\
import os, json, hashlib, binascii
def _sha256(path):
    digest, buffer = hashlib.sha256(), bytearray(1024)
    with open(path, "rb") as file:
        while True:
            count = file.readinto(buffer)
            if not count:
                return binascii.hexlify(digest.digest()).decode()
            digest.update(memoryview(buffer)[:count])
def _folders(path):
    at = -1
    while True:
        at = path.find("/", at + 1)
        if at < 0:
            return
        try:
            os.mkdir(path[:at])
        except OSError:
            pass
def _walk(path, depth=0):
    for entry in os.ilistdir(path or "."):
        name = path + "/" + entry[0] if path else entry[0]
        if entry[1] & 0x4000:
            if depth < 4 and entry[0] not in (".", ".."):
                for found in _walk(name, depth + 1):
                    yield found
        else:
            yield name
"""


class Line(Protocol):
    """The part of mpremote's SerialTransport that is used here."""

    def enter_raw_repl(self, soft_reset: bool = True, timeout_overall: float = 10) -> None: ...
    def exec_raw(self, command: str, timeout: float = 10) -> tuple[bytes, bytes]: ...
    def close(self) -> None: ...


def open_line(device: str, silence_s: float = _SILENCE_S) -> Line:
    """Open a serial port; silence_s: how long one read waits. Raises NodeToolError."""
    if find_spec("mpremote") is None:
        raise NoPythonError("mpremote is missing: pip install 'barri[flash]'")
    from mpremote.transport import TransportError  # type: ignore[import-untyped]  # noqa: PLC0415
    from mpremote.transport_serial import SerialTransport  # type: ignore[import-untyped]  # noqa: PLC0415
    from serial import (  # type: ignore[import-untyped]  # noqa: PLC0415
        SerialException,
        serial_for_url,
    )

    try:
        serial_for_url(device, exclusive=True).close()  # mpremote hides why a port does not open
        line: Line = SerialTransport(device, timeout=silence_s)
    except (SerialException, TransportError, OSError) as error:
        raise why_not_opened(device, _as_os_error(error)) from error
    return line


def _as_os_error(error: Exception) -> OSError:
    return error if isinstance(error, OSError) else OSError(None, str(error))


class Console:
    """A board at its prompt. Use as a context manager.

    open_line: device -> Line. sleep: seconds -> None. patience_s: how long an answer may take.
    """

    def __init__(
        self,
        device: str,
        open_line: Callable[[str], Line] = open_line,
        sleep: Callable[[float], None] = time.sleep,
        patience_s: float = _TIMEOUT_S,
    ) -> None:
        self._patience_s = patience_s
        self._device = device
        self._open_line = open_line
        self._sleep = sleep
        self._line: Line | None = None

    def __enter__(self) -> "Console":
        self.connect()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def connect(self) -> None:
        """Interrupt what runs and wait for the prompt; the port may vanish for a moment while a
        board restarts. Raises NodeToolError.
        """
        self.close()
        problem: NodeToolError = NoPythonError(_no_prompt(self._device))
        for _ in range(_PROMPT_TRIES):
            try:
                self._enter()
                self.run(_HELPERS)
                return
            except NodeToolError as error:
                self.close()
                problem = error
                if type(error).code in ("B03", "B04"):  # waiting does not help against these
                    break
            self._sleep(_BETWEEN_TRIES_S)
        raise problem

    def _enter(self) -> None:
        self._line = self._open_line(self._device)
        try:
            with contextlib.redirect_stdout(io.StringIO()):  # mpremote prints what it did not like
                self._line.enter_raw_repl(soft_reset=False, timeout_overall=_PROMPT_S)
        except Exception as error:  # mpremote's, pyserial's or the system's
            raise NoPythonError(_no_prompt(self._device)) from error

    def close(self) -> None:
        """Let go of the port."""
        if self._line is not None:
            with contextlib.suppress(Exception):  # it may be gone already
                self._line.close()
        self._line = None

    def run(self, code: str) -> str:
        """Run code on the board and give what it printed. Raises CopyError, BoardFullError."""
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                output, failure = self._demand_line().exec_raw(code, timeout=self._patience_s)
        except NodeToolError:
            raise
        except Exception as error:  # mpremote's, pyserial's or the system's
            raise CopyError(
                f"the board on {self._device} fell silent: use a short cable and no hub, and run"
                " the same command again"
            ) from error
        if failure:
            raise _board_error(failure.decode("utf-8", "replace"))
        return output.decode("utf-8", "replace").replace("\r\n", "\n")

    def ask(self, expression: str) -> Any:
        """The value of an expression, as JSON carries it. Raises CopyError."""
        answer = self.run(f"print(json.dumps({expression}))").strip()
        try:
            return json.loads(answer)
        except ValueError as error:
            raise CopyError("the board gave an answer that cannot be read: try again") from error

    def _demand_line(self) -> Line:
        if self._line is None:
            raise NoPythonError(_no_prompt(self._device))
        return self._line

    # --- files: names are relative to the board's root ---

    def hashes(self) -> dict[str, str]:
        """Every file on the board with its SHA-256 in hex."""
        found = self.ask("[[name, _sha256(name)] for name in _walk('')]")
        return {str(name): str(digest) for name, digest in found}

    def exists(self, name: str) -> bool:
        return bool(self.ask(f"{name!r} in os.listdir()"))

    def read(self, name: str) -> bytes:
        """A small file's content (at most 64 kB)."""
        self.run(f"_f = open({name!r}, 'rb')")
        encoded = self.ask("binascii.b2a_base64(_f.read(65536)).decode()")
        self.run("_f.close()")
        return b64decode(encoded)

    def write(
        self, name: str, octets: bytes, sent: Callable[[int], None] = lambda _: None
    ) -> None:
        """Write a file beside the old one, check it, then let it take the old one's place.

        sent: is told the number of octets after each piece.
        """
        fresh = name + ".new"
        self.run(f"_folders({name!r})\n_f = open({fresh!r}, 'wb')")
        for start in range(0, len(octets), _CHUNK_BYTES):
            piece = octets[start : start + _CHUNK_BYTES]
            text = b2a_base64(piece, newline=False).decode()
            self.run(f"_f.write(binascii.a2b_base64({text!r})); None")
            sent(len(piece))
        self.run("_f.close()")
        if self.ask(f"_sha256({fresh!r})") != hashlib.sha256(octets).hexdigest():
            self.remove(fresh)
            raise CopyError(f"{name} did not arrive as it was sent: try another cable")
        self.run(f"os.rename({fresh!r}, {name!r})")

    def remove(self, name: str) -> None:
        """Remove a file; one that is not there is fine."""
        self.run(f"try:\n    os.remove({name!r})\nexcept OSError:\n    pass")

    def restart(self) -> None:
        """Restart the chip, as the reset button does, and let go of the port."""
        with contextlib.suppress(Exception):  # it cannot answer any more
            self._demand_line().exec_raw("import machine\nmachine.reset()", timeout=_RESET_S)
        self.close()
        self._sleep(_BETWEEN_TRIES_S)


def _board_error(traceback: str) -> NodeToolError:
    """The error for an exception on the board, by its type alone."""
    last = traceback.strip().splitlines()[-1] if traceback.strip() else ""
    if last.startswith(f"OSError: [Errno {_ENOSPC}]") or last.startswith(f"OSError: {_ENOSPC}"):
        return BoardFullError(
            "the board's file system is full: remove files of yours from it, or flash it anew"
            " with --erase"
        )
    kind = last.partition(":")[0][:40]
    detail = last.partition(":")[2].strip()[:40] if kind == "OSError" else ""
    return CopyError(
        f"the board could not do what was asked ({f'{kind} {detail}'.strip()}): press its reset"
        " button and run the same command again"
    )


def _no_prompt(device: str) -> str:
    return (
        f"no MicroPython prompt on {device}. Press the board's reset button and try again. If the"
        " board has never been flashed: barri node flash"
    )
