# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""`barri demo --headless`: zeros when all is well, red when the city has one too few or too many.

Two demos run side by side in real time, each in a folder of its own; the spoilt ones run beside.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
BARRI = [sys.executable, "-c", "from barri.cli import main; main()"]
DEMO = [*BARRI, "demo", "--headless", "--duration", "60s", "--report", "report.json"]
NAMES = {
    "records_measured", "records_held", "records_acknowledged", "records_void",
    "observations_derived", "observations_shared", "observations_withheld",
    "observations_forwarded", "lost", "duplicated", "leaked", "unresolved",
}  # fmt: skip
LONGEST_S = 240


@dataclass(frozen=True)
class Ran:
    """What a demo left: its exit status, what it said, and its folder."""

    status: int
    said: str
    folder: Path

    @property
    def report(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.folder / "report.json").read_text())
        return content


def begin(command: list[str], folder: Path) -> "subprocess.Popen[str]":
    folder.mkdir()
    return subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def ended(process: "subprocess.Popen[str]", folder: Path) -> Ran:
    try:
        said, _ = process.communicate(timeout=LONGEST_S)
    finally:
        process.kill()
    return Ran(process.returncode, said, folder)


@pytest.fixture(scope="module")
def demos(tmp_path_factory: pytest.TempPathFactory, node_firmware: Path) -> dict[str, Ran]:
    """All runs by name."""
    parent = tmp_path_factory.mktemp("demos")
    commands = {"plain": DEMO, "killed": [*DEMO, "--kill-gateway"]}
    running = {name: begin(command, parent / name) for name, command in commands.items()}
    ran = {}
    for fault in ("lost", "doubled", "leaked"):
        planted = [str(HERE / "planted_demo.py"), fault, "report.json", str(node_firmware)]
        command = [sys.executable, *planted]
        ran[fault] = ended(begin(command, parent / fault), parent / fault)
    for name, process in running.items():
        ran[name] = ended(process, parent / name)
    return ran


@pytest.mark.parametrize("name", ["plain", "killed"])
def test_the_demo_ends_well_with_zeros(demos: dict[str, Ran], name: str) -> None:
    ran = demos[name]
    assert ran.status == 0, ran.said[-2000:]
    zeros = {key: ran.report[key] for key in ("lost", "duplicated", "leaked", "unresolved")}
    assert set(zeros.values()) == {0}, ran.report["findings"]


@pytest.mark.parametrize("name", ["plain", "killed"])
def test_the_report_has_every_number_and_they_are_of_a_run_that_happened(
    demos: dict[str, Ran], name: str
) -> None:
    report = demos[name].report
    assert report.keys() >= NAMES
    assert report["records_measured"] >= 9, "three nodes, windows of 10 s"
    assert report["records_held"] >= report["records_acknowledged"] >= report["records_measured"]
    assert report["records_void"] == 0
    shared = report["observations_shared"]
    assert 0 < shared <= report["observations_forwarded"]
    assert report["observations_derived"] == shared + report["observations_withheld"]


@pytest.mark.parametrize("name", ["plain", "killed"])
def test_the_screen_says_the_windows_and_every_number(demos: dict[str, Ran], name: str) -> None:
    ran = demos[name]
    assert "windows of 10 s" in ran.said
    for key in NAMES:
        assert f"\n{key} {ran.report[key]:.0f}\n" in ran.said


def test_the_gateway_was_really_killed(demos: dict[str, Ran]) -> None:
    starts = {
        name: (demos[name].folder / "build/demo/gateway.log").read_text().count("gateway.starts")
        for name in ("plain", "killed")
    }
    assert starts == {"plain": 1, "killed": 2}


@pytest.mark.parametrize(
    ("fault", "counter"), [("lost", "lost"), ("doubled", "duplicated"), ("leaked", "leaked")]
)
def test_one_planted_fault_in_the_city_turns_the_report_red(
    demos: dict[str, Ran], fault: str, counter: str
) -> None:
    """The gateway is content (it was answered 200), so the report cannot come from it."""
    ran = demos[fault]
    counts = {key: ran.report[key] for key in ("lost", "duplicated", "leaked")}
    assert counts == {"lost": 0, "duplicated": 0, "leaked": 0} | {counter: 1}, ran.report
    assert ran.status == 1
    assert any(finding.startswith(counter) for finding in ran.report["findings"])


def test_a_second_demo_in_one_folder_is_refused_and_harms_nothing(tmp_path: Path) -> None:
    first = begin([*DEMO[:-2], "--report", "first.json"], tmp_path / "one")
    try:
        _until_there(tmp_path / "one" / "build" / "demo" / "barri.toml", first)
        second = subprocess.run(
            DEMO, cwd=tmp_path / "one", capture_output=True, text=True, timeout=60, check=False
        )
        assert second.returncode == 2
        assert "another demo runs there" in second.stderr
        assert (tmp_path / "one" / "build" / "demo" / "barri.toml").is_file()
        assert first.poll() is None
    finally:
        first.terminate()
        first.communicate(timeout=30)
    assert not _processes_of(tmp_path), "a demo that is ended takes its processes with it"


def _processes_of(folder: Path) -> list[str]:
    """Command lines of processes that name this folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue  # ended meanwhile
        if str(folder) in line:
            found.append(line)
    return found


def _until_there(path: Path, process: "subprocess.Popen[str]") -> None:
    for _ in range(600):
        if path.is_file():
            return
        try:
            process.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
    raise AssertionError(f"{path} never came")
