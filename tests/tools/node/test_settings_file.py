# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Settings are judged here as the node judges them, and replaced so that a cut loses neither."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barri_node.errors import SettingsError
from barri_node.settings_file import read
from barri_tools.node import settings_file
from barri_tools.node.errors import CopyError, NodeSettingsError

GOOD = {
    "node": "abcd1234",
    "secret": "0123456789abcdef",
    "host": "192.168.1.10",
    "port": 1883,
    "kit": "air",
    "window_s": 60,
    "wifi": {"name": "neighbours", "password": "correct horse"},
    "seal_key": "0123456789abcdef" * 2,
    "gateway_key": "0123456789abcdef" * 4,
    "unwanted": ["laeq"],
    "meter": {"kind": "sdm120", "unit": 3},
    "parts": {"sds011": {"uart": 1}},
    "microphone": "sph0645",
    "sample_rate_hz": 24000,
    "mode": "battery",
    "report_every": 12,
}
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 70000),
    st.sampled_from(
        ["", "air", "found", "abcd1234", "UPPER", "x" * 64, "é" * 20, "a" * 32, "b" * 64, "A" * 32]
    ),
    st.just({}),
    st.sampled_from([[], ["laeq"], ["laeq", "dust"], [0], 48000, "ics43434", "mains"]),
    st.builds(
        lambda name, password: {"name": name, "password": password},
        st.sampled_from(["", "home", "é" * 17, 3]),
        st.sampled_from(["", "short", "long enough", "x" * 64, None]),
    ),
)


def firmware_takes(given_settings):
    try:
        read(given_settings)
    except SettingsError:
        return False
    return True


@given(st.sampled_from(sorted(GOOD)), VALUES)
def test_what_is_good_here_is_good_for_the_firmware(name, value):
    changed = {**GOOD, name: value}
    if not settings_file.problems(changed):
        assert firmware_takes(changed)


@given(st.sampled_from(sorted(GOOD)), VALUES)
def test_what_the_firmware_takes_is_good_here(name, value):
    changed = {**GOOD, name: value}
    if firmware_takes(changed) and not isinstance(value, bool):
        assert settings_file.problems(changed) == []


def test_errors_name_settings_and_never_values():
    wrong = {**GOOD, "secret": "", "host": 5, "wifi": {"name": "home", "password": "secret1"}}
    with pytest.raises(NodeSettingsError) as said:
        settings_file.encode(wrong)
    assert "secret is missing" in str(said.value)
    assert "host is missing" in str(said.value)
    assert "wifi.password: 8 to 63" in str(said.value)
    assert "secret1" not in str(said.value)


def test_settings_go_there_and_come_back(board, console):
    assert settings_file.load(console) is None
    settings_file.store(console, GOOD)
    assert settings_file.load(console) == GOOD
    assert json.loads((board.files / "settings.json").read_bytes()) == GOOD


def test_the_previous_settings_are_kept(board, console):
    settings_file.store(console, GOOD)
    settings_file.store(console, {**GOOD, "window_s": 30})
    assert json.loads((board.files / "settings.previous.json").read_bytes()) == GOOD
    assert settings_file.load(console)["window_s"] == 30


@pytest.mark.parametrize("after", [0, 200, 600, 1000])
def test_a_cut_leaves_the_old_settings_or_the_new(board, console, after):
    settings_file.store(console, GOOD)
    newer = {**GOOD, "host": "h" * 900}
    board.cable.drop_after = board.cable.passed + after
    with pytest.raises(CopyError):
        settings_file.store(console, newer)
    assert json.loads((board.files / "settings.json").read_bytes()) in (GOOD, newer)


def test_damaged_settings_are_none(board, console):
    for content in (b"", b"{", b"[]", b"3", b"\xff\xfe", b'{"node": 1}'):
        (board.files / "settings.json").write_bytes(content)
        assert settings_file.load(console) is None
