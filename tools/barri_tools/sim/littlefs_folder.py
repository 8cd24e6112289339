# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The node's segment files on a real littlefs in CPython, over any block device.

MicroPython brings its own littlefs; here `littlefs-python` brings the same C code. Only for
measuring and testing: `barri_node.store.files` gets these `os` and `open` instead of its own.
"""

import errno
import io
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import littlefs
from littlefs.errors import LittleFSError

from barri_node.store import files
from barri_tools.sim.nor_flash import BLOCK_BYTES, ERASE, SYNC, NorFlash

UNIT_BYTES = 32  # as MicroPython's ESP32 port reads and programs
_CACHE_BYTES = 4 * UNIT_BYTES  # as its VfsLfs2 does
_LOOKAHEAD_BYTES = 32
_DIRECTORY, _FILE = 0x4000, 0x8000  # as MicroPython's ilistdir says it


class _Context(littlefs.UserContext):
    """Hands littlefs's requests to a flash."""

    def __init__(self, flash: NorFlash) -> None:
        super().__init__(0)
        self._flash = flash

    def read(self, cfg: Any, block: int, off: int, size: int) -> bytearray:
        found = bytearray(size)
        self._flash.readblocks(block, found, off)
        return found

    def prog(self, cfg: Any, block: int, off: int, data: bytes) -> int:
        return self._flash.writeblocks(block, data, off)

    def erase(self, cfg: Any, block: int) -> int:
        return self._flash.ioctl(ERASE, block)

    def sync(self, cfg: Any) -> int:
        return self._flash.ioctl(SYNC, 0)


class _File(io.RawIOBase):
    """A file whose errors are OSErrors and whose end is that of its `with`."""

    def __init__(self, file: Any) -> None:
        super().__init__()
        self._file = file

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return bytes(_told(self._file.read, size))

    def readinto(self, buf: Any) -> int:
        found = self.read(len(buf))
        buf[: len(found)] = found
        return len(found)

    def write(self, data: Any) -> int:
        return int(_told(self._file.write, bytes(data)))

    def seek(self, offset: int, whence: int = 0) -> int:
        return int(_told(self._file.seek, offset, whence))

    def close(self) -> None:
        if not self.closed:
            super().close()
            _told(self._file.close)


def _told(call: Any, *arguments: Any) -> Any:
    try:
        return call(*arguments)
    except LittleFSError as error:
        raise OSError(-error.code, str(error)) from error
    except FileNotFoundError as error:  # it comes without a number
        raise OSError(errno.ENOENT, str(error)) from error
    except FileExistsError as error:
        raise OSError(errno.EEXIST, str(error)) from error


class LittlefsFolder:
    """A littlefs on a flash, made when `fresh`. `segments` are those of the folder `log`."""

    def __init__(self, flash: NorFlash, fresh: bool = False) -> None:
        self._fs = littlefs.LittleFS(
            context=_Context(flash), block_size=BLOCK_BYTES,
            block_count=len(flash.image) // BLOCK_BYTES, read_size=UNIT_BYTES,
            prog_size=UNIT_BYTES, cache_size=_CACHE_BYTES, lookahead_size=_LOOKAHEAD_BYTES,
            mount=False,
        )  # fmt: skip
        if fresh:
            self._fs.format()
        self._fs.mount()

    def segments(self) -> files.SegmentFiles:
        """Make the medium; it takes this littlefs for the only one there is."""
        self.enter()
        return files.SegmentFiles("/log")

    def enter(self) -> None:
        """Let the node's module work on this littlefs from now on."""
        mine = SimpleNamespace(mkdir=self._mkdir, remove=self._remove, ilistdir=self._list)
        vars(files).update(os=mine, open=self._open)

    def _mkdir(self, path: str) -> None:
        _told(self._fs.mkdir, path)

    def _remove(self, path: str) -> None:
        _told(self._fs.remove, path)

    def _list(self, path: str) -> Iterator[tuple[str, int, int, int]]:
        for entry in _told(self._fs.scandir, path):
            kind = _FILE if entry.type == _REGULAR else _DIRECTORY
            yield entry.name, kind, 0, entry.size

    def _open(self, path: str, mode: str) -> _File:
        return _File(_told(self._fs.open, path, mode, 0))


_REGULAR = 1
