# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""How a node brings a release into its spare tree, whatever it is sent. Runs on MicroPython."""

from binascii import hexlify
from hashlib import sha256
from random import getrandbits, seed

from update_bench import CABLE, KEY, NAME, Release, benched, tree

from barri_node.update.fetching import Fetcher, architecture
from barri_node.update.slots import Slots
from barri_wire import messages_update as wire
from barri_wire.errors import FrameError

GOOD = Release(1, tree(b"one"))
LATER = Release(2, tree(b"two"))


def _refused(bench, body):
    try:
        bench.take(body)
    except FrameError:
        return True
    return False


def _listed(path, content=b"x", size=None):
    digest = hexlify(sha256(content).digest()).decode()
    return f"{digest} {len(content) if size is None else size} {path}\n"


def _not_taken(bench, release, word):
    assert not bench.fetch(release)
    assert word in bench.said[-1], bench.said
    assert Slots(bench.flash.root).trial == "-"


@benched
def a_release_is_fetched_whole_and_its_trial_noted(bench):
    assert bench.fetch(GOOD)
    assert bench.flash.files("/a") == GOOD.on_flash()
    slots = Slots(bench.flash.root)
    assert (slots.run, slots.trial, slots.next, slots.tried) == ("-", "a", 1, 0)
    assert all([bench.flash.files()[name] == CABLE[name] for name in CABLE])


@benched
def one_part_is_asked_for_at_a_time_and_not_more_than_five_a_second(bench):
    bench.take(GOOD.offer())
    want = bench.step()
    assert bench.step() is None
    assert bench.fetcher.due_ms(bench.now_ms) == 15000
    bench.now_ms = 1000
    bench.take(GOOD.part(want))
    assert bench.fetcher.due_ms(1000) == 1200
    bench.now_ms = 1199
    assert bench.step() is None
    bench.now_ms = 1200
    assert bench.step() is not None


@benched
def the_next_release_goes_into_the_other_tree(bench):
    bench.install(GOOD)
    assert bench.tree == "a"
    bench.install(LATER)
    assert bench.tree == "b"
    assert bench.flash.files("/a") == GOOD.on_flash()
    third = Release(3, {"main.py": b"three", "barri_node/other.mpy": b"new"})
    bench.install(third)
    assert bench.tree == "a"
    assert bench.flash.files("/a") == third.on_flash(), "nothing of the first release is left"


@benched
def a_serial_that_is_not_above_ones_own_is_passed_over(bench):
    bench.install(LATER)
    for release in (GOOD, LATER, Release(2, tree(b"other"))):
        assert not bench.fetch(release)
    assert len([want for want in bench.wants if want.serial == 1]) == 0
    assert bench.running() == LATER.on_flash()


@benched
def an_offer_with_a_wrong_tag_is_refused(bench):
    for i in range(16):
        tag = bytearray(GOOD.tag)
        tag[i] ^= 0x80
        assert _refused(bench, GOOD.offer(tag=bytes(tag)))
    assert _refused(bench, GOOD.offer(sha256=bytes(32)))
    assert bench.step() is None


@benched
def another_keys_tag_is_refused(bench):
    bench.fetcher = Fetcher(bench.slots, bytes(16), bench.said.append)
    assert bytes(16) != KEY
    assert _refused(bench, GOOD.offer())


@benched
def another_architectures_offer_is_passed_over(bench):
    bench.take(GOOD.offer(architecture=architecture() + 1))
    assert bench.step() is None


@benched
def a_head_that_belies_its_offer_ends_the_update(bench):
    other = next(name for name in wire.ARCHITECTURES if name != NAME)
    for head in ("barri 2.0 2 " + NAME, "barri 2.0 1 " + other, "barri 2.0 1", "", "x y 1 z"):
        _not_taken(bench, Release(1, tree(b"one"), head=head + "\n"), "given up")
    assert list(bench.flash.files("/a")) == ["MANIFEST"]


@benched
def paths_that_lead_elsewhere_end_the_update(bench):
    before = bench.flash.files()
    for path in (
        "../main.py", "a/../../main.py", "/main.py", "//main.py", "a//b.py", "./main.py", ".py",
        "a/.hidden.py", "settings", "a.txt", "boot.py", "boot.mpy", "a/b/c/d/e.py", "a b.py",
        "a\\b.py", "main.py/", "", "..", "slots", "a\x00.py", "n\u00f1.py", "MANIFEST",
    ):  # fmt: skip
        evil = Release(1, {"main.py": b"x"}, lines=[_listed(path), _listed("main.py")])
        _not_taken(bench, evil, "given up")
    after = bench.flash.files()
    after.pop("a/MANIFEST")
    assert after == before


@benched
def lines_that_are_not_lines_end_the_update(bench):
    good = _listed("main.py")
    for line in (
        "\n", "x\n", good.upper(), good.replace(" ", "  "), good[:-1] + " more\n", good[1:],
        good.replace(" 1 ", " -1 "), good.replace(" 1 ", " 1e3 "), good.replace(" 1 ", " 70000 "),
        good.replace(" 1 ", " 999999999 "), good[:-1], _listed("a" * 200 + ".py"), "\xff" * 70,
    ):  # fmt: skip
        _not_taken(bench, Release(1, {"main.py": b"x"}, lines=[line]), "given up")


@benched
def a_release_without_main_at_its_end_is_not_tried(bench):
    _not_taken(bench, Release(1, {"main.py": b"main", "zz.mpy": b"x"}, last=False), "main.py")
    _not_taken(bench, Release(2, {"barri_node/app.mpy": b"x"}), "main.py")
    _not_taken(bench, Release(3, {}), "main.py")


@benched
def more_files_than_a_release_may_have_end_the_update(bench):
    line = _listed("a.py", b"")
    many = Release(1, {"main.py": b""}, lines=[line] * (wire.FILES_MAX + 2))
    many.content = lambda number: many.manifest if number == 0 else b""
    _not_taken(bench, many, "too many")


@benched
def a_damaged_part_is_found_out_and_its_file_fetched_anew(bench):
    damaged = []

    def once(part):
        if len(damaged) < 2 and part[4:6] == b"\x00\x02":  # the longest file's
            damaged.append(part)
            return part[:-1] + bytes([part[-1] ^ 1])
        return part

    bench.damage = once
    assert bench.fetch(GOOD)
    assert bench.flash.files("/a") == GOOD.on_flash()


@benched
def what_is_damaged_every_time_is_given_up(bench):
    bench.damage = lambda part: part[:-1] + bytes([part[-1] ^ 1])
    _not_taken(bench, GOOD, "hash")
    assert len(bench.wants) < 20


@benched
def parts_that_were_not_asked_for_are_passed_over(bench):
    bench.take(GOOD.offer())
    assert bench.flash.files("/a") == {}
    bench.take(wire.encode_part(wire.Part(1, 0, 0, GOOD.manifest[:50])))  # before it was wanted
    want = bench.step()
    for serial, file, offset in ((2, 0, 0), (1, 1, 0), (1, 0, 1), (1, 0, 768)):
        bench.take(wire.encode_part(wire.Part(serial, file, offset, b"evil")))
    bench.take(GOOD.part(want))
    bench.take(GOOD.part(want))  # delivered twice
    assert bench.fetch(GOOD, offer=False)
    assert bench.flash.files("/a") == GOOD.on_flash()


@benched
def a_part_beyond_the_end_is_refused(bench):
    bench.take(GOOD.offer())
    bench.step()
    long = GOOD.manifest + b"evil" * 100
    assert len(long) > len(GOOD.manifest)
    assert _refused(bench, wire.encode_part(wire.Part(1, 0, 0, long[: wire.PART_MAX_BYTES])))


@benched
def bytes_by_chance_give_frame_errors_and_change_nothing(bench):
    seed(5)
    bench.take(GOOD.offer())
    want = bench.step()
    good = GOOD.part(want)
    for _ in range(2000):
        body = bytearray(good if getrandbits(1) else GOOD.offer())
        for _ in range(1 + getrandbits(2)):
            body[getrandbits(16) % min(len(body), 16)] = getrandbits(8)
        body = bytes(body[: getrandbits(10)] if getrandbits(1) else body)
        if body != good:
            _refused(bench, body)
    bench.fetch(GOOD, offer=True)
    assert bench.fetch(GOOD, offer=True) or bench.fetcher.ready
    assert bench.flash.files("/a") == GOOD.on_flash()


@benched
def an_unanswered_want_is_repeated_and_at_last_given_up(bench):
    bench.damage = lambda part: None
    _not_taken(bench, GOOD, "no part comes")
    assert bench.wants == bench.wants[:1] * len(bench.wants)
    assert 5 < len(bench.wants) < 15
    bench.damage = lambda part: part
    assert not bench.fetch(GOOD), "this boot asks no more"
    bench.power_on()
    assert bench.fetch(GOOD)


@benched
def connections_that_bring_no_part_are_counted_and_then_it_is_given_up(bench):
    """As where memory is too short for a part, and each one ends the connection."""
    for _ in range(30):
        bench.take(GOOD.offer())
        bench.step()
    assert "no part comes" in bench.said[-1]
    assert 5 < len(bench.wants) < 15


@benched
def a_new_connection_goes_on_where_the_last_one_ended(bench):
    bench.fetch(GOOD, most=4)
    last = bench.wants[-1]
    assert last.file > 0
    bench.take(GOOD.offer())
    want = bench.step()
    assert (want.file, want.offset) >= (last.file, last.offset)
    assert bench.fetch(GOOD, offer=False) or bench.fetch(GOOD)
    assert len([want for want in bench.wants if want.file == 0]) <= 2


@benched
def after_a_reboot_only_what_is_missing_is_asked_for(bench):
    bench.fetch(GOOD, most=6)
    done = [w.file for w in bench.wants]
    bench.power_on()
    bench.wants = []
    assert bench.fetch(GOOD)
    assert 0 not in [w.file for w in bench.wants], "the MANIFEST is there"
    assert min([w.file for w in bench.wants]) >= max(done) - 1


@benched
def a_newer_offer_ends_an_older_update(bench):
    bench.fetch(GOOD, most=5)
    assert bench.fetch(LATER)
    assert bench.flash.files("/a") == LATER.on_flash()
    assert Slots(bench.flash.root).next == 2


@benched
def while_a_trial_is_noted_no_offer_is_taken(bench):
    assert bench.fetch(GOOD)
    assert not bench.fetch(LATER) or bench.flash.files("/a") == GOOD.on_flash()
    bench.power_on()
    assert bench.trial
    assert not bench.fetch(LATER)
    assert bench.flash.files("/a") == GOOD.on_flash()
    assert bench.flash.files("/b") == {}


@benched
def without_boot_py_a_trial_that_never_begins_is_not_asked_for_again(bench):
    assert bench.fetch(GOOD)
    bench.fetcher = Fetcher(Slots(bench.flash.root), KEY, bench.said.append)
    assert not bench.fetch(GOOD)
    assert not bench.fetch(LATER)


@benched
def a_release_whose_trial_failed_is_tried_three_times_and_no_more(bench):
    for trials in range(5):
        ready = bench.fetch(GOOD)
        assert ready == (trials < 3)
        if ready:
            bench.power_on()
            assert bench.trial
        bench.power_on()
        assert not bench.trial
    assert bench.fetch(LATER), "the next one gets its chance"


@benched
def what_does_not_fit_is_not_begun(bench):
    bench.flash.free = 65536 + 5 * 4096 - 1
    _not_taken(bench, Release(1, tree(b"one", 9000)), "room")
    assert list(bench.flash.files("/a")) == ["MANIFEST"]


@benched
def for_the_second_release_the_cables_tree_makes_room_if_it_must(bench):
    bench.install(GOOD)
    bench.flash.free = 65536
    freed = bench.flash.remove

    def remove(path):
        freed(path)
        bench.flash.free += 8192

    bench.flash.remove = remove
    bench.install(LATER)
    left = [name for name in bench.flash.files() if name[:2] not in ("a/", "b/")]
    assert sorted(left) == [
        "barri_node/__init__.mpy", "barri_node/update/slots.mpy", "boot.py", "slots",
    ]  # fmt: skip
    bench.power_on()
    assert bench.running() == LATER.on_flash()


@benched
def flash_that_takes_nothing_ends_the_update_and_not_the_node(bench):
    bench.fetch(GOOD, most=4)
    bench.flash.full = True
    bench.fetch(GOOD)
    assert "given up" in bench.said[-1]
    bench.flash.full = False
    assert bench.fetch(GOOD)
