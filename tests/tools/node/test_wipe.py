# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A wiped board holds nothing of a person, and still the firmware."""

from barri_node.life.wipe import KEPT
from barri_tools.node import wipe

LOG_BYTES = 32 * 4096


def test_records_keys_and_wifi_go_and_the_firmware_stays(board, console, monkeypatch):
    monkeypatch.setattr(wipe, "_MOST_FILLS", 3)  # a PC's disk would take all 16 MB
    personal = ["settings.json", "settings.previous.json", "data/log/000", "data/log/old/001"]
    for name in [*personal, "boots", "state/voc"]:
        console.write(name, b"personal")
    console.write("barri_node/app.mpy", b"code")
    flash = board.files.parent
    (flash / "barri_log.bin").write_bytes(b"\x55" * LOG_BYTES)
    (flash / "nvs.bin").write_bytes(b"wifi password".ljust(6 * 4096, b"\x00"))
    shares = []
    wipe.wipe(console, shares.append)
    assert list(console.hashes()) == ["barri_node/app.mpy"]
    assert set((flash / "barri_log.bin").read_bytes()) == {0xFF}
    assert set((flash / "nvs.bin").read_bytes()) == {0xFF}
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_the_cable_s_wipe_keeps_what_the_node_s_own_keeps():
    assert wipe.KEPT == KEPT


def test_what_is_free_is_written_over(board, console, monkeypatch):
    monkeypatch.setattr(wipe, "_MOST_FILLS", 2)
    written = []
    real = console.ask
    monkeypatch.setattr(console, "ask", lambda code: written.append(code) or real(code))
    removed = []
    monkeypatch.setattr(console, "remove", removed.append)
    wipe.wipe(console)
    assert (board.files / "fill.new").stat().st_size == 2 * 64 * 1024
    assert removed[-1] == "fill.new"


def test_a_board_whose_log_lies_among_the_files_is_wiped_too(board, console, monkeypatch):
    monkeypatch.setattr(wipe, "_MOST_FILLS", 0)
    monkeypatch.setattr(wipe, "LOG_NAME", "no such partition")
    console.write("data/log/000", b"records")
    wipe.wipe(console)
    assert console.hashes() == {}
