# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The wire never changes by accident: frozen bytes, two interpreters, a decoder by the page."""

import json
import subprocess
from pathlib import Path

import page_decoder
import pytest
from check_golden import check_folder

from barri_wire.quantities import BY_ID, COUNTER, every_quantity

HERE = Path(__file__).parent
GOLDEN = HERE / "golden"
SOURCE = HERE.parents[1] / "firmware/src"


def run_check(micropython: str, source: Path) -> str:
    command = [micropython, "-X", "heapsize=1m", str(HERE / "check_golden.py"), str(GOLDEN)]
    done = subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
        env={"MICROPYPATH": str(source)},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_golden_bytes_hold_on_cpython() -> None:
    assert check_folder(str(GOLDEN)) == 52


def test_golden_bytes_hold_on_micropython(micropython: str) -> None:
    assert run_check(micropython, SOURCE) == "52 cases held on micropython\n"


def test_golden_bytes_hold_on_compiled_micropython(
    micropython: str, mpy_cross: str, tmp_path: Path
) -> None:
    (tmp_path / "barri_wire").mkdir()
    for file in sorted((SOURCE / "barri_wire").glob("*.py")):
        target = tmp_path / "barri_wire" / (file.stem + ".mpy")
        subprocess.run([mpy_cross, "-o", str(target), str(file)], check=True, timeout=60)
    assert run_check(micropython, tmp_path) == "52 cases held on micropython\n"


def test_a_planted_change_of_the_encoding_is_seen(tmp_path: Path) -> None:
    text = (GOLDEN / "frames_kits.json").read_text()
    first = json.loads(text)["cases"][0]["hex"]
    changed = text.replace(first, first[:-2] + f"{int(first[-2:], 16) ^ 1:02x}")
    (tmp_path / "frames.json").write_text(changed)
    with pytest.raises(AssertionError, match="encoding changed"):
        check_folder(str(tmp_path))


def test_a_decoder_written_from_the_page_reads_every_golden_frame() -> None:
    for name in ("frames_kits", "frames_extremes"):
        for case in json.loads((GOLDEN / f"{name}.json").read_text())["cases"]:
            quantities = [BY_ID[quantity] for quantity, _ in case["channels"]]
            known = [(q.id, q.unit, q.merge == COUNTER) for q in quantities]
            records = case["records"][: case["taken"]]
            expected = [[*r[:4], r[4] if r[4] is None else r[4] & 255] for r in records]
            assert page_decoder.decode(bytes.fromhex(case["hex"]), known) == expected, case["name"]


def test_the_page_has_a_prior_for_every_quantity() -> None:
    assert sorted(page_decoder.PRIORS) == [quantity.id for quantity in every_quantity()]
