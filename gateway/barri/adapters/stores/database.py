# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""One SQLite file with one writer: a thread that groups what callers want written into commits.

A call to `write` returns after the commit that holds its work has reached the disk. A file
that was not closed properly is checked, and salvaged if damaged, before it is used again.
"""

import asyncio
import contextlib
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

import apsw

from barri.adapters.stores.marker import RunningMarker
from barri.adapters.stores.salvage import Salvaged, is_sound, salvage
from barri.errors import StoreError

GROUP_COUNT = 200  # at most this many pieces of work in one commit
GROUP_TIME_S = 0.05  # and at most this long from the first of them to the commit
QUIET_TIME_S = 0.002  # commit at once when nobody brought work for this long
FIRST_SOUND_VERSION = 3_051_003  # earlier ones are reported to have a WAL bug that loses commits
BUSY_TIMEOUT_MS = 5000

T = TypeVar("T")
Work = Callable[[apsw.Connection], Any]
Job = tuple[Work, Future[Any]]
DAMAGE = (apsw.CorruptError, apsw.NotADBError)
DISK_TROUBLE = (*DAMAGE, apsw.FullError, apsw.IOError, apsw.ReadOnlyError, apsw.NoMemError)


class GroupLostError(Exception):
    """A whole group of work has to be undone. Its cause says why."""


class Database:
    """The gateway's own file. Exactly one process may open it for writing.

    path: the file; created when missing. vfs: a SQLite VFS by name (test rigs).
    sqlite_version: as number, 3051003 for 3.51.3; tests give others.
    Raises StoreError when another process has it, or this SQLite is one that loses commits.
    `salvaged` tells what was saved and lost when the file had to be repaired, else None.
    """

    def __init__(
        self, path: Path | str, vfs: str | None = None, sqlite_version: int | None = None
    ) -> None:
        refuse_unsound_sqlite(sqlite_version or version_number(apsw.sqlite_lib_version()))
        self.path = Path(path)
        self.salvaged: Salvaged | None = None
        self._vfs = vfs
        self._marker = RunningMarker(self.path)
        try:
            self._repair_if_needed()
            self._writer = open_writer(self.path, vfs)
        except BaseException:
            self._marker.release(clean=False)
            raise
        self._reader: apsw.Connection | None = None
        self._reader_lock = threading.RLock()
        self._sound = True
        self._door = threading.Lock()
        self._closed = False
        self._queue: queue.Queue[Job | None] = queue.Queue()
        self._thread = threading.Thread(target=self._run, name="barri-writer", daemon=True)
        self._thread.start()

    def _repair_if_needed(self) -> None:
        if self._marker.was_unclean and self.path.is_file() and not is_sound(self.path):
            self.salvaged = salvage(self.path)

    def submit(self, fn: Callable[[apsw.Connection], T]) -> "Future[T]":
        """Queue `fn` for the next commit. Its future resolves after that commit."""
        future: Future[T] = Future()
        with self._door:
            if self._closed:
                raise StoreError(f"{self.path.name} is closed: nothing can be written any more")
            self._queue.put((fn, future))
        return future

    async def write(self, fn: Callable[[apsw.Connection], T]) -> T:
        """Run `fn` in a savepoint of the next commit and return its result after the commit.

        What `fn` raises is raised here, and only its own changes are undone. StoreError means
        that the commit itself failed (disk full, damaged file): nothing of it was kept.
        """
        return await asyncio.wrap_future(self.submit(fn))

    def write_now(self, fn: Callable[[apsw.Connection], T]) -> T:
        """Do the same for callers outside asyncio, such as set-up: wait for the commit."""
        return self.submit(fn).result()

    def read(self, fn: Callable[[apsw.Connection], T]) -> T:
        """Run `fn` on the read-only connection, in one snapshot. Keep it short."""
        with self._reader_lock:
            if self._reader is None:
                self._reader = open_reader(self.path, self._vfs)
            try:
                with self._reader:
                    result = fn(self._reader)
            except DAMAGE as error:
                raise self._damaged(error) from error
        return result

    def close(self) -> None:
        """Finish what is queued, then close the file. Safe to call twice."""
        with self._door:
            if self._closed:
                return
            self._closed = True
            self._queue.put(None)
        self._thread.join()
        with self._reader_lock:
            if self._reader is not None:
                self._reader.close()
        self._writer.close()
        self._marker.release(clean=self._sound)

    def _run(self) -> None:
        while group := self._next_group():
            self._commit(group)

    def _next_group(self) -> list[Job]:
        """Wait for work, then gather more of it for a moment. Empty: the end was asked for."""
        job = self._queue.get()
        group: list[Job] = []
        closing_s = time.monotonic() + GROUP_TIME_S
        while job is not None:
            group.append(job)
            wait_s = min(QUIET_TIME_S, closing_s - time.monotonic())
            if len(group) == GROUP_COUNT or wait_s <= 0:
                return group
            try:  # of queue.Queue: SimpleQueue can wait for ever when the time is over already
                job = self._queue.get(timeout=wait_s)
            except queue.Empty:
                return group
        if group:
            self._queue.put(None)  # first finish these, then end
        return group

    def _commit(self, group: list[Job]) -> None:
        """Run a group in one transaction, then tell each caller how it went."""
        jobs = [job for job in group if job[1].set_running_or_notify_cancel()]
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            outcomes = [self._attempt(fn) for fn, _ in jobs]
            self._writer.execute("COMMIT")
        except (apsw.Error, GroupLostError) as error:
            self._roll_back()
            outcomes = [(None, self._explain(error))] * len(jobs)
        for (_, future), (result, failure) in zip(jobs, outcomes, strict=True):
            if failure is None:
                future.set_result(result)
            else:
                future.set_exception(failure)

    def _attempt(self, fn: Work) -> tuple[Any, Exception | None]:
        """Run one piece of work in its savepoint; GroupLostError when no other can go on."""
        self._writer.execute("SAVEPOINT work")
        try:
            result, failure = fn(self._writer), None
        except Exception as error:  # whatever it is, it belongs to the caller
            if isinstance(error, DISK_TROUBLE) or not self._writer.in_transaction:
                raise GroupLostError(str(error)) from error
            self._writer.execute("ROLLBACK TO work")
            result, failure = None, error
        self._writer.execute("RELEASE work")
        return result, failure

    def _roll_back(self) -> None:
        with contextlib.suppress(apsw.Error):  # the commit's own error is the one to report
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")

    def _explain(self, error: Exception) -> StoreError:
        cause = error.__cause__ or error
        if isinstance(cause, DAMAGE):
            return self._damaged(cause)
        return StoreError(
            f"{self.path.name} could not be written ({cause}): "
            "check the free space and the disk's health"
        )

    def _damaged(self, error: BaseException) -> StoreError:
        self._sound = False
        return StoreError(
            f"{self.path.name} is damaged ({error}): restart the gateway, it will salvage the file"
        )


def version_number(version: str) -> int:
    """Turn '3.51.3' into 3051003, SQLite's own way of counting."""
    major, minor, patch = (int(part) for part in version.split(".")[:3])
    return major * 1_000_000 + minor * 1000 + patch


def refuse_unsound_sqlite(version: int) -> None:
    """Raise StoreError for a SQLite that can lose commits when two connections use one WAL."""
    if version < FIRST_SOUND_VERSION:
        raise StoreError(
            f"SQLite {version} can lose commits (3.51.3 is the first without the fault): "
            "install the apsw wheel, which brings its own SQLite"
        )


def open_writer(path: Path, vfs: str | None = None) -> apsw.Connection:
    """Open for writing: WAL, every commit synced. Raises StoreError when that cannot be had."""
    try:
        connection = apsw.Connection(str(path), vfs=vfs)
        connection.set_busy_timeout(BUSY_TIMEOUT_MS)
        mode = connection.pragma("journal_mode", "wal")
        connection.pragma("synchronous", 2)
        connection.pragma("cell_size_check", 1)
        connection.pragma("trusted_schema", 0)
        connection.pragma("journal_size_limit", 16 * 1024 * 1024)
    except apsw.Error as error:
        raise StoreError(f"{path} cannot be opened: {error}") from error
    if mode != "wal" or connection.pragma("synchronous") != 2:
        connection.close()
        raise StoreError(f"{path}: this disk does not allow a WAL with full synchronisation")
    return connection


def open_reader(path: Path, vfs: str | None = None) -> apsw.Connection:
    """Open read-only. Raises StoreError when the file is missing or cannot be read."""
    try:
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY, vfs=vfs)
        connection.set_busy_timeout(BUSY_TIMEOUT_MS)
    except apsw.Error as error:
        raise StoreError(f"{path} cannot be opened for reading: {error}") from error
    return connection
