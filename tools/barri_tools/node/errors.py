# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What can go wrong between a computer and a board, each with a code and with what to do.

docs/flashing.md has a row for each code; a test compares. No text ever holds a setting's value.
"""

from barri.errors import BarriError


class NodeToolError(BarriError):
    """The base; `code` stands at the end of the text and in the table of docs/flashing.md."""

    code = ""

    def __init__(self, text: str) -> None:
        super().__init__(f"{text} [{self.code}]")


class NoPortError(NodeToolError):
    """No board is to be seen, or the port given is not there."""

    code = "B01"


class SeveralPortsError(NodeToolError):
    """More than one board is plugged in."""

    code = "B02"


class PortDeniedError(NodeToolError):
    """This user may not open the port."""

    code = "B03"


class PortBusyError(NodeToolError):
    """Another program holds the port."""

    code = "B04"


class NoAnswerError(NodeToolError):
    """The port opens, and nothing on it speaks the chip's loader."""

    code = "B05"


class WrongChipError(NodeToolError):
    """The chip is not the one of the board that was named."""

    code = "B06"


class FlashTooSmallError(NodeToolError):
    """The flash is smaller than MicroPython's image and our partitions need."""

    code = "B07"


class ImageError(NodeToolError):
    """The MicroPython image is missing, damaged, or another than this board needs."""

    code = "B08"


class OccupiedError(NodeToolError):
    """The board carries something that flashing would erase, and nobody has agreed to that."""

    code = "B09"


class WriteError(NodeToolError):
    """Flashing began and did not end well."""

    code = "B10"


class NoPythonError(NodeToolError):
    """No MicroPython prompt appears."""

    code = "B11"


class WrongPythonError(NodeToolError):
    """The MicroPython on the board cannot load the files that we compile."""

    code = "B12"


class BoardFullError(NodeToolError):
    """The board's file system has no room left."""

    code = "B13"


class CopyError(NodeToolError):
    """A file did not arrive as it was sent, or the board fell silent while it was copied."""

    code = "B14"


class NodeSettingsError(NodeToolError):
    """A setting is missing or cannot be used."""

    code = "B15"


class RegistryError(NodeToolError):
    """The gateway's registry cannot take this board as things stand."""

    code = "B16"


class ReleaseError(NodeToolError):
    """A release of the firmware cannot be made, or not be put where the gateway looks."""

    code = "B17"
