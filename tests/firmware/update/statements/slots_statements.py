# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Which tree a boot runs. Runs on MicroPython."""

import os

from update_bench import Release, benched, tree

from barri_node.update.slots import Slots

GOOD = Release(1, tree(b"one"))
LATER = Release(2, tree(b"two"))


def _boots(bench):
    bench.power_on()
    return bench.tree, bench.trial


def _stage(bench, release, folder):
    for name, content in release.on_flash().items():
        bench.flash.put(folder + "/" + name, content)


@benched
def without_a_line_the_tree_that_came_by_cable_runs(bench):
    assert (bench.tree, bench.trial) == ("-", False)
    assert (bench.slots.serial, bench.slots.spare) == (0, "a")


@benched
def a_trial_is_run_once_and_then_given_up(bench):
    _stage(bench, GOOD, "a")
    bench.slots.note_trial(1)
    assert _boots(bench) == ("a", True)
    assert _boots(bench) == ("-", False)
    assert _boots(bench) == ("-", False)
    assert (bench.slots.failed, bench.slots.times) == (1, 1)


@benched
def a_confirmed_trial_runs_from_then_on(bench):
    _stage(bench, GOOD, "a")
    bench.slots.note_trial(1)
    _boots(bench)
    bench.slots.confirm()
    assert _boots(bench) == ("a", False)
    assert (bench.slots.serial, bench.slots.spare) == (1, "b")


@benched
def after_a_failed_trial_the_tree_before_it_runs(bench):
    bench.install(GOOD)
    _stage(bench, LATER, "b")
    bench.slots.note_trial(2)
    assert _boots(bench) == ("b", True)
    assert _boots(bench) == ("a", False)
    assert (bench.slots.serial, bench.slots.failed) == (1, 2)


@benched
def failures_of_one_release_are_counted_and_of_the_next_anew(bench):
    _stage(bench, GOOD, "a")
    for serial, times in ((1, 1), (1, 2), (2, 1)):
        bench.slots.note_trial(serial)
        _boots(bench)
        _boots(bench)
        assert (bench.slots.failed, bench.slots.times) == (serial, times)


@benched
def a_trial_without_a_main_is_not_started(bench):
    bench.flash.put("a/barri_node/app.mpy", b"half")
    bench.slots.note_trial(1)
    assert _boots(bench) == ("-", False)
    assert bench.slots.failed == 1


@benched
def where_the_note_cannot_be_written_nothing_is_tried(bench):
    _stage(bench, GOOD, "a")
    bench.slots.note_trial(1)
    bench.flash.full = True
    assert _boots(bench) == ("-", False)
    bench.flash.full = False
    assert _boots(bench) == ("a", True)
    bench.flash.full = True
    assert _boots(bench) == ("-", False)
    assert _boots(bench) == ("-", False)


@benched
def a_tree_that_somebody_has_deleted_is_not_run(bench):
    bench.install(GOOD)
    os.remove(bench.flash.root + "/a/main.py")
    assert _boots(bench) == ("-", False)


@benched
def without_line_and_cable_the_tree_that_is_there_runs(bench):
    bench.install(GOOD)
    os.remove(bench.flash.root + "/main.py")
    os.remove(bench.flash.root + "/slots")
    assert _boots(bench) == ("a", False)


@benched
def any_other_line_means_the_cable(bench):
    bench.install(GOOD)
    path = bench.flash.root + "/slots"
    with open(path, "rb") as file:
        line = file.read()
    assert _boots(bench) == ("a", False)
    for i in range(len(line)):
        for octet in (line[i] ^ 1, 0, 255, 32):
            if octet != line[i]:
                with open(path, "wb") as file:
                    file.write(line[:i] + bytes([octet]) + line[i + 1 :])
                assert Slots(bench.flash.root).run == "-", (i, octet)
        with open(path, "wb") as file:
            file.write(line[:i])
        assert Slots(bench.flash.root).run == "-"
    with open(path, "wb") as file:
        file.write(line + b"more" * 200)
    assert Slots(bench.flash.root).run == "-"
