# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Every dialect of P1 says the same to the node as to the library dsmr-parser."""

import asyncio
import datetime
import re
from copy import deepcopy

import pytest
from driver_bench import Bench, SteadyWorld, Uart
from dsmr_parser import telegram_specifications as foreign
from dsmr_parser.parsers import TelegramParser as ForeignParser
from hypothesis import given
from hypothesis import strategies as st

from barri_node.energy.crc16 import crc16, table
from barri_node.energy.meter import OLD_TIMEOUT_MS, TIMEOUT_MS, P1Meter
from barri_node.energy.p1 import TelegramParser
from barri_tools.sim.chips import p1_meter
from barri_tools.sim.chips.p1_dialects import DIALECTS, with_parity
from barri_tools.sim.journal import Journal

MOMENT = datetime.datetime(2026, 1, 15, 9, 30, tzinfo=datetime.UTC)

# The foreign library knows this meter in its encrypted form only.
AUSTRIA = deepcopy(foreign.SAGEMCOM_T210_D_R)
AUSTRIA["general_global_cipher"] = False
SPECIFICATIONS = {
    "dsmr2.2": foreign.V2_2,
    "dsmr3": foreign.V3,
    "dsmr4": foreign.V4,
    "dsmr4-7e1": foreign.V4,
    "dsmr5": foreign.V5,
    "belgium": foreign.BELGIUM_FLUVIUS,
    "luxembourg": foreign.LUXEMBOURG_SMARTY,
    "switzerland": foreign.V5,
    "sweden": foreign.SWEDEN,
    "hungary": foreign.EON_HUNGARY,
    "austria": AUSTRIA,
    "germany": foreign.Q3D,
    "holley": foreign.EON_HUNGARY,
}
# X-25 is unknown to the foreign library; its values are compared all the same.
NO_FOREIGN_CHECKSUM = ("holley",)


def house(imported, exported, drawn, given_, decivolts):
    return {
        "energy_import": float(imported),
        "energy_export": float(exported),
        "power_import": float(drawn),
        "power_export": float(given_),
        "voltage": decivolts / 10,
    }


HOUSE = house(4218334, 912077, 1190, 0, 2301)


def read(data, parser=None):
    return (parser or TelegramParser()).feed(data, len(data))


def foreign_reading(data, specification, checked=True):
    """What dsmr-parser says, in our steps."""
    text = bytes(byte & 0x7F for byte in data).decode()
    said = ForeignParser(specification, checked).parse(text, throw_ex=True)
    return {
        "energy_import": foreign_energy(said, "IMPORTED_TOTAL", "USED_TARIFF"),
        "energy_export": foreign_energy(said, "EXPORTED_TOTAL", "DELIVERED_TARIFF"),
        "power_import": foreign_value(said, "CURRENT_ELECTRICITY_USAGE", 1),
        "power_export": foreign_value(said, "CURRENT_ELECTRICITY_DELIVERY", 1),
        "voltage": foreign_value(said, "INSTANTANEOUS_VOLTAGE_L1", 10),
    }


def foreign_energy(said, total, tariff):
    whole = foreign_value(said, f"ELECTRICITY_{total}", 1)
    if whole is not None:
        return whole
    tariffs = [foreign_value(said, f"ELECTRICITY_{tariff}_{n}", 1) for n in (1, 2)]
    return None if None in tariffs else sum(tariffs)


def foreign_value(said, name, steps):
    if not hasattr(said, name):
        return None
    item = getattr(said, name)
    return int(item.value * steps * (1000 if item.unit.startswith("k") else 1))


@pytest.mark.parametrize("name", DIALECTS)
@given(
    imported=st.integers(0, 99_000_000),
    exported=st.integers(0, 99_000_000),
    drawn=st.integers(0, 17_250),
    given_=st.integers(0, 17_250),
    decivolts=st.integers(0, 4000),
)
def test_every_dialect_says_the_same_to_both(name, imported, exported, drawn, given_, decivolts):
    data = p1_meter.telegram(
        house(imported, exported, drawn, given_, decivolts), MOMENT, DIALECTS[name]
    )
    ours = read(data + data)  # the second one vouches for the length of the first
    checked = name not in NO_FOREIGN_CHECKSUM
    assert ours == foreign_reading(data, SPECIFICATIONS[name], checked)
    assert (ours["energy_import"], ours["energy_export"]) == (imported, exported)
    step_w = 10 if name in ("dsmr2.2", "dsmr3") else 1
    assert ours["power_import"] == drawn // step_w * step_w
    assert ours["voltage"] == (decivolts if DIALECTS[name].volts else None)


def test_belgium_swaps_the_tariffs_and_sends_no_total():
    belgium = p1_meter.telegram(HOUSE, MOMENT, DIALECTS["belgium"])
    netherlands = p1_meter.telegram(HOUSE, MOMENT, DIALECTS["dsmr5"])
    tariffs = re.compile(rb"1-0:1\.8\.\d\(([\d.]+)")
    assert tariffs.findall(belgium) == tariffs.findall(netherlands)[::-1]
    assert b"1.8.0(" not in belgium
    assert read(belgium) == read(netherlands)


def test_a_telegram_of_over_four_kilobytes_takes_no_more_memory():
    dialect = DIALECTS["belgium"]._replace(months=110)
    data = p1_meter.telegram(HOUSE, MOMENT, dialect)
    assert 4096 < len(data) < 8192
    parser = TelegramParser()
    assert read(data, parser)["energy_import"] == 4218334
    assert (len(parser._line), len(parser._values)) == (256, 13)


def test_several_telegrams_in_one_read_give_the_newest():
    data = b"".join(
        p1_meter.telegram(HOUSE | {"power_import": watts}, MOMENT) for watts in (1.0, 2.0, 3.0)
    )
    assert read(data)["power_import"] == 3


def test_both_checksums_are_the_catalogues():
    """CRC-16/IBM-SDLC (X-25), check value in Cook's catalogue of parametrised CRC algorithms."""
    assert crc16(b"123456789", 0xFFFF, words=table(0x8408)) ^ 0xFFFF == 0x906E
    assert p1_meter.crc16(b"123456789", 0x8408, 0xFFFF) ^ 0xFFFF == 0x906E


def test_the_kind_of_checksum_is_learnt_from_the_first_telegram_and_kept():
    data = p1_meter.telegram(HOUSE, MOMENT, DIALECTS["holley"])
    parser = TelegramParser()
    assert read(data, parser) is None
    assert read(data, parser)["energy_import"] == 4218334
    assert read(data.replace(b"2301", b"2302"), parser) is None or b"2301" not in data
    assert read(p1_meter.telegram(HOUSE, MOMENT), parser) is None
    assert read(data, parser)["energy_import"] == 4218334


def test_a_meter_that_has_sent_checksums_is_not_believed_without():
    data = p1_meter.telegram(HOUSE, MOMENT)
    without = data[:-6] + b"\r\n"
    parser = TelegramParser(checksum_optional=True)
    assert read(data, parser)
    assert read(without * 3, parser) is None


OLD = p1_meter.telegram(HOUSE, MOMENT, DIALECTS["dsmr2.2"])


@given(at=st.integers(1, len(OLD) - 1), bit=st.integers(0, 7))
def test_where_there_is_no_checksum_parity_shows_every_flipped_bit(at, bit):
    damaged = bytearray(OLD)
    damaged[at] ^= 1 << bit
    parser = TelegramParser()
    assert read(OLD + OLD, parser)
    assert read(damaged, parser) is None or damaged[at] in b"\r\n"


@given(at=st.integers(1, len(OLD) - 1), count=st.integers(1, 40))
def test_where_there_is_no_checksum_the_length_shows_lost_bytes(at, count):
    parser = TelegramParser()
    assert read(OLD + OLD, parser)
    read(OLD[:at] + OLD[at + count :], parser)
    reading = read(OLD, parser)
    assert reading is None or reading == read(OLD + OLD)


def test_parity_that_a_converter_took_off_needs_permission():
    plain = bytes(byte & 0x7F for byte in OLD)
    assert with_parity(plain) == OLD
    assert read(plain * 2) is None
    assert read(plain * 2, TelegramParser(checksum_optional=True)) == read(OLD * 2)


def port(name, **faults):
    bench = Bench()
    chip = p1_meter.P1Port(SteadyWorld(**HOUSE), Journal(), dialect=name)
    for fault, value in faults.items():
        setattr(chip, fault, value)
    timeout_ms = OLD_TIMEOUT_MS if DIALECTS[name].period_s > 1 else TIMEOUT_MS
    return P1Meter(Uart(bench, chip), bench.sleep_ms, timeout_ms), chip, bench


@pytest.mark.parametrize("name", DIALECTS)
def test_every_dialect_comes_through_the_port(name):
    meter, _, _ = port(name)
    asyncio.run(meter.start())
    for _ in range(3):
        reading = asyncio.run(meter.measure())
        assert (reading["energy_import"], reading["power_import"]) == (4218334, 1190)
    assert meter.faults == 0


@pytest.mark.parametrize("name", ["dsmr5", "dsmr4-7e1", "dsmr2.2"])
@pytest.mark.parametrize("fault", [{"flipped": 4}, {"lost": 7}, {"babble": b"\xff/\x00!\r\n"}])
def test_a_faulty_line_gives_the_truth_or_nothing(name, fault):
    """Bytes that are always lost cannot be told from a shorter telegram where no checksum is."""
    meter, chip, _ = port(name)
    asyncio.run(meter.start())
    for key, value in fault.items():
        setattr(chip, key, value)
    readings = [asyncio.run(meter.measure()) for _ in range(3)]
    if "babble" in fault:
        assert readings[-1]["energy_import"] == 4218334
    elif (name, "lost" in fault) != ("dsmr2.2", True):
        assert {reading["energy_import"] for reading in readings[1:]} == {None}
        assert "no whole telegram" in meter.last_fault


def test_a_meter_that_is_unplugged_and_plugged_in_again():
    meter, chip, bench = port("dsmr5")
    asyncio.run(meter.start())
    chip.unplugged = True
    asyncio.run(meter.measure())
    started_us = bench.now_us
    assert set(asyncio.run(meter.measure()).values()) == {None}
    assert bench.now_us - started_us == TIMEOUT_MS * 1000
    assert "Data Request" in meter.last_fault
    chip.unplugged = False
    assert asyncio.run(meter.measure())["energy_import"] == 4218334


def test_a_telegram_under_way_is_not_thrown_away():
    """A meter that speaks every 10 s would else cost 20 s."""
    meter, _, bench = port("dsmr2.2")
    asyncio.run(meter.start())
    bench.now_us += 10_000_000 - bench.now_us % 10_000_000 + 150_000  # in the middle of one
    started_us = bench.now_us
    assert asyncio.run(meter.measure())["energy_import"] == 4218334
    assert bench.now_us - started_us < 1_000_000


def test_a_stall_that_overflows_the_buffer_costs_telegrams_and_not_the_truth():
    """Over 4 kB each second, and for 5 s nobody looks: 8 kB are kept, the rest is gone."""
    meter, chip, bench = port("belgium")
    chip._dialect = DIALECTS["belgium"]._replace(months=110)
    asyncio.run(meter.start())
    bench.now_us += 5_000_000
    chip._world.values["energy_import"] += 2
    assert asyncio.run(meter.measure())["energy_import"] == 4218336
    assert meter.faults == 0
