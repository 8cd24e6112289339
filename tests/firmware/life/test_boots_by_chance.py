# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Safe mode over any sequence of boots, against the rule as people are told it.

The rule is written here anew, from the outside: a list of what was done to the node, of which the
bad boots in a row are counted.
"""

from dataclasses import dataclass

from fake_memory import FakeMemory
from hypothesis import given
from hypothesis import strategies as st

from barri_node.life.boot_count import APP, SAFE, TRIAL, BootCount
from barri_node.life.retained import Retained

# What becomes of a boot: how it ends, and the cause that the next one is told.
CRASHES = ("watchdog", "panic", "uncaught error")
QUIET = ("power cut", "brown-out", "deep sleep", "soft reset", "restart asked for")
CAUSES = {
    "watchdog": "watchdog",
    "panic": "hard reset",
    "uncaught error": "hard reset",
    "power cut": "power-on",
    "brown-out": "power-on",
    "deep sleep": "deep sleep",
    "soft reset": "soft reset",
    "restart asked for": "hard reset",
}
ENDS = st.sampled_from(CRASHES * 3 + QUIET)  # crashes come often, or three would never meet
A_MINUTE = st.sampled_from([False] * 7 + [True])


@dataclass
class Life:
    """A boot: whether it lasted a minute, and how it ended."""

    a_minute: bool
    end: str


def live(memory: FakeMemory, cause: str, life: Life) -> int:
    """One boot of a node; gives what it was for."""
    boots = BootCount(Retained(memory))
    kind = boots.begin(cause)
    if kind == SAFE:
        return kind
    if life.a_minute:
        boots.good()
    if life.end == "uncaught error":
        boots.failed()
    elif life.end == "restart asked for":
        boots.ended()
    elif life.end == "deep sleep":
        boots.asleep()
    elif life.end == "power cut":
        memory.content = b""
    return kind


def in_a_row(lives: list[Life]) -> int:
    """Bad boots at the end of a list. Whatever is quiet neither counts nor, but for those that
    begin anew (power, sleep), ends the row.
    """
    count = 0
    for life in lives:
        if life.end in ("power cut", "brown-out", "deep sleep") or life.a_minute:
            count = 0
        elif life.end in CRASHES:
            count += 1
    return count


@given(st.lists(st.builds(Life, A_MINUTE, ENDS), max_size=30))
def test_safe_mode_comes_after_three_bad_boots_in_a_row_and_never_else(lives: list[Life]) -> None:
    memory = FakeMemory()
    cause = "power-on"
    for i, life in enumerate(lives):
        kind = live(memory, cause, life)
        bad = in_a_row(lives[:i])
        assert (kind == SAFE) == (bad >= 3), (lives[:i], bad)
        if kind == SAFE:
            return
        cause = CAUSES[life.end]


@given(st.lists(st.sampled_from(QUIET), max_size=60))
def test_without_a_crash_there_is_never_a_safe_mode(ends: list[str]) -> None:
    """A node that finds no network restarts, sleeps and loses its power as often as it likes."""
    memory = FakeMemory()
    cause = "power-on"
    for end in ends:
        assert live(memory, cause, Life(False, end)) == APP
        cause = CAUSES[end]


@given(st.lists(ENDS, max_size=40))
def test_a_node_that_never_lives_a_minute_still_gets_its_app_tried_again(ends: list[str]) -> None:
    """Out of every safe mode there is a way: ten minutes, then one trial."""
    memory = FakeMemory()
    cause = "power-on"
    for end in ends:
        kind = live(memory, cause, Life(False, end))
        cause = CAUSES[end]
        if kind == SAFE:
            BootCount(Retained(memory)).try_again()
            assert live(memory, "hard reset", Life(False, end)) == TRIAL


@given(st.binary(max_size=2048), st.sampled_from(sorted(set(CAUSES.values()))), st.booleans())
def test_whatever_memory_holds_a_boot_begins(content: bytes, cause: str, button: bool) -> None:
    boots = BootCount(Retained(FakeMemory(content)))
    assert boots.begin(cause, button) in (APP, SAFE, TRIAL)
    assert 0 <= boots.cause <= 7
