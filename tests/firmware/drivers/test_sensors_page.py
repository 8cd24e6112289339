# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The page on sensors says of every part where it is found and what it gives, and of no other."""

import asyncio
import re
from importlib import import_module
from pathlib import Path

import pytest
from driver_bench import Bench, I2cBus, SteadyWorld

from barri_node.drivers import detection
from barri_node.found import _ON_A_LINE
from barri_tools.node import parts
from barri_tools.sim.journal import Journal

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "sensors.md").read_text()
ROWS = re.findall(r"^\| (\w+) \| (0x[^|]+|a line) \| ([a-z0-9_, ]+) \|$", PAGE, re.MULTILINE)
MODELS = {"Alphasense": "ads1115"}  # the chip that its cells are wired to


def test_every_part_has_its_row_in_the_order_of_preference():
    on_the_bus = [name.lower() for name, where, _ in ROWS if where != "a line"]
    assert on_the_bus == list(dict.fromkeys(detection._NAMES))
    assert [name.lower() for name, where, _ in ROWS if where == "a line"] == list(_ON_A_LINE)


@pytest.mark.parametrize(("name", "where", "given"), ROWS, ids=[row[0] for row in ROWS])
def test_a_row_says_what_the_driver_gives(name, where, given):
    assert sorted(given.split(", ")) == sorted(detection.driver_of(name.lower()).CHANNELS)


@pytest.mark.parametrize(
    ("name", "where"), [row[:2] for row in ROWS if row[1] != "a line"], ids=lambda text: text[:8]
)
def test_a_row_says_at_which_addresses_a_part_is_found(name, where):
    """The chip's model is put at every address there is. (At two of them everything passes for a
    BH1750, which has no identity.)
    """
    chips = import_module(f"barri_tools.sim.chips.{MODELS.get(name, name.lower())}")
    chip = getattr(chips, MODELS.get(name, name).capitalize())(SteadyWorld(), Journal())
    at = []
    for address in range(0x08, 0x78):
        chip.address = address
        bench = Bench()
        bench.now_us = 10_000_000
        probe = detection.Probe(I2cBus(bench, chip), bench.sleep_ms)
        part = asyncio.run(probe.part_at(address))
        if part >= 0 and detection._NAMES[part] == name.lower():
            at.append(f"0x{address:02x}")
    assert at == where.split(", ")


def test_what_the_node_cannot_see_is_told_with_words_that_work():
    told = re.findall(r"`(?:--part )?((?:%s)[:\w=,]*)`" % "|".join(parts.NAMES), PAGE)  # noqa: UP031
    names = {text.partition(":")[0] for text in told}
    assert names == set(parts.NAMES) - {"ina226"}  # which takes what an INA219 does
    for text in told:
        assert parts.parse([text])
