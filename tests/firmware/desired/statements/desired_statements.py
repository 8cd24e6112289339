# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What is desired comes into the settings whole or not at all, wherever the power goes."""

import json
import os

from barri_node import kept_settings
from barri_node.desired import take
from barri_node.settings_file import load
from barri_wire.errors import FrameError
from barri_wire.messages_desired import (
    IN_FORCE,
    REFUSED_FLASH,
    REFUSED_OLDER,
    REFUSED_QUANTITY,
    REFUSED_WINDOW,
    Desired,
    encode_desired,
)

CABLE = {
    "node": "balcony1", "secret": "hunter2", "host": "gateway", "port": 1883, "kit": "energy",
    "window_s": 60, "unwanted": ["voltage"],
}  # fmt: skip
POWER_IMPORT, VOLTAGE = 34, 36
WISH = encode_desired(Desired(5, 10, [POWER_IMPORT]))


class PowerCutError(Exception):
    pass


class Flash:
    """left: how many changes still succeed; None: all. A write that is cut leaves its half."""

    def __init__(self, *written):
        self.root = "/tmp/barri-desired-" + "".join([f"{b:02x}" for b in os.urandom(6)])
        os.mkdir(self.root)
        self.path = self.root + "/settings.json"
        self.left = None
        self.full = False
        kept_settings.open, kept_settings.os = self.open, self
        for given in written:
            kept_settings.replace(self.path, given)

    def open(self, path, mode="r"):
        if mode == "r":
            return open(path)
        self.change()
        return File(self, open(path, mode))

    def rename(self, old, new):
        self.change()
        os.rename(old, new)

    def change(self):
        if self.full:
            raise OSError(28)
        if self.left is not None:
            if not self.left:
                raise PowerCutError()
            self.left -= 1

    def put(self, text):
        with open(self.path, "w") as file:
            file.write(text)

    def take(self, body, in_force=0):
        return take(body, self.path, in_force)

    def take_with_a_cut(self, left):
        """Say whether it came to an end before the power did."""
        self.left = left
        try:
            return self.take(WISH) == IN_FORCE
        except PowerCutError:
            return False
        finally:
            self.left = None

    def end(self):
        kept_settings.os = os
        del kept_settings.open
        for name in os.listdir(self.root):
            os.remove(self.root + "/" + name)
        os.rmdir(self.root)


class File:
    def __init__(self, flash, file):
        self._flash = flash
        self._file = file

    def write(self, text):
        try:
            self._flash.change()
        except PowerCutError:
            self._file.write(text[: len(text) // 2])
            raise
        self._file.write(text)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._file.close()


def _on(*written):
    """Decorate a statement with a flash that holds settings written one after the other."""

    def with_flash(statement):
        def run():
            flash = Flash(*written)
            try:
                statement(flash)
            finally:
                flash.end()

        return run

    return with_flash


def _state(settings):
    return settings.desired, settings.window_s, settings.unwanted


OLD = (0, 60, ["voltage"])
NEW = (5, 10, ["voltage", "power_import"])


@_on(CABLE)
def a_new_version_is_in_the_settings_of_the_next_start(flash):
    assert _state(load(flash.path)) == OLD
    assert flash.take(WISH) == IN_FORCE
    assert _state(load(flash.path)) == NEW


@_on(CABLE)
def the_settings_before_are_kept_beside(flash):
    flash.take(WISH)
    with open(flash.root + "/settings.previous.json") as file:
        assert json.load(file) == CABLE


@_on(CABLE)
def the_cables_window_stays_where_none_is_desired(flash):
    flash.take(encode_desired(Desired(1, 0, [])))
    assert _state(load(flash.path)) == (1, 60, ["voltage"])


@_on(CABLE)
def a_later_version_is_whole_but_never_wants_what_the_cable_does_not(flash):
    flash.take(WISH)
    assert flash.take(encode_desired(Desired(6, 0, [])), 5) == IN_FORCE
    assert _state(load(flash.path)) == (6, 60, ["voltage"])


@_on(CABLE)
def what_is_not_above_the_version_in_force_is_refused(flash):
    flash.take(WISH)
    for version in (1, 4, 5):
        assert flash.take(encode_desired(Desired(version, 60, [])), 5) == REFUSED_OLDER
    assert _state(load(flash.path)) == NEW


@_on(CABLE)
def a_window_that_does_not_divide_a_day_is_refused(flash):
    for window_s in (7, 59, 3599):
        assert flash.take(encode_desired(Desired(5, window_s, []))) == REFUSED_WINDOW
    assert _state(load(flash.path)) == OLD


@_on(CABLE)
def a_quantity_of_a_later_firmware_is_refused(flash):
    assert flash.take(encode_desired(Desired(5, 0, [POWER_IMPORT, 250]))) == REFUSED_QUANTITY
    assert _state(load(flash.path)) == OLD


@_on(CABLE)
def flash_that_refuses_is_reported_and_leaves_the_old(flash):
    flash.full = True
    assert flash.take(WISH) == REFUSED_FLASH
    assert _state(load(flash.path)) == OLD


@_on(CABLE)
def other_bytes_are_a_frame_error(flash):
    for body in (b"", WISH[:-1], WISH + b"\x00", b"\x4b" + WISH[1:], b"\xff" * 9):
        try:
            flash.take(body)
        except FrameError:
            continue
        raise AssertionError("taken: {!r}".format(body))  # noqa: UP032
    assert _state(load(flash.path)) == OLD


def a_cut_at_any_change_leaves_the_old_or_the_new():
    for cut in range(20):
        flash = Flash(CABLE)
        try:
            if flash.take_with_a_cut(cut):
                assert cut > 3, cut
                return
            assert _state(load(flash.path)) in (OLD, NEW), cut
            assert load(flash.path).secret.reveal() == "hunter2"
            assert flash.take(WISH) == IN_FORCE
            assert _state(load(flash.path)) == NEW, cut
        finally:
            flash.end()
    raise AssertionError("it never ended")


def two_cuts_in_a_row_lose_nothing_either():
    for first in range(4):
        for second in range(4):
            flash = Flash(CABLE, CABLE)
            try:
                for left in (first, second):
                    flash.take_with_a_cut(left)
                assert _state(load(flash.path)) in (OLD, NEW), (first, second)
                assert flash.take(WISH) == IN_FORCE
                assert _state(load(flash.path)) == NEW
            finally:
                flash.end()


@_on(CABLE)
def settings_that_cannot_be_read_fall_back_to_those_before(flash):
    flash.take(WISH)
    for damage in ("", "{", '{"node": "balco', "\x00\x01"):
        flash.put(damage)
        assert _state(load(flash.path)) == OLD
    os.remove(flash.path)
    assert _state(load(flash.path)) == OLD


@_on(CABLE)
def damaged_settings_never_replace_the_good_ones_before(flash):
    flash.take(WISH)
    flash.put("{")
    assert flash.take(encode_desired(Desired(7, 30, []))) == IN_FORCE
    assert _state(load(flash.path)) == (7, 30, ["voltage"])
    flash.put("{")
    assert _state(load(flash.path)) == OLD
