# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The Sensirion drivers as .mpy on the real MicroPython, against their chip models over a pipe."""

import ast
import json
import subprocess
from pathlib import Path

import gas_signals
import pytest
from driver_bench import SteadyWorld

from barri_tools.sim.chips import scd30, scd41, sen5x, sgp41, sht4x, sps30
from barri_tools.sim.journal import Journal

SOURCE = Path(__file__).parents[3] / "firmware" / "src"
NAMES = ("sensirion", "sht4x", "scd41", "gas_index", "sgp41", "sps30", "sen5x", "scd30")
MINE = [Path("barri_node/drivers") / f"{name}.py" for name in NAMES]
NEEDED = [
    *MINE,
    Path("barri_node/drivers/__init__.py"),
    Path("barri_node/errors.py"),
    Path("barri_node/__init__.py"),
    Path("barri_wire/__init__.py"),
    Path("barri_wire/quantities.py"),
    Path("barri_wire/quantity_table.py"),
]
NODE_SIDE = Path(__file__).with_name("sensirion_node_side.py")
# What a driver and its modules may take of a board's heap; the quantity table, which every kit
# has anyhow, is in it with the first.
MOST_HEAP_BYTES = 32_000


@pytest.fixture(scope="module")
def compiled(tmp_path_factory, mpy_cross):
    root = tmp_path_factory.mktemp("mpy")
    for path in NEEDED:
        target = (root / path).with_suffix(".mpy")
        target.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([mpy_cross, "-o", target, SOURCE / path], check=True)
    return root


class NodeProcess:
    """Serves one driver's requests from a chip model until it has measured."""

    def __init__(self, micropython, compiled, *arguments):
        self.measured = []
        self.heap_bytes = 0
        self.faults = ""
        self._now_us = 0
        self._process = subprocess.Popen(
            [micropython, "-X", "heapsize=192k", NODE_SIDE, *map(str, arguments)],
            env={"MICROPYPATH": f"{compiled}:.frozen"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, chip):
        with self._process as process:
            for line in process.stdout:
                self._take(process, chip, line)
        assert process.returncode == 0
        return self

    def _take(self, process, chip, line):
        op, _, rest = line.strip().partition(" ")
        if op == "=":
            self.measured.append(ast.literal_eval(rest))
        elif op == "H":
            self.heap_bytes = int(rest)
        elif op == "F":
            self.faults = rest
        else:
            process.stdin.write(self._answer(chip, op, *rest.split()) + "\n")
            process.stdin.flush()

    def _answer(self, chip, op, *arguments):
        if op == "S":
            self._now_us += int(arguments[0]) * 1000
            return str(self._now_us // 1000)
        assert op in "WR", f"the node said {op} {' '.join(arguments)}"
        if int(arguments[0]) != chip.address:
            return "!"
        try:
            if op == "W":
                chip.write(bytes.fromhex(arguments[1]), self._now_us)
                return ""
            return chip.read(int(arguments[1]), self._now_us).hex()
        except OSError:
            return "!"


WORLD = {
    "temperature": -7.31,
    "humidity": 83.4,
    "pressure": 987.6,
    "co2": 517.0,
    "pm1": 6.0,
    "pm2_5": 9.3,
    "pm4": 11.0,
    "pm10": 14.2,
    "voc_index": 100.0,
    "nox_index": 1.0,
}
AIR = {"co2": 517, "temperature": -731, "humidity": 834}
DUST = {"pm1": 60, "pm2_5": 93, "pm4": 110, "pm10": 142}
INDICES = {"voc_index": 100, "nox_index": 1}


@pytest.mark.parametrize(
    ("model", "name", "every_ms", "expected"),
    [
        (sht4x.Sht4x, "sht4x", 10000, {"temperature": -731, "humidity": 834}),
        (scd41.Scd41, "scd41", 10000, AIR),
        (scd30.Scd30, "scd30", 10000, AIR),
        (sps30.Sps30, "sps30", 31000, DUST),
        (sen5x.Sen5x, "sen5x", 31000, {**DUST, **INDICES, "temperature": -731, "humidity": 834}),
    ],
)
def test_a_driver_measures_what_the_world_holds(
    micropython, compiled, model, name, every_ms, expected
):
    chip = model(SteadyWorld(**WORLD), Journal())
    node = NodeProcess(micropython, compiled, name, 3, every_ms).run(chip)
    for measured in node.measured:
        assert measured.keys() == expected.keys()
        assert all(abs(measured[key] - expected[key]) <= 1 for key in expected)
    assert len(node.measured) == 3
    assert node.faults == "0 None"
    assert 0 < node.heap_bytes < MOST_HEAP_BYTES


def test_the_gas_sensor_is_conditioned_and_comes_to_the_usual_index(micropython, compiled):
    chip = sgp41.Sgp41(SteadyWorld(**WORLD), Journal())
    node = NodeProcess(micropython, compiled, "sgp41", 400, 949).run(chip)
    assert node.measured[:46] == [{"voc_index": None, "nox_index": None}] * 46
    assert abs(node.measured[-1]["voc_index"] - 100) <= 3
    assert node.measured[-1]["nox_index"] == 1
    assert node.faults == "0 None"
    assert not chip.harmed
    assert chip.told == (round(0.612 * 65535), round((18.5 + 45) * 65535 / 175))
    assert node.heap_bytes < MOST_HEAP_BYTES


def test_a_part_that_is_not_there_is_an_error_that_names_it(micropython, compiled):
    chip = scd30.Scd30(SteadyWorld(**WORLD), Journal())
    command = [micropython, NODE_SIDE, "sht4x", "1", "1000"]
    done = subprocess.run(
        command,
        env={"MICROPYPATH": f"{compiled}:.frozen"},
        input="0\n!\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert chip.address != 0x44
    assert "SensorError: sht4x: no answer at 0x44" in done.stdout + done.stderr


@pytest.mark.parametrize("name", ["voc_long_event", "nox_long_event"])
def test_the_gas_index_gives_the_references_answers(micropython, compiled, name):
    """The kept answers of Sensirion's implementation, as in `test_gas_index.py`."""
    kept = json.loads((Path(__file__).parent / "data" / "gas_index.json").read_text())
    kind, signal = gas_signals.SIGNALS[name]()
    done = subprocess.run(
        [micropython, NODE_SIDE, "gas", kind],
        env={"MICROPYPATH": f"{compiled}:.frozen"},
        input="\n".join(map(str, signal)) + "\n\n",
        capture_output=True,
        text=True,
        check=True,
    )
    found = [int(line) for line in done.stdout.split()]
    assert len(found) == len(signal)
    answers = zip(found[:: kept["every"]], kept["answers"][name], strict=True)
    assert max(abs(mine - theirs) for mine, theirs in answers) <= 1


@pytest.mark.parametrize("path", MINE, ids=str)
@pytest.mark.parametrize("march", ["xtensawin", "rv32imc"])
def test_every_file_compiles_for_the_boards(path, march, tmp_path, mpy_cross):
    command = [mpy_cross, f"-march={march}", "-o", tmp_path / "out.mpy", SOURCE / path]
    subprocess.run(command, check=True)


@pytest.mark.parametrize("path", MINE, ids=str)
def test_no_floats_where_the_module_does_not_say_why(path):
    """An ESP32's floats have 32 bits; `gas_index.py` is tested with them."""
    tree = ast.parse((SOURCE / path).read_text())
    floats = [node for node in ast.walk(tree) if isinstance(node, ast.Div)]
    floats += [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, float)
    ]
    assert bool(floats) == ("In floats, since" in ast.get_docstring(tree))
