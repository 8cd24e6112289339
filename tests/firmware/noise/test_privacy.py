# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""No sample leaves the sound module: the source is walked. Leaks planted in it are found."""

import re
import shutil
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from privacy_rules import findings
from sound_traces import traces

from barri_node.noise.meter import CLASSES, Meter
from barri_tools.firmware import source_directory
from barri_wire.quantities import every_quantity
from barri_wire.schema import KITS

RATE_HZ = 48000


def test_the_firmware_lets_no_sound_out() -> None:
    assert findings(source_directory()) == []


# (file, text that is there, what a leak puts in its place)
LEAKS = {
    "the instrument keeps a block": (
        "listener.py",
        "            self._heard += count\n",
        "            self._heard += count\n            self._last = view[:count]\n",
    ),
    "the instrument says a sample": (
        "listener.py",
        "            self._heard += count\n",
        "            self._heard += count\n            self._say(str(self._buffer[0]))\n",
    ),
    "the instrument hands its buffer out": (
        "listener.py",
        "        self._levels = None\n",
        "        self._levels = {'laeq': self._buffer}\n",
    ),
    "a copy goes under another name": (
        "listener.py",
        "            self._heard += count\n",
        "            self._heard += count\n            kept = view\n            store(kept[3:])\n",
    ),
    "the microphone keeps what it read": (
        "hal_esp32.py",
        "            return await reader.readinto(buffer)\n",
        "            self._kept = buffer\n            return await reader.readinto(buffer)\n",
    ),
    "the meter writes a file": (
        "noise/meter.py",
        "    def feed(",
        "    def note(self):\n        open('/data/sound', 'wb')\n\n    def feed(",
    ),
    "the meter keeps its samples": (
        "noise/meter.py",
        "    def _listen(self, samples",
        "    def _keep(self, samples):\n        self._kept = samples\n\n"
        "    def _listen(self, samples",
    ),
    "the meter gives bytes": (
        "noise/meter.py",
        "    def feed(",
        "    def recent(self) -> bytes:\n        return self._recent\n\n    def feed(",
    ),
    "the sound module opens a socket": ("noise/decibel.py", "OCTAVE =", "import socket\nOCTAVE ="),
    "the application reaches into an instrument": (
        "sampler.py",
        "import asyncio\n",
        "import asyncio\n\n\ndef peep(instrument):\n    return instrument._buffer\n",
    ),
    "another module opens the microphone": (
        "sampler.py",
        "import asyncio\n",
        "import asyncio\n\n\ndef listen(hal):\n    return hal.microphone(48000)\n",
    ),
    "another module runs the kernel": (
        "sampler.py",
        "import asyncio\n",
        "import asyncio\nfrom barri_node.noise.kernel import weigh\n",
    ),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_a_planted_leak_is_found(leak: str, tmp_path: Path) -> None:
    tree = tmp_path / "src"
    shutil.copytree(source_directory(), tree)
    name, there, instead = LEAKS[leak]
    path = tree / "barri_node" / name
    text = path.read_text(encoding="utf-8")
    assert there in text, "the leak does not fit the source any more: plant it elsewhere"
    path.write_text(text.replace(there, instead, 1), encoding="utf-8")
    found = findings(tree)
    assert found, leak
    assert all(name in line for line in found), found


def test_between_blocks_the_meter_holds_no_sound() -> None:
    """Whatever its arrays hold after a block, no two samples that followed each other."""
    random = np.random.default_rng(7)
    samples = random.integers(-(1 << 23), 1 << 23, 24000).astype(np.int64)
    line = (samples << 8).astype("<i4").tobytes()
    meter = Meter(RATE_HZ, settle_ms=0)
    for first in range(0, len(line), 3840):
        block = bytearray(line[first : first + 3840])
        meter.feed(block, len(block))
        held = b"".join(
            bytes(memoryview(value).cast("B"))
            for value in vars(meter).values()
            if hasattr(value, "typecode")
        )
        assert len(held) > 1000
        assert traces(held, samples[first // 4 : first // 4 + 960]) == []


def test_no_record_has_a_spectrum_finer_than_octaves() -> None:
    """The bands of a record are an octave apart, and no record has more of them than 10."""
    bands_hz = sorted(
        int(found[1]) for q in every_quantity() if (found := re.fullmatch(r"leq_(\d+)", q.name))
    )
    for low, high in pairwise(bands_hz):
        assert high / low > 1.9
    audible_octaves = 10
    assert len(bands_hz) <= audible_octaves
    for kit in KITS:
        schema = KITS[kit]
        spectral = [q.name for q in schema.quantities if q.name.startswith("leq_")]
        assert len(spectral) <= len(bands_hz), kit
        assert len(schema.quantities) == len({q.id for q in schema.quantities}), kit


def test_a_histogram_is_of_levels_and_coarse() -> None:
    """Half a decibel a class; a class holds how often, so no order in time is left."""
    assert CLASSES <= 281
    meter = Meter(RATE_HZ, settle_ms=0)
    assert len(meter.histogram()) == CLASSES
