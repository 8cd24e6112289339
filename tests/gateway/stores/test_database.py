# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The database: commits are durable, grouped and bounded; damage is salvaged, never discarded."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import pytest

from barri.adapters.stores import database as module
from barri.adapters.stores.database import GROUP_COUNT, Database, refuse_unsound_sqlite
from barri.errors import StoreError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "gateway.db"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    database = Database(path)
    database.write_now(lambda c: c.execute("CREATE TABLE note (id INTEGER PRIMARY KEY, text)"))
    yield database
    database.close()


def insert(text: str) -> Callable[[apsw.Connection], None]:
    def work(connection: apsw.Connection) -> None:
        connection.execute("INSERT INTO note (text) VALUES (?)", (text,))

    return work


def texts(database: Database) -> list[str]:
    return database.read(lambda c: [row[0] for row in c.execute("SELECT text FROM note")])


def test_what_was_written_is_there_when_write_returns(database: Database) -> None:
    asyncio.run(database.write(insert("first")))
    assert texts(database) == ["first"]


def test_the_file_is_a_wal_with_full_synchronisation(database: Database) -> None:
    settings = database.write_now(lambda c: (c.pragma("journal_mode"), c.pragma("synchronous")))
    assert settings == ("wal", 2)


def test_many_callers_share_few_commits(database: Database) -> None:
    commits: list[int] = []
    database.write_now(lambda c: c.set_commit_hook(lambda: bool(commits.append(1))))
    commits.clear()

    async def all_at_once() -> None:
        await asyncio.gather(*(database.write(insert(str(i))) for i in range(1000)))

    asyncio.run(all_at_once())
    assert len(texts(database)) == 1000
    assert 1000 / GROUP_COUNT <= len(commits) <= 50


def test_a_group_is_never_larger_than_its_bound(database: Database) -> None:
    sizes: list[int] = []
    size = [0]

    def commit() -> bool:
        sizes.append(size[0])
        size[0] = 0
        return False

    def count(connection: apsw.Connection) -> None:
        size[0] += 1
        insert("x")(connection)

    database.write_now(lambda c: c.set_commit_hook(commit))
    futures = [database.submit(count) for _ in range(3 * GROUP_COUNT)]
    for future in futures:
        future.result()
    assert max(sizes) <= GROUP_COUNT
    assert sum(sizes) == 3 * GROUP_COUNT


def test_failing_work_is_undone_alone_and_its_error_comes_back(database: Database) -> None:
    started = threading.Event()

    def hold(connection: apsw.Connection) -> None:
        started.wait(5)

    def fail(connection: apsw.Connection) -> None:
        insert("half done")(connection)
        raise ValueError("planned")

    database.submit(hold)
    before, failing, after = (database.submit(w) for w in (insert("a"), fail, insert("b")))
    started.set()
    assert before.result() is None
    with pytest.raises(ValueError, match="planned"):
        failing.result()
    assert after.result() is None
    assert texts(database) == ["a", "b"]


def test_a_full_disk_fails_the_group_with_advice_and_keeps_nothing_of_it(
    database: Database,
) -> None:
    pages = database.write_now(lambda c: c.pragma("page_count"))
    database.write_now(lambda c: c.pragma("max_page_count", pages + 2))
    with pytest.raises(StoreError, match="free space"):
        database.write_now(insert("x" * 100_000))
    database.write_now(lambda c: c.pragma("max_page_count", pages + 1000))
    database.write_now(insert("small"))
    assert texts(database) == ["small"]


def test_a_cancelled_caller_does_not_stop_the_writer(database: Database) -> None:
    async def cancel_one() -> None:
        task = asyncio.create_task(database.write(insert("maybe")))
        await asyncio.sleep(0)
        task.cancel()
        await database.write(insert("surely"))

    asyncio.run(cancel_one())
    assert "surely" in texts(database)


def test_reading_sees_one_snapshot_and_cannot_write(database: Database) -> None:
    def look_twice(connection: apsw.Connection) -> tuple[int, int]:
        first = next(connection.execute("SELECT count(*) FROM note"))[0]
        database.write_now(insert("meanwhile"))
        return first, next(connection.execute("SELECT count(*) FROM note"))[0]

    assert database.read(look_twice) == (0, 0)
    assert texts(database) == ["meanwhile"]
    with pytest.raises(apsw.ReadOnlyError):
        database.read(insert("never"))


def test_a_writer_that_is_held_up_while_gathering_still_commits(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The moment to wait for company may be over before the waiting begins."""
    monkeypatch.setattr(module, "QUIET_TIME_S", 1e-9)
    for _ in range(1500):  # with a queue that can hang it does after some hundreds
        slow = database.submit(lambda _connection: time.sleep(0.002))
        time.sleep(0.001)  # real time: the writer thread has to be in the middle of its work
        after = database.submit(lambda _connection: None)
        slow.result(timeout=10)
        after.result(timeout=10)


def test_closing_finishes_what_is_queued_and_then_refuses(path: Path, database: Database) -> None:
    futures = [database.submit(insert(str(i))) for i in range(500)]
    database.close()
    database.close()
    assert all(future.done() for future in futures)
    with pytest.raises(StoreError, match="closed"):
        database.submit(insert("late"))
    again = Database(path)
    assert len(texts(again)) == 500
    again.close()


def test_a_second_gateway_is_refused(path: Path, database: Database) -> None:
    with pytest.raises(StoreError, match="another gateway"):
        Database(path)
    database.write_now(insert("unharmed"))


@pytest.mark.parametrize("version", [3_040_001, 3_051_002])
def test_a_sqlite_that_loses_commits_is_refused(path: Path, version: int) -> None:
    with pytest.raises(StoreError, match=r"3\.51\.3"):
        Database(path, sqlite_version=version)
    refuse_unsound_sqlite(3_051_003)


def test_a_directory_that_cannot_hold_the_file_gives_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "gateway.db").mkdir()
    with pytest.raises(StoreError, match="cannot be opened"):
        Database(tmp_path / "gateway.db")


def test_the_sqlite_in_use_is_counted_as_sqlite_counts() -> None:
    assert module.version_number("3.51.3") == 3_051_003
    assert module.version_number(apsw.sqlite_lib_version()) == apsw.SQLITE_VERSION_NUMBER
