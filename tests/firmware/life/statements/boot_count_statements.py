# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Which boots are bad, and where three of them lead. Runs on both interpreters."""

from fake_memory import FakeMemory

from barri_node.life.boot_count import APP, SAFE, TRIAL, BootCount
from barri_node.life.retained import Retained

BAD = ("watchdog", "hard reset")
NEVER_BAD = ("power-on", "deep sleep", "soft reset", "unknown")


class _Node:
    """A node's memory over its boots."""

    def __init__(self):
        self.memory = FakeMemory()
        self.boots = None

    def boot(self, cause, button=False):
        self.boots = BootCount(Retained(self.memory))
        return self.boots.begin(cause, button)


def _after_three_bad_boots():
    node = _Node()
    for cause in ("power-on", "watchdog", "hard reset"):
        assert node.boot(cause) == APP
    assert node.boot("watchdog") == SAFE
    return node


def three_bad_boots_in_a_row_lead_to_safe_mode():
    node = _after_three_bad_boots()
    assert node.boots.bad == 3
    assert not node.boots.asked


def two_do_not():
    node = _Node()
    assert [node.boot(c) for c in ("power-on", "watchdog", "watchdog")] == [APP] * 3
    assert node.boots.bad == 2


def a_boot_that_was_good_for_a_minute_starts_the_count_anew():
    node = _Node()
    for cause in ("power-on", "watchdog", "watchdog"):
        node.boot(cause)
    node.boots.good()
    assert node.boot("watchdog") == APP
    assert node.boots.bad == 0


def causes_that_are_not_the_apps_fault_never_count_however_often():
    for cause in NEVER_BAD:
        node = _Node()
        assert {node.boot(cause) for _ in range(20)} == {APP}, cause
        assert node.boots.bad == 0


def an_uncaught_error_counts_although_the_restart_was_our_own():
    node = _Node()
    node.boot("power-on")
    for _ in range(2):
        node.boots.failed()
        assert node.boot("hard reset") == APP
    node.boots.failed()
    assert node.boot("hard reset") == SAFE


def an_uncaught_error_after_the_minute_does_not_count():
    node = _Node()
    node.boot("power-on")
    for _ in range(5):
        node.boots.good()
        node.boots.failed()
        assert node.boot("hard reset") == APP


def a_restart_that_was_asked_for_does_not_count():
    node = _Node()
    node.boot("power-on")
    for _ in range(5):
        node.boots.ended()
        assert node.boot("hard reset") == APP
    assert node.boots.bad == 0


def a_cycle_that_ends_in_deep_sleep_starts_the_count_anew():
    node = _Node()
    for cause in ("power-on", "hard reset", "hard reset"):
        node.boot(cause)
    node.boots.asleep()
    assert node.boot("deep sleep") == APP
    assert node.boot("hard reset") == APP
    assert node.boots.bad == 1


def a_battery_node_that_panics_each_time_it_wakes_ends_in_safe_mode():
    node = _Node()
    node.boot("power-on")
    node.boots.asleep()
    node.boot("deep sleep")
    kinds = [node.boot("hard reset") for _ in range(3)]
    assert kinds == [APP, APP, SAFE]


def the_button_leads_to_safe_mode_at_once():
    node = _Node()
    assert node.boot("power-on", button=True) == SAFE
    assert node.boots.asked
    node = _Node()
    node.boot("power-on")
    node.boots.ask_for_safe_mode()
    assert node.boot("hard reset") == SAFE


def the_button_leads_out_of_a_trial_too():
    node = _after_three_bad_boots()
    node.boots.try_again()
    assert node.boot("hard reset") == TRIAL
    node.boots.ask_for_safe_mode()
    assert node.boot("hard reset") == SAFE


def after_safe_mode_the_app_is_tried_once_and_a_bad_boot_leads_back():
    node = _after_three_bad_boots()
    node.boots.try_again()
    assert node.boot("hard reset") == TRIAL
    assert node.boot("watchdog") == SAFE


def a_trial_that_is_good_ends_the_matter():
    node = _after_three_bad_boots()
    node.boots.try_again()
    node.boot("hard reset")
    node.boots.good()
    assert [node.boot(c) for c in ("watchdog", "watchdog", "watchdog")] == [APP] * 3


def a_button_that_is_stuck_costs_ten_minutes_and_not_the_node():
    node = _Node()
    assert node.boot("power-on", button=True) == SAFE
    node.boots.try_again()
    assert node.boot("hard reset", button=True) == TRIAL


def a_restart_for_an_update_ends_a_trial():
    node = _after_three_bad_boots()
    node.boots.try_again()
    node.boot("hard reset")
    node.boots.ended()
    assert node.boot("hard reset", button=True) == SAFE


def whatever_ends_a_safe_mode_is_not_held_against_the_app():
    node = _Node()
    node.boot("power-on", button=True)
    for _ in range(4):
        assert node.boot("watchdog") == APP
        node.boots.ask_for_safe_mode()
        assert node.boot("hard reset") == SAFE
    assert node.boots.bad == 0


def switching_it_off_and_on_is_a_fresh_start_also_out_of_safe_mode():
    """The memory may outlive a short cut of the power, as that of a reset button."""
    node = _after_three_bad_boots()
    assert node.boot("power-on") == APP
    assert node.boots.bad == 0


def memory_lost_or_damaged_is_a_first_boot():
    for content in (b"", b"\xff" * 2048, bytes(2048)):
        node = _Node()
        node.memory.content = content
        assert node.boot("watchdog") == APP
        assert node.boots.bad == 0


def a_whole_boot_writes_at_most_three_times():
    node = _Node()
    node.boot("power-on")
    node.boots.good()
    node.boots.ended()
    assert node.memory.writes == 3


def the_count_of_bad_boots_never_overflows_its_byte():
    node = _Node()
    node.boot("power-on")
    for _ in range(600):
        kind = node.boot("watchdog")
        if kind == SAFE:
            node.boots.try_again()
            node.boot("hard reset")
    assert node.boots.bad <= 255


def a_deep_sleep_wake_never_counts_not_even_after_a_noted_error():
    node = _Node()
    node.boot("power-on")
    for _ in range(5):
        node.boots.failed()
        assert node.boot("deep sleep") == APP
    assert node.boots.bad == 0


def the_cause_of_a_boot_has_a_number_for_the_health_record():
    """Those of the port; a restart asked for and an uncaught error have their own."""
    node = _Node()
    numbers = []
    for cause in ("power-on", "hard reset", "watchdog", "deep sleep", "soft reset", "other"):
        node.boot(cause)
        numbers.append(node.boots.cause)
    node.boots.ended()
    node.boot("hard reset")
    numbers.append(node.boots.cause)
    node.boots.failed()
    node.boot("hard reset")
    numbers.append(node.boots.cause)
    assert numbers == [1, 2, 3, 4, 5, 0, 6, 7]


def what_is_written_later_is_what_the_methods_write():
    for i, name in enumerate(("good", "failed", "ended", "ask_for_safe_mode")):
        node = _Node()
        node.boot("power-on")
        node.boot("watchdog")
        head = node.boots.later()[i]
        getattr(node.boots, name)()
        assert node.memory.content[: len(head)] == head, name
