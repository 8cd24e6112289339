# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The gateway as a board's tools see it: its registry, and the certificate that nodes know it by.

The registry is home.db, which the page writes to as well: each waits for the other, some seconds
at most. Loads the database: import it only where that is wanted.
"""

import contextlib
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import apsw

from barri.adapters.sources.certificate import CERTIFICATE, fingerprint
from barri.adapters.stores.home import Home
from barri.config import Config
from barri.domain.desired import Desired
from barri.domain.household import Board, HouseholdError, Thing
from barri.errors import StoreError
from barri_tools.node.errors import NodeSettingsError, RegistryError

_NOT_ALLOWED = (apsw.ReadOnlyError, apsw.PermissionsError, apsw.CantOpenError, PermissionError)

T = TypeVar("T")


class Registry:
    """Things and boards of a gateway. Use as a context manager; each write is durable on return.

    Opening proves that it can be written to. What cannot be done raises RegistryError, with what
    to do; the store's own errors that say so already stay as they are.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        if not path.parent.is_dir():
            raise RegistryError(
                f"there is no folder {path.parent}: run this on the gateway, or correct `data` in"
                " its settings"
            )
        self._home = self._explaining(self._open)

    def __enter__(self) -> "Registry":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._home.close()

    def things(self) -> list[Thing]:
        """All Things, by name."""
        return self._explaining(self._home.things)

    def boards(self) -> list[Board]:
        """All boards, those that no longer serve included."""
        return self._explaining(self._home.boards)

    def add_thing(self, thing: Thing) -> None:
        """Add a Thing, or say its properties anew."""
        self._explaining(lambda: self._home.add_thing(thing))

    def add_board(self, board: Board) -> None:
        """Add a board, or say anew whom it serves, until when and with which keys."""
        self._explaining(lambda: self._home.add_board(board))

    def desired(self, node: str) -> Desired:
        """What is desired of a board. Raises HouseholdError for one that does not serve."""
        if node not in [board.node for board in self.boards() if board.to_s is None]:
            raise HouseholdError(f"{node[:40]!r} does not serve here: the page shows who does")
        return self._explaining(self._home.desired).get(node, Desired(node))

    def desire(self, desired: Desired) -> None:
        """Say what is desired of a board from now on."""
        self._explaining(lambda: self._home.desire(desired))

    def has_seal_key(self, node: str) -> bool:
        """Say whether a board that serves now seals its messages."""
        return self._explaining(lambda: self._home.seal_key(node)) is not None

    def _open(self) -> Home:
        if not self._path.exists():
            _make_private(self._path)
        _close_to_strangers(self._path)
        return Home(self._path)

    def _explaining(self, act: Callable[[], T]) -> T:
        try:
            return act()
        except (apsw.Error, OSError) as error:
            raise self._explained(error) from error
        except StoreError as error:
            if error.__cause__ is None:
                raise
            raise self._explained(error.__cause__) from error

    def _explained(self, error: BaseException) -> RegistryError:
        again = "run the same command again"
        if isinstance(error, apsw.BusyError):
            return RegistryError(
                f"another program keeps writing to {self._path} (a backup? another barri node"
                f" provision?): let it end, and {again}"
            )
        if isinstance(error, _NOT_ALLOWED):
            return RegistryError(
                f"this user may not write to {self._path}: {again} as the user that the gateway"
                " runs as (sudo -u NAME ...)"
            )
        return RegistryError(
            f"{self._path} could not be written ({type(error).__name__}): check the free space"
            f" and the disk, and {again}"
        )


def pinned_key(config: Config) -> str | None:
    """The fingerprint that a board is to know the gateway by; None for a line without TLS.

    The certificate is the gateway's to make, since its key has to belong to the gateway's user.
    """
    if not config.broker.tls:
        return None
    path = config.data / CERTIFICATE
    if not path.is_file():
        raise NodeSettingsError(
            f"{path} is missing, and boards must know the gateway by it (tls = true): start"
            " barri gateway once, which makes it. On another computer: copy it from the gateway"
        )
    return fingerprint(path)


def _make_private(path: Path) -> None:
    """An empty file for its owner's eyes. Root gives it to whom the folder belongs."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    if os.name == "posix" and os.geteuid() == 0:
        folder = path.parent.stat()
        os.chown(path, folder.st_uid, folder.st_gid)


def _close_to_strangers(path: Path) -> None:
    """Seal keys will be in it. Its group may go on reading: gateway and page may be two users."""
    for file in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        with contextlib.suppress(FileNotFoundError, PermissionError):  # its owner's to decide
            file.chmod(stat.S_IMODE(file.stat().st_mode) & ~stat.S_IRWXO)
