# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
# ruff: noqa: PT017, UP032  # no pytest there
"""What may be said of parts that a node cannot find out. Runs on both interpreters."""

from barri_node.errors import SettingsError
from barri_node.parts import read


def _refused(given, text):
    try:
        read(given)
    except SettingsError as error:
        assert str(error) == text, error
        return
    raise AssertionError("taken without a word: {!r}".format(given))


def all_that_is_needed_is_taken():
    for given in (
        {},
        {"alphasense": {}},
        {"alphasense": {"inputs": [2, 3, 0, 1]}},
        {"ina219": {"shunt_uohm": 100000}, "ina226": {"shunt_uohm": 500}},
        {"pms5003": {"uart": 1}},
        {"sds011": {"uart": 2, "cycle_s": 600}, "alphasense": {}},
    ):
        assert read(given) == given


def a_part_that_is_found_without_help_is_not_to_be_named():
    for given in ({"sht4x": {}}, ["sds011"], "sds011", None):
        _refused(given, "parts: takes alphasense, ina219, ina226, pms5003, sds011")


def of_two_particle_sensors_on_lines_one_is_enough():
    both = {"pms5003": {"uart": 1}, "sds011": {"uart": 2}}
    _refused(both, "parts: pms5003 or sds011: both measure particles")


def what_is_needed_is_named():
    _refused({"sds011": {}}, "parts.sds011: needs uart")
    _refused({"ina219": {}}, "parts.ina219: needs shunt_uohm")


def a_misspelt_option_is_not_passed_over():
    _refused({"sds011": {"uart": 1, "cycle": 600}}, "parts.sds011: takes uart, cycle_s")
    _refused({"alphasense": {"cells": 4}}, "parts.alphasense: takes inputs")
    for options in ([], None, "uart"):
        _refused({"pms5003": options}, "parts.pms5003: takes uart, cycle_s")


def numbers_have_bounds():
    for value in (0, 3, "1", True, None):
        text = "parts.sds011.uart: must be a whole number from 1 to 2"
        _refused({"sds011": {"uart": value}}, text)
    for value in (0, 119, 86401):
        text = "parts.sds011.cycle_s: must be a whole number from 120 to 86400"
        _refused({"sds011": {"uart": 1, "cycle_s": value}}, text)
    for value in (499, 10000001):
        text = "parts.ina219.shunt_uohm: must be a whole number from 500 to 10000000"
        _refused({"ina219": {"shunt_uohm": value}}, text)


def electrodes_have_an_input_each():
    for value in ([0, 1, 2], [0, 1, 2, 2], [0, 1, 2, 4], [0, 1, 2, 3, 3], "0123", None, 5):
        text = "parts.alphasense.inputs: must hold each of 0, 1, 2, 3 once"
        _refused({"alphasense": {"inputs": value}}, text)
