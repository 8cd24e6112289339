# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
# ruff: noqa: PT017, UP031, UP032  # no pytest there, and every way to format is tried
"""Good settings, and what is said about bad ones. Runs on both interpreters."""

import os
import sys

from barri_node.errors import SettingsError
from barri_node.settings import Secret
from barri_node.settings_file import load, read

PASSWORD = "hunter2-hunter2"
GOOD = {
    "node": "balcony1", "secret": PASSWORD, "host": "192.168.1.10", "port": 1883, "kit": "air",
    "window_s": 60,
}  # fmt: skip
MISSING = "missing"


def _with(**changes):
    given = dict(GOOD)
    for name, value in changes.items():
        given[name] = value
        if value is MISSING:
            del given[name]
    return given


def _wifi(**changes):
    wifi = {"name": "home", "password": PASSWORD}
    wifi.update(changes)
    return _with(wifi=wifi)


def _complaint(reader, given):
    """The error that some settings raise; they must raise one."""
    try:
        reader(given)
    except SettingsError as error:
        assert PASSWORD not in str(error), "a secret is in the error text"
        return error
    raise AssertionError(f"taken without a word: {given!r}")


def _refused(given, setting, advice):
    error = _complaint(read, given)
    assert error.setting == setting, error
    assert str(error) == f"{setting}: {advice}", error


def good_settings_are_taken():
    settings = read(_with())
    assert (settings.node, settings.host, settings.port) == ("balcony1", "192.168.1.10", 1883)
    assert (settings.kit, settings.window_s, settings.wifi) == ("air", 60, None)
    assert settings.secret.reveal() == PASSWORD


def what_is_not_said_is_usual():
    settings = read(GOOD)
    assert (settings.unwanted, settings.meter) == ([], {})
    assert (settings.mic_model, settings.sample_rate_hz) == ("inmp441", 48000)


def a_node_is_on_mains_unless_it_is_said_to_be_on_a_battery():
    assert read(GOOD).report_every == 0
    assert read(_with(mode="battery")).report_every == 10
    assert read(_with(mode="battery", report_every=144)).report_every == 144
    _refused(_with(mode="solar"), "mode", "one of mains, battery")
    advice = "must be a whole number from 1 to 144"
    _refused(_with(mode="battery", report_every=0), "report_every", advice)


def a_kit_that_listens_all_the_time_is_not_put_on_a_battery():
    for kit in ("noise", "energy", "smart_citizen", "found"):
        given = _with(mode="battery", kit=kit)
        _refused(given, "mode", "mains with this kit: it listens all the time")


def parts_that_differ_are_named():
    meter = {"kind": "sdm120", "unit": 3}
    settings = read(
        _with(unwanted=["lafmax"], meter=meter, microphone="sph0645", sample_rate_hz=24000)
    )
    assert (settings.unwanted, settings.meter) == (["lafmax"], meter)
    assert (settings.mic_model, settings.sample_rate_hz) == ("sph0645", 24000)


def parts_that_nobody_knows_are_refused():
    _refused(_with(microphone="tin can"), "microphone", "one of inmp441, ics43434, sph0645")
    _refused(_with(sample_rate_hz=44100), "sample_rate_hz", "one of 48000, 24000")
    _refused(_with(meter="p1"), "meter", "must hold a kind")
    for unwanted in ("lafmax", ["loudness"], [None], {}):
        _refused(_with(unwanted=unwanted), "unwanted", "must be a list of quantities")


def a_network_with_and_without_a_password():
    assert read(_wifi()).wifi.name == "home"
    assert read(_wifi()).wifi.password.reveal() == PASSWORD
    assert read(_with(wifi={"name": "open"})).wifi.password.reveal() == ""
    assert read(_wifi(name="è" * 16, password="x" * 63)).wifi.name == "è" * 16


def texts_must_be_texts():
    for name in ("node", "secret", "host", "kit"):
        for value in (MISSING, "", None, 5, ["x"], {}, True):
            _refused(_with(**{name: value}), name, "must be a text")


def a_node_id_is_4_to_16_small_letters_and_digits():
    for value in ("abc", "a" * 17, "Balcony1", "balcony 1", "balcó", "a/b/c", "+abc", "abc#"):
        _refused(_with(node=value), "node", "4 to 16 of a-z and 0-9")


def the_port_is_a_whole_number_in_range():
    for value in (MISSING, 0, 65536, -1, "1883", 1883.0, None):
        _refused(_with(port=value), "port", "must be a whole number from 1 to 65535")
    assert read(_with(port=65535)).port == 65535


def the_window_is_a_whole_number_in_range():
    for value in (MISSING, 0, 3601, -60, "60", 60.0, None):
        _refused(_with(window_s=value), "window_s", "must be a whole number from 1 to 3600")


def windows_divide_a_day():
    for value in (7, 59, 61, 3599):
        _refused(_with(window_s=value), "window_s", "must divide a day into equal parts")
    for value in (1, 10, 60, 300, 3600):
        assert read(_with(window_s=value)).window_s == value


def an_unknown_kit_is_told_which_there_are():
    _refused(_with(kit="water"), "kit", "one of air, energy, found, noise, smart_citizen")


def a_network_needs_a_name():
    _refused(_with(wifi="home"), "wifi", "must hold name and password")
    _refused(_with(wifi=None), "wifi", "must hold name and password")
    for value in ("", None, 5):
        _refused(_wifi(name=value), "wifi.name", "must be a text")
    _refused(_with(wifi={"password": PASSWORD}), "wifi.name", "must be a text")


def a_network_name_is_counted_in_bytes():
    _refused(_wifi(name="è" * 17), "wifi.name", "at most 32 bytes")
    _refused(_wifi(name="x" * 33), "wifi.name", "at most 32 bytes")


def a_wifi_password_is_8_to_63_characters():
    for value in ("1234567", "x" * 64, 12345678, None, ["x"] * 9, 0, False):
        _refused(_wifi(password=value), "wifi.password", "8 to 63 characters, or empty")


def a_secret_never_shows():
    secret = Secret(PASSWORD)
    shown = (
        str(secret), repr(secret), "{}".format(secret), "{!r}".format(secret), f"{secret}",
        "%s" % secret, "%r" % secret, str([secret]), str({"secret": secret}),
        str(read(_wifi()).wifi), str(read(_wifi())),
    )  # fmt: skip
    for text in shown:
        assert PASSWORD not in text, text
    assert str(secret) == "Secret(...)"
    assert secret.reveal() == PASSWORD


def _written(text):
    path = "{}/barri-settings-{}.json".format("/tmp", sys.implementation.name)
    with open(path, "wb") as file:
        file.write(text)
    return path


def a_file_is_read():
    path = _written(
        b'{"node": "balcony1", "secret": "s", "host": "h", "port": 1, "kit": "noise",'
        b' "window_s": 60, "wifi": {"name": "caf\xc3\xa8", "password": ""}}'
    )
    settings = load(path)
    os.remove(path)
    assert (settings.kit, settings.wifi.name) == ("noise", "cafè")


def a_missing_file_says_what_to_do():
    error = _complaint(load, "/nowhere/settings.json")
    assert str(error) == "/nowhere/settings.json: is missing: provision this node"


def a_broken_file_says_what_to_do():
    for text in (b"", b"{", b'{"node": ', b"balcony1", b"\xff\xfe{}", b'{"node": "\xff"}'):
        path = _written(text)
        error = _complaint(load, path)
        os.remove(path)
        assert str(error) == path + ": is not JSON: provision this node again", (text, error)


def a_file_that_holds_no_object_says_so():
    for text in (b"[]", b"5", b'"x"', b"null"):
        path = _written(text)
        error = _complaint(load, path)
        os.remove(path)
        assert str(error) == path + ": must hold one object", (text, error)
