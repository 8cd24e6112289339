# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Wiring tables, parts list, boards and firmware say the same.

The tables are read here from Markdown and TOML directly, not through the code that writes them.
"""

import csv
import re
import tomllib
from pathlib import Path

import pytest
from test_boards import RecordingHal, instruments_of

from barri_node.energy.fit import Fitting
from barri_tools.boards import load_board
from barri_tools.wiring import BEGIN, END, Part, WiringError, end_of_wire, load_parts, with_table

ROOT = Path(__file__).resolve().parents[2]
HARDWARE = ROOT / "hardware"
BOARDS = [tomllib.loads(path.read_text()) for path in (ROOT / "firmware/boards").glob("*.toml")]
PARTS = tomllib.loads((HARDWARE / "parts.toml").read_text())["part"]
KITS = ("air", "noise", "energy")
COLUMNS = [
    "ref", "qty", "description", "mpn", "supplier",
    "price_eur", "price_year", "alternative", "needed_for", "optional",
]  # fmt: skip


def bom():
    with (HARDWARE / "bom.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def wires(kit):
    """Rows of a kit's table: {column title: cell}."""
    page = (HARDWARE / "wiring" / f"{kit}.md").read_text()
    inside = page[page.index(BEGIN) + len(BEGIN) : page.index(END)]
    lines = [line.strip("| ").split(" | ") for line in inside.splitlines() if line.startswith("|")]
    return [dict(zip(lines[0], line, strict=True)) for line in lines[2:]]


@pytest.mark.parametrize("kit", KITS)
def test_every_gpio_in_a_table_is_the_board_s(kit):
    parts = {part["ref"]: part for part in PARTS}
    gpios = 0
    for wire in wires(kit):
        part = parts[wire["Part"]]
        kind, number = part["bus"].split(".")
        target = part["pins"][wire["Its pin"]]
        for board in BOARDS:
            if target.islower():
                gpios += 1
                gpio = board[kind][number][target]
                label = board.get("labels", {}).get(str(gpio))
                assert wire[board["title"]] == f"GPIO {gpio}" + (f" ({label})" if label else "")
            else:
                assert wire[board["title"]] == target
    assert gpios >= 2 * len(BOARDS)


@pytest.mark.parametrize("kit", KITS)
def test_a_table_has_every_wire_of_its_kit_and_no_other(kit):
    shown = [(wire["Part"], wire["Its pin"]) for wire in wires(kit)]
    assert shown == [
        (part["ref"], pin) for part in PARTS if kit in part["kits"] for pin in part["pins"]
    ]


@pytest.mark.parametrize("kit", KITS)
def test_a_table_is_as_the_command_would_write_it(kit):
    page = (HARDWARE / "wiring" / f"{kit}.md").read_text()
    assert with_table(page, kit) == page


def test_a_table_without_its_marks_is_not_guessed_at():
    with pytest.raises(WiringError, match="lost the marks"):
        with_table("# no marks here", "air")


def test_a_wire_to_a_pin_that_a_board_lacks_is_refused():
    part = Part("X", ("air",), "uart.9", {"A": "rx"}, None)
    with pytest.raises(WiringError, match=r"has no uart\.9 rx"):
        end_of_wire(load_board("esp32-devkitc"), part, "rx")


def test_a_damaged_parts_file_is_named(tmp_path):
    path = tmp_path / "parts.toml"
    path.write_text('[[part]]\nref = "X"\n')
    with pytest.raises(WiringError, match=r"parts.toml .*kits"):
        load_parts(path)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part["ref"])
def test_every_wired_part_is_in_the_bom_for_the_same_kits(part):
    (row,) = [row for row in bom() if row["ref"] == part["ref"]]
    assert row["needed_for"].split() == part["kits"]


@pytest.mark.parametrize("kit", KITS)
def test_the_firmware_reads_exactly_the_parts_of_the_kit(kit):
    read = {
        type(getattr(instrument, "_driver", None) or instrument._meter).__name__
        for instrument in instruments_of(kit, RecordingHal())
    }
    assert read == {
        part["driver"]
        for part in PARTS
        if kit in part["kits"] and "driver" in part and "variant" not in part
    }


def test_a_light_sensor_is_read_where_the_settings_say_so(tmp_path):
    hal, given = RecordingHal(), {"kind": "pulse_led", "impulses_per_kwh": 1000}
    driver = Fitting(given, hal, None, str(tmp_path), {}).driver()
    (part,) = [part for part in PARTS if "variant" in part and "driver" in part]
    assert (type(driver).__name__, hal.opened) == (part["driver"], {part["bus"]})


def test_the_parts_of_a_variant_are_extra_in_the_bom():
    extra = {part["ref"] for part in PARTS if "variant" in part}
    assert extra == {"PHOTO", "R-PHOTO"}
    assert {row["optional"] for row in bom() if row["ref"] in extra} == {"yes"}


def test_every_board_is_in_the_bom():
    (row,) = [row for row in bom() if row["ref"] == "BOARD"]
    assert {row["mpn"], *row["alternative"].split("; ")} == {board["part"] for board in BOARDS}


def test_the_bom_is_whole():
    rows = bom()
    assert list(rows[0]) == COLUMNS
    assert len({row["ref"] for row in rows}) == len(rows)
    for row in rows:
        assert None not in row.values(), row["ref"]
        assert None not in row, f"{row['ref']} has too many fields"
        assert int(row["qty"]) > 0
        assert re.fullmatch(r"\d+\.\d\d", row["price_eur"])
        assert 2025 <= int(row["price_year"]) <= 2030
        assert row["needed_for"].split()
        assert set(row["needed_for"].split()) <= set(KITS)
        assert row["optional"] in ("yes", "no")
        assert row["description"]
        assert row["supplier"]


@pytest.mark.parametrize("kit", KITS)
def test_the_overview_tells_the_sum_of_the_bom(kit):
    cost = sum(
        int(row["qty"]) * float(row["price_eur"])
        for row in bom()
        if kit in row["needed_for"].split() and row["optional"] == "no"
    )
    (line,) = re.findall(rf"^\| {kit} \|.*$", (HARDWARE / "README.md").read_text(), re.MULTILINE)
    assert f"about {round(cost)} €" in line
