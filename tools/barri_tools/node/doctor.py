# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""`barri node doctor`: what is on a board, and what to do about each thing that is not right.

Reads only. Settings are judged on this computer and never shown.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any, Literal, NamedTuple

from barri_tools.boards import Board, BoardError, load_board
from barri_tools.node import deploy, settings_file
from barri_tools.node.console import Console
from barri_tools.node.errors import NodeToolError
from barri_tools.node.image import is_tested
from barri_tools.node.partitions import FILES_NAME, LOG_NAME

State = Literal["good", "note", "bad"]
_EPOCH_2024_S = 1_704_067_200
_WEAK_DBM = -80
_MOST_NAMED = 5
_CODE = """\
def _about():
    import sys
    about = sys.implementation
    return [list(about.version)[:3], getattr(about, "_machine", "unknown")]
def _labels():
    try:
        from esp32 import Partition
    except ImportError:
        return None
    return [[p.info()[4], p.info()[3]] for p in Partition.find(Partition.TYPE_DATA)]
def _fill_of(label):
    from esp32 import Partition
    partition = Partition.find(Partition.TYPE_DATA, label=label)[0]
    blocks, used, head = partition.ioctl(4, 0), 0, bytearray(16)
    for block in range(blocks):
        partition.readblocks(block, head, 0)
        used += head != b"\\xff" * 16
    return [used, blocks]
def _unix_s():
    import time
    return time.time() + (946684800 if time.gmtime(0)[0] == 2000 else 0)
def _networks():
    try:
        import network
        wlan = network.WLAN(network.WLAN.IF_STA)
        wlan.active(True)
        return [[binascii.hexlify(found[0]).decode(), found[3]] for found in wlan.scan()]
    except (ImportError, AttributeError, OSError, RuntimeError):
        return None
"""


class Finding(NamedTuple):
    """topic: what was looked at. text: what was seen, and, unless good, what to do."""

    topic: str
    state: State
    text: str


def examine(
    console: Console, now_s: float, build: Callable[[Board], deploy.Tree]
) -> Iterator[Finding]:
    """Look at a board at its prompt; each finding as it is made. Raises NodeToolError only when
    the board does not answer at all.
    """
    console.run(_CODE)
    given = settings_file.load(console)
    board_name = _board_name(console)
    yield _python(console)
    yield _layout(console)
    yield from _each(lambda: _files(console, board_name, build), "files")
    yield _settings(console, given)
    yield from _each(lambda: _clock(console, now_s), "clock")
    yield from _each(lambda: _wifi(console, given), "Wi-Fi")
    yield from _each(lambda: _log(console), "records")


def _each(look: Callable[[], Finding], topic: str) -> Iterator[Finding]:
    """One look that fails does not end the others."""
    try:
        yield look()
    except NodeToolError as error:
        yield Finding(topic, "bad", str(error))


def _python(console: Console) -> Finding:
    (major, minor, _), machine = console.ask("_about()")
    text = f"MicroPython {major}.{minor} on {str(machine)[:60]}"
    if is_tested(f"{major}.{minor}"):
        return Finding("MicroPython", "good", text)
    advice = "barri is tested with 1.28 and 1.29: barri node flash --image FILE brings one of them"
    return Finding("MicroPython", "note", f"{text}; {advice}")


def _layout(console: Console) -> Finding:
    labels = console.ask("_labels()")
    if labels is None:
        return Finding("flash", "note", "its partitions cannot be listed here")
    sizes = {str(label): int(size) >> 10 for label, size in labels}
    if LOG_NAME in sizes:
        text = f"{sizes[LOG_NAME]} kB for records beside {sizes.get(FILES_NAME, 0)} kB of files"
        return Finding("flash", "good", text)
    return Finding(
        "flash",
        "note",
        "no partition for records: they lie among the files, which wears the flash sooner. Wait"
        " until the page shows all records, then barri node flash --image FILE --erase",
    )


def _board_name(console: Console) -> str:
    if not console.exists("board.json"):
        return ""
    try:
        return str(json.loads(console.read("board.json")).get("name", ""))
    except (ValueError, AttributeError):
        return ""


def _files(console: Console, name: str, build: Callable[[Board], deploy.Tree]) -> Finding:
    try:
        tree = build(load_board(name))
    except BoardError:
        return Finding("files", "bad", "no barri on this board: barri node flash puts it there")
    differing = deploy.differences(console.hashes(), tree)
    if not differing:
        return Finding("files", "good", f"all {len(tree)} are those of this barri, for {name}")
    named = ", ".join(differing[:_MOST_NAMED]) + (", ..." if len(differing) > _MOST_NAMED else "")
    return Finding(
        "files",
        "bad",
        f"{len(differing)} are missing or of another version ({named}): run barri node flash"
        f" --board {name}, without --image; records and settings stay",
    )


def _settings(console: Console, given: dict[str, Any] | None) -> Finding:
    if given is not None and not given.get("seal_key"):
        return Finding(
            "settings",
            "note",
            f"complete, for the {given['kit']} kit, but without a seal key: nobody can tell its"
            " messages from forged ones, and it takes no updates over the air. barri node"
            " provision, with the --thing that it serves, gives it one",
        )
    if given is not None:
        return Finding("settings", "good", f"complete, for the {given['kit']} kit")
    if not console.exists(settings_file.NAME):
        return Finding("settings", "bad", "none yet: barri node provision makes them")
    try:
        wrong = settings_file.problems(json.loads(console.read(settings_file.NAME)))
    except ValueError:
        wrong = ["the file is damaged"]
    return Finding("settings", "bad", f"{'; '.join(wrong)}: barri node provision makes them anew")


def _clock(console: Console, now_s: float) -> Finding:
    board_s = float(console.ask("_unix_s()"))
    if board_s < _EPOCH_2024_S:
        text = "not set; the node gets the time from the gateway and keeps measuring without it"
        return Finding("clock", "note", text)
    return Finding("clock", "good", f"set, {abs(board_s - now_s):.0f} s from this computer's")


def _wifi(console: Console, given: dict[str, Any] | None) -> Finding:
    name = (given or {}).get("wifi", {}).get("name")
    if not name:
        return Finding("Wi-Fi", "note", "no network in the settings: barri node provision --wifi")
    seen = console.ask("_networks()")
    if seen is None:
        return Finding("Wi-Fi", "note", "the radio cannot be asked here")
    levels = [int(level) for octets, level in seen if octets == name.encode().hex()]
    if not levels:
        return Finding(
            "Wi-Fi",
            "bad",
            f"its network is not among the {len(seen)} that the board sees: is it on 2.4 GHz, in"
            " reach, and spelt right? barri node provision --wifi sets it anew",
        )
    weak = "; weak: move the board or the access point" if max(levels) < _WEAK_DBM else ""
    state: State = "note" if weak else "good"
    return Finding("Wi-Fi", state, f"its network is there, {max(levels)} dBm{weak}")


def _log(console: Console) -> Finding:
    labels = console.ask("_labels()") or []
    if LOG_NAME not in [label for label, _ in labels]:
        return Finding("records", "note", "not counted: they lie among the files")
    used, blocks = console.ask(f"_fill_of({LOG_NAME!r})")
    text = f"{100 * used // max(1, blocks)} % of the log has been written to"
    return Finding("records", "good", text)
