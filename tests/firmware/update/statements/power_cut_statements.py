# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The power goes at every single change of flash: one whole tree runs, and the update goes on."""

from update_bench import CABLE, Bench, PowerCutError, Release, tree

FIRST = Release(1, tree(b"one"))
SECOND = Release(2, tree(b"two", 1000))


def _whole(bench):
    """What runs now is all of one tree, to the byte."""
    trees = {"cable": CABLE, "first": FIRST.on_flash(), "second": SECOND.on_flash()}
    running = bench.running()
    found = [name for name in trees if trees[name] == running]
    assert found, (bench.tree, sorted(running))
    return found[0]


def _cut_everywhere(begin, act, torn):
    """Do `act` with the power cut at its first change, at its second, and so on."""
    cuts = 0
    while True:
        bench = Bench()
        try:
            begin(bench)
            bench.flash.torn = torn
            bench.flash.left = cuts
            try:
                act(bench)
                bench.flash.left = None
                return cuts
            except PowerCutError:
                pass
            _recovers(bench)
            cuts += 1
        finally:
            bench.end()


def _recovers(bench):
    """After the cut and after a boot more a whole tree runs, and at last the newest one does."""
    bench.power_on()
    _whole(bench)
    bench.power_on()
    _whole(bench)
    assert not bench.trial or bench.tree != bench.slots.run
    for _ in range(3):
        if bench.trial:
            bench.slots.confirm()
            bench.power_on()
        if _whole(bench) == "second":
            return
        bench.fetch(SECOND)
        bench.power_on()
        _whole(bench)
    raise AssertionError(f"the update never came: {bench.said}")


def _nothing(bench):
    pass


def _with_first(bench):
    bench.install(FIRST)


def _with_first_and_a_stale_second(bench):
    bench.install(FIRST)
    bench.flash.put("b/main.py", b"stale")
    bench.flash.put("b/barri_node/stale.py", b"stale")
    bench.flash.put("b/barri_node/app.mpy", b"stale")


def _short_of_room(bench):
    """As on a board of 4 MB: the cable's tree has to go."""
    bench.install(FIRST)
    removed, bench.flash.free = bench.flash.remove, 65536

    def remove(path):
        removed(path)
        bench.flash.free += 16384

    bench.flash.remove = remove


def _update(bench):
    """All of an update: fetch, restart, trial, confirmation, and the boot after it."""
    assert bench.fetch(SECOND)
    left = bench.flash.left
    bench.power_on_with(left)
    assert bench.trial
    bench.slots.confirm()


def by_cable_then_updated():
    assert _cut_everywhere(_nothing, _update, torn=False) > 20


def updated_for_the_second_time():
    assert _cut_everywhere(_with_first, _update, torn=False) > 20


def over_what_an_older_release_left():
    assert _cut_everywhere(_with_first_and_a_stale_second, _update, torn=False) > 25


def with_writes_torn_in_the_middle():
    assert _cut_everywhere(_with_first, _update, torn=True) > 20


def while_the_cables_tree_makes_room():
    assert _cut_everywhere(_short_of_room, _update, torn=True) > 25


def twice_in_a_row_at_every_pair_of_changes():
    """The second cut hits what the first one left, while it goes on."""
    cuts = _cut_everywhere(_nothing, _update, torn=True)
    for first in range(0, cuts, 3):
        for second in range(0, cuts, 5):
            bench = Bench()
            try:
                bench.flash.torn = True
                for left in (first, second):
                    bench.flash.left = left
                    cut = False
                    try:
                        _update(bench)
                    except (PowerCutError, AssertionError):
                        cut = True
                    assert cut or bench.slots.serial == 2
                    bench.power_on()
                    _whole(bench)
                _recovers(bench)
            finally:
                bench.end()


def a_trial_that_fails_reverts_at_every_cut():
    def trial(bench):
        assert bench.fetch(SECOND)
        left = bench.flash.left
        bench.power_on_with(left)
        assert bench.trial
        left = bench.flash.left
        bench.power_on_with(left)
        assert _whole(bench) == "first"

    assert _cut_everywhere(_with_first, trial, torn=True) > 20
