# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
# ruff: noqa: PLC0415, PT017, SIM105  # MicroPython has none of those
"""A wiped node knows nothing any more. Runs on both interpreters, on files of this machine."""

import os

from fake_memory import FakeMemory

from barri_node.errors import SettingsError
from barri_node.life.retained import Retained
from barri_node.life.wipe import KEPT, Wipe
from barri_node.settings_file import load

SECRET = b"correct horse battery staple"
PROGRAM = (
    "boot.py",
    "main.py",
    "board.json",
    "lib/x.mpy",
    "barri_node/app.mpy",
    "barri_wire/a.mpy",
)
WRITTEN = (
    "settings.json", "settings.json.previous", "key", "data/log/0000001a.seg", "data/log/state",
    "data/desired.json",
)  # fmt: skip
FILL_BYTES = 100000


class _Bench:
    def __init__(self):
        self.root = "/tmp/barri-wipe-" + "".join([f"{octet:02x}" for octet in os.urandom(8)])
        self.memory = FakeMemory()
        Retained(self.memory).set_buffer(SECRET)
        self.fed = 0
        self.erased = 0
        os.mkdir(self.root)
        for name in PROGRAM + WRITTEN:
            self.write(name, SECRET * 100)
        self.wipe = Wipe(self.root, self.memory, self._feed, self._erase)

    def _feed(self):
        self.fed += 1

    def _erase(self):
        self.erased += 1

    def write(self, name, content):
        parts = name.split("/")
        for i in range(1, len(parts)):
            folder = self.root + "/" + "/".join(parts[:i])
            try:
                os.mkdir(folder)
            except OSError:
                pass
        with open(self.root + "/" + name, "wb") as file:
            file.write(content)

    def names(self):
        return sorted(os.listdir(self.root))

    def over(self):
        os.system("rm -r " + self.root)


def everything_but_the_program_goes():
    bench = _Bench()
    bench.wipe.run(FILL_BYTES)
    assert bench.names() == sorted(set(name.split("/")[0] for name in PROGRAM))
    assert set(bench.names()) <= set(KEPT)
    assert bench.memory.content == b""
    assert bench.memory.longest == 2048, "its length alone was taken away"
    assert bench.erased == 1
    bench.over()


def the_program_is_untouched():
    bench = _Bench()
    bench.wipe.run(FILL_BYTES)
    for name in PROGRAM:
        with open(bench.root + "/" + name, "rb") as file:
            assert file.read() == SECRET * 100
    bench.over()


def the_next_boot_says_provision_this_node():
    bench = _Bench()
    bench.wipe.run(FILL_BYTES)
    try:
        load(bench.root + "/settings.json")
        raise AssertionError("it still has settings")
    except SettingsError as error:
        assert "provision this node" in str(error)
    bench.over()


def a_file_is_overwritten_before_it_goes():
    bench = _Bench()
    seen = []
    real = os.remove

    class Watching:
        def __getattr__(self, name):
            return getattr(os, name)

        def remove(self, path):
            with open(path, "rb") as file:
                seen.append((path, file.read()))
            real(path)

    from barri_node.life import wipe

    wipe.os = Watching()
    try:
        bench.wipe.run(FILL_BYTES)
    finally:
        wipe.os = os
    assert len([path for path, _ in seen if "settings.json" in path]) == 2
    assert not [path for path, content in seen if SECRET in content]
    bench.over()


def a_wipe_cut_short_at_any_step_is_finished_at_the_next_boot():
    class CutError(Exception):
        pass

    steps = 0
    while True:
        bench = _Bench()
        left = [steps]

        def feed(left=left):
            left[0] -= 1
            if left[0] < 0:
                raise CutError

        wipe = Wipe(bench.root, bench.memory, feed)
        try:
            wipe.run(2000)
            done = True
        except CutError:
            done = False
        if not done:
            assert bench.wipe.asked(), steps
            bench.wipe.run(2000)
        assert set(bench.names()) <= set(KEPT), (steps, bench.names())
        bench.over()
        if done:
            break
        steps += 1
    assert steps > 20


def a_node_that_was_never_asked_is_not_wiped():
    bench = _Bench()
    assert not bench.wipe.asked()
    bench.wipe.ask()
    assert bench.wipe.asked()
    bench.wipe.run(FILL_BYTES)
    assert not bench.wipe.asked()
    bench.over()


def free_flash_is_written_over_and_freed_again_and_the_watchdog_is_fed_meanwhile():
    bench = _Bench()
    bench.wipe.run(FILL_BYTES)
    assert bench.fed >= FILL_BYTES // 512
    assert "wipe.fill" not in bench.names()
    bench.over()
