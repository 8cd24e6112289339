# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The doctor names each fault and its cure, goes on after a fault, and shows no secret."""

import json

import pytest

from barri_tools.node import deploy, doctor, settings_file

NOW_S = 1_800_000_000
GOOD = {
    "node": "abcd1234",
    "secret": "the-secret-of-this-node",
    "host": "192.168.1.10",
    "port": 1883,
    "kit": "air",
    "window_s": 60,
    "wifi": {"name": "neighbours", "password": "correct horse"},
    "seal_key": "0123456789abcdef" * 2,
}
TREE = {"main.py": b"# main\n", "barri_node/app.mpy": b"M\x06", "board.json": b""}
TREE["board.json"] = json.dumps({"name": "esp32-devkitc"}).encode()


def examine(console, tree=TREE):
    found = list(doctor.examine(console, NOW_S, lambda board: tree))
    return {finding.topic: finding for finding in found}


@pytest.fixture
def healthy(console):
    deploy.copy(console, TREE, lambda share: None)
    settings_file.store(console, GOOD)
    return console


def test_a_healthy_board_has_only_good_findings(healthy):
    found = examine(healthy)
    assert [finding for finding in found.values() if finding.state == "bad"] == []
    assert list(found) == [
        "MicroPython", "flash", "files", "settings", "clock", "Wi-Fi", "records",
    ]  # fmt: skip
    assert found["Wi-Fi"].text == "its network is there, -60 dBm"
    assert found["records"].text.startswith("0 %")


def test_an_empty_board_says_what_to_run(console):
    found = examine(console)
    assert "barri node flash" in found["files"].text
    assert "barri node provision" in found["settings"].text
    assert found["files"].state == found["settings"].state == "bad"


def test_missing_changed_and_left_over_files_are_named(board, healthy):
    (board.files / "barri_node/app.mpy").write_bytes(b"older")
    (board.files / "barri_node/gone.mpy").write_bytes(b"left over")
    finding = examine(healthy)["files"]
    assert finding.state == "bad"
    assert "2 are missing or of another version (barri_node/app.mpy, barri_node/gone.mpy)" in (
        finding.text
    )
    assert "--board esp32-devkitc" in finding.text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "damaged"),
        (json.dumps({**GOOD, "kit": "water"}).encode(), "kit: one of"),
        (json.dumps({**GOOD, "secret": ""}).encode(), "secret is missing"),
        (b"\xff\xfe", "damaged"),
    ],
)
def test_settings_that_cannot_work_are_explained(board, healthy, content, said):
    (board.files / "settings.json").write_bytes(content)
    assert said in examine(healthy)["settings"].text


def test_a_board_from_before_there_were_seal_keys_is_told_how_to_get_one(healthy):
    settings_file.store(healthy, {**GOOD, "seal_key": ""})
    finding = examine(healthy)["settings"]
    assert finding.state == "note"
    assert "no updates over the air. barri node provision" in finding.text


def test_nothing_of_the_settings_is_shown(board, healthy):
    for wrong in ({}, {"port": 0}, {"wifi": {"name": "far away", "password": "x"}}):
        settings = json.dumps({**GOOD, **wrong}).encode()
        (board.files / "settings.json").write_bytes(settings)
        told = " ".join(finding.text for finding in examine(healthy).values())
        for secret in (GOOD["secret"], "correct horse", "neighbours", "192.168"):
            assert secret not in told


def test_a_network_out_of_reach_and_a_weak_one_are_told_apart(healthy):
    def wifi(name):
        settings_file.store(healthy, {**GOOD, "wifi": {"name": name, "password": ""}})
        return examine(healthy)["Wi-Fi"]

    assert wifi("elsewhere").state == "bad"
    assert "is it on 2.4 GHz" in wifi("elsewhere").text
    assert wifi("far away").state == "note"
    assert "-88 dBm; weak" in wifi("far away").text


def test_the_log_s_fill_is_counted_by_blocks(board, healthy):
    used = b"\x01".ljust(4096, b"\xff") * 8
    (board.files.parent / "barri_log.bin").write_bytes(used.ljust(32 * 4096, b"\xff"))
    assert examine(healthy)["records"].text.startswith("25 %")


def test_a_clock_that_nobody_has_set_is_a_note(healthy, monkeypatch):
    real = healthy.ask
    monkeypatch.setattr(
        healthy, "ask", lambda code: 946_684_900 if code == "_unix_s()" else real(code)
    )
    assert examine(healthy)["clock"].state == "note"


def test_an_old_micropython_and_a_board_flashed_by_hand_are_notes(healthy, monkeypatch):
    real = healthy.ask
    answers = {"_about()": [[1, 20, 0], "Generic ESP32"], "_labels()": [["nvs", 24576]]}
    monkeypatch.setattr(
        healthy, "ask", lambda code: answers[code] if code in answers else real(code)
    )
    found = examine(healthy)
    assert "tested with 1.28 and 1.29" in found["MicroPython"].text
    assert "no partition for records" in found["flash"].text
    assert found["records"].text == "not counted: they lie among the files"
