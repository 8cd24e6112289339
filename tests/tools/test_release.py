# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A release is what a board gets by cable, less boot.py, with a MANIFEST that nodes can check."""

import hashlib
from pathlib import Path

import pytest

from barri_tools import release
from barri_tools.firmware import FirmwareError
from barri_wire.messages_update import parse_head, parse_line


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, mpy_cross: str) -> Path:
    directory = tmp_path_factory.mktemp("release")
    release.make(directory, 7, ("xtensawin",))
    return directory / "xtensawin"


def lines(tree: Path) -> list[bytes]:
    return (tree / "MANIFEST").read_bytes().splitlines(keepends=True)


def test_the_first_line_says_what_it_is(made: Path) -> None:
    assert parse_head(lines(made)[0]) == (release.version(), 7, "xtensawin")


def test_every_file_is_listed_once_with_its_hash_and_size(made: Path) -> None:
    listed = {parse_line(line)[2]: parse_line(line)[:2] for line in lines(made)[1:]}
    assert len(listed) == len(lines(made)) - 1
    there = {path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file()}
    assert set(listed) == there - {"MANIFEST"}
    for name, (digest, size) in listed.items():
        content = (made / name).read_bytes()
        assert (digest, size) == (hashlib.sha256(content).hexdigest(), len(content))


def test_main_is_last_and_boot_is_not_in_it(made: Path) -> None:
    names = [parse_line(line)[2] for line in lines(made)[1:]]
    assert names[-1] == "main.py"
    assert "barri_node/update/slots.mpy" in names
    assert not any(name.startswith("boot") for name in names)
    assert not (made / "boot.py").exists()


def test_a_release_takes_the_place_of_the_one_before(tmp_path: Path, mpy_cross: str) -> None:
    (tmp_path / "rv32imc").mkdir()
    (tmp_path / "rv32imc" / "old.mpy").write_bytes(b"old")
    release.make(tmp_path, 8, ("rv32imc",))
    assert not (tmp_path / "rv32imc" / "old.mpy").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["rv32imc"]


def tree(directory: Path, **files: bytes) -> Path:
    for name, content in {"main.py": b"main", **files}.items():
        (directory / name).write_bytes(content)
    return directory


@pytest.mark.parametrize("serial", [0, -1, 1 << 24])
def test_a_serial_that_does_not_fit_is_refused(tmp_path: Path, serial: int) -> None:
    with pytest.raises(FirmwareError, match="serial"):
        release.seal_tree(tree(tmp_path), "1.0", serial, "x64")


def test_what_nodes_would_refuse_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FirmwareError, match="nodes would not take"):
        release.seal_tree(tree(tmp_path, **{"notes.txt": b"x"}), "1.0", 1, "x64")
    (tmp_path / "notes.txt").unlink()
    with pytest.raises(FirmwareError, match="nodes would not take"):
        release.seal_tree(tmp_path, "a version with blanks", 1, "x64")
    (tmp_path / "big.py").write_bytes(bytes(70_000))
    with pytest.raises(FirmwareError, match="nodes would not take"):
        release.seal_tree(tmp_path, "1.0", 1, "x64")


def test_a_tree_without_main_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FirmwareError, match=r"main\.py"):
        release.seal_tree(tmp_path, "1.0", 1, "x64")
