# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A damaged gateway.db is salvaged to the last valid record, and never discarded."""

import random
import shutil
from pathlib import Path

import apsw
import pytest

from barri.adapters.stores.database import Database
from barri.adapters.stores.frame_row import FrameRow, insert_many, intact_row
from barri.adapters.stores.log import LogWriter, create, load_state, read_frames
from barri.adapters.stores.rows_in_pages import leaf_rows
from barri.domain.holding import Key
from barri.domain.ranges import Ranges
from barri.errors import StoreError

PAGE = 4096
FRAMES = 3000
LONG = 9000  # bytes: spread over several pages


def body(frame_id: int) -> bytes:
    size = LONG if frame_id % 500 == 0 else 40 + frame_id % 60
    return random.Random(frame_id).randbytes(size)


def fill(path: Path, checkpoint: bool = True) -> None:
    """Make a file with many frames and other rows, as after a power cut (not closed properly)."""
    database = Database(path)

    def work(connection: apsw.Connection) -> None:
        create(connection)
        for i in range(1, FRAMES + 1):
            row = FrameRow(i, "balcony1", 7, 10 * i, 10, None, 1_780_000_000 + i, 0, body(i))
            connection.execute(insert_many(1), row.sealed())
        for i in range(500):
            connection.execute("INSERT INTO alarm VALUES (?, 0, 'kind', 1, 1, 1)", (f"n{i:03}",))
            connection.execute("INSERT INTO void VALUES (NULL, 'balcony1', 7, ?, 1, 1, 1)", (i,))

    database.write_now(work)
    if checkpoint:
        database.write_now(lambda c: None)
        database.close()
        path.with_name(path.name + ".state").unlink()  # as if it had not been closed
        return
    copy = path.with_name("copy.db")
    for end in ("", "-wal"):
        shutil.copy(path.with_name(path.name + end), copy.with_name(copy.name + end))
    database.close()
    for end in ("", "-wal"):
        path.with_name(path.name + end).unlink(missing_ok=True)
        copy.with_name(copy.name + end).rename(path.with_name(path.name + end))
    path.with_name(path.name + ".state").unlink()


def damage_page(path: Path, number: int) -> None:
    with path.open("r+b") as file:
        file.seek((number - 1) * PAGE)
        file.write(random.Random(number).randbytes(PAGE))


def page_of_root(path: Path, table: str) -> int:
    connection = apsw.Connection(str(path))
    (root,) = next(
        connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,))
    )
    connection.close()
    return int(root)


def saved(path: Path) -> tuple[Database, list[FrameRow]]:
    database = Database(path)
    rows = database.read(lambda c: read_frames(c, 0, FRAMES + 1))
    assert database.read(lambda c: c.pragma("integrity_check")) == "ok"
    assert all(row.is_intact() and row.body == body(row.id) for row in rows)
    return database, rows


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "gateway.db"


def test_an_unclean_but_sound_file_is_left_as_it_is(path: Path) -> None:
    fill(path)
    database, rows = saved(path)
    assert database.salvaged is None
    assert len(rows) == FRAMES
    database.close()


def test_a_flipped_page_costs_only_what_it_held_and_the_old_file_stays(path: Path) -> None:
    fill(path)
    damage_page(path, path.stat().st_size // PAGE // 2)
    damaged = path.read_bytes()
    database, rows = saved(path)
    assert database.salvaged is not None
    assert database.salvaged.incomplete
    assert database.salvaged.damaged.read_bytes() == damaged
    assert len(rows) >= FRAMES - 60
    database.write_now(lambda c: c.execute("INSERT INTO alarm VALUES ('new1', 0, 'k', 1, 1, 1)"))
    database.close()


def test_the_root_page_of_the_log_leads_nowhere_and_all_frames_are_found_still(path: Path) -> None:
    fill(path)
    damage_page(path, page_of_root(path, "frame"))
    database, rows = saved(path)
    assert len(rows) == FRAMES
    assert database.salvaged is not None
    assert database.salvaged.incomplete == ["frame"]
    assert len(database.read(lambda c: list(c.execute("SELECT * FROM void")))) == 500
    database.close()


def test_a_file_without_its_first_page_still_gives_its_frames(path: Path) -> None:
    fill(path)
    damage_page(path, 1)
    database, rows = saved(path)
    assert len(rows) == FRAMES
    assert database.salvaged is not None
    assert database.salvaged.incomplete == ["everything but frames"]
    database.write_now(create)
    database.close()


@pytest.mark.parametrize("share", [0.9, 0.5, 0.3])
def test_a_truncated_file_keeps_what_lies_before_the_cut(path: Path, share: float) -> None:
    fill(path)
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.truncate(int(size * share))
    database, rows = saved(path)
    assert database.salvaged is not None
    assert len(rows) > 0.8 * share * FRAMES - 60
    database.close()


def test_frames_in_the_wal_are_found_although_the_main_file_is_gone(path: Path) -> None:
    fill(path, checkpoint=False)
    path.write_bytes(random.Random(1).randbytes(PAGE))
    _, rows = saved(path)
    assert len(rows) == FRAMES


def test_an_empty_or_foreign_file_is_set_aside_and_the_gateway_starts(path: Path) -> None:
    path.write_bytes(b"not a database, but somebody's text " * 300)
    database = Database(path)
    assert database.salvaged is not None
    assert b"somebody's text" in database.salvaged.damaged.read_bytes()
    database.write_now(create)
    database.close()


def test_damage_met_while_running_is_repaired_at_the_next_start(path: Path) -> None:
    fill(path)
    Database(path).close()  # clean again
    root = page_of_root(path, "void")
    damage_page(path, root)
    database = Database(path)
    assert database.salvaged is None
    with pytest.raises(StoreError, match="restart the gateway"):
        database.read(lambda c: list(c.execute("SELECT * FROM void")))
    database.close()
    database, rows = saved(path)
    assert database.salvaged is not None
    assert len(rows) == FRAMES
    database.close()


def received(path: Path) -> Ranges:
    database = Database(path)
    held = database.read(load_state).held[Key("balcony1", 7)]
    database.close()
    return held.stored


def checkpointed(path: Path) -> None:
    """Fill, and save the ranges as of frame 1000."""
    fill(path)
    database = Database(path)
    ranges = {Key("balcony1", 7): Ranges([(10, 10 * 1000)])}
    database.write_now(lambda c: LogWriter(c).checkpoint(1000, 0, ranges))
    database.close()
    path.with_name(path.name + ".state").unlink()


def test_frames_lost_after_the_checkpoint_are_not_claimed_to_be_held(path: Path) -> None:
    checkpointed(path)
    damage_page(path, path.stat().st_size // PAGE - 20)
    database, rows = saved(path)
    database.close()
    lost = set(range(1, FRAMES + 1)) - {row.id for row in rows}
    assert lost
    assert min(lost) > 1000
    assert received(path) == Ranges((10 * row.id, 10) for row in rows)


def test_without_its_saved_ranges_the_log_knows_them_from_its_frames(path: Path) -> None:
    checkpointed(path)
    damage_page(path, page_of_root(path, "received"))
    database, rows = saved(path)
    assert database.salvaged is not None
    assert database.salvaged.incomplete == ["received"]
    database.close()
    assert len(rows) == FRAMES
    assert received(path) == Ranges([(10, 10 * FRAMES)])


def test_damage_after_damage_keeps_every_old_file(path: Path) -> None:
    for _ in range(2):
        path.write_bytes(b"rubbish" * 1000)
        path.with_name(path.name + ".state").unlink(missing_ok=True)
        Database(path).close()
    assert len(list(path.parent.glob("gateway.db.damaged-*"))) == 2


def test_random_damage_never_raises_and_never_invents_a_frame(path: Path) -> None:
    fill(path)
    original = path.read_bytes()
    chance = random.Random(3)
    for _ in range(12):
        torn = bytearray(original)
        for _ in range(chance.randrange(1, 6)):
            start = chance.randrange(len(torn))
            torn[start : start + chance.randrange(1, 3000)] = chance.randbytes(8)
        path.write_bytes(torn)
        found = [intact_row(row) for row in leaf_rows(path)]
        assert all(row.body == body(row.id) for row in found if row)
        path.with_name(path.name + ".state").unlink(missing_ok=True)
        Database(path).close()
