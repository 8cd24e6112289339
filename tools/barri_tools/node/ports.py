# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Serial ports: which one the board is on, and why one cannot be opened."""

import errno
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import NamedTuple

from barri_tools.node.errors import (
    NodeToolError,
    NoPortError,
    PortBusyError,
    PortDeniedError,
    SeveralPortsError,
)

# USB vendors of the chips on ESP32 boards, by usb.org's list of numbers.
_BOARD_VENDORS = {
    0x303A: "Espressif's own USB",
    0x10C4: "Silicon Labs CP210x",
    0x1A86: "WCH CH340 or CH910x",
    0x0403: "FTDI",
    0x067B: "Prolific",
}


class Port(NamedTuple):
    """A serial port. device: its name, such as /dev/ttyUSB0. vendor: the USB vendor's number."""

    device: str
    vendor: int | None
    description: str

    def __str__(self) -> str:
        return f"{self.device} ({_BOARD_VENDORS.get(self.vendor or 0, self.description)})"


def usb_ports() -> list[Port]:
    """What is plugged in now."""
    if find_spec("serial") is None:
        raise NoPortError("pyserial is missing: pip install 'barri[flash]'")
    from serial.tools import list_ports  # type: ignore[import-untyped]  # noqa: PLC0415

    found = (Port(p.device, p.vid, p.description or "") for p in list_ports.comports())
    return sorted(found)


def choose(asked: str | None, ports: Callable[[], Sequence[Port]] = usb_ports) -> str:
    """The port that was asked for, else the only one that may be a board's.

    Raises NoPortError or SeveralPortsError.
    """
    if asked:
        return asked
    boards = [port for port in ports() if port.vendor in _BOARD_VENDORS]
    if not boards:
        raise NoPortError(
            "no board is plugged in. Try another USB cable first: many only charge and have no"
            " data wires. Then another socket of the computer, without a hub"
        )
    if len(boards) > 1:
        listed = ", ".join(str(port) for port in boards)
        raise SeveralPortsError(
            f"several boards may be plugged in: {listed}. Unplug the others, or choose with --port"
        )
    return boards[0].device


def why_not_opened(device: str, error: OSError) -> NodeToolError:
    """The error that says what to do when a port does not open."""
    text = str(error).lower()
    if error.errno in (errno.EACCES, errno.EPERM) or "permission denied" in text:
        return PortDeniedError(
            f"this user may not open {device}. On Linux: sudo usermod -aG dialout $USER, then log"
            " out and in again"
        )
    if error.errno in (errno.EBUSY, errno.EAGAIN) or "busy" in text or "exclusively" in text:
        return PortBusyError(
            f"another program holds {device}: close the serial monitor, Thonny, Arduino or the"
            " other barri that uses it"
        )
    return NoPortError(
        f"there is no port {device}: is the board plugged in? barri node ports lists them"
    )
