# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What holding the button does, and what never does. Runs on both interpreters."""

from virtual_ticks import PERIOD, Ticks

from barri_node.life.button import Button


class _Bench:
    def __init__(self, at=0, down=False):
        self.ticks = Ticks(at)
        self.down = down
        self.done = []
        self.button = Button(
            lambda: self.down, self.ticks, lambda: self.done.append("safe mode"),
            lambda: self.done.append("wipe"),
        )  # fmt: skip

    def pass_ms(self, duration_ms):
        for _ in range(duration_ms // 50):
            self.button.poll()
            self.ticks.now += 50
        return self

    def hold(self, duration_ms):
        self.down = True
        self.pass_ms(duration_ms)
        self.down = False
        return self.pass_ms(1000)


def a_short_press_does_nothing():
    for duration_ms in (50, 500, 2900):
        assert _Bench().pass_ms(1000).hold(duration_ms).done == []


def three_seconds_and_let_go_is_safe_mode():
    for duration_ms in (3100, 6000, 9900):
        assert _Bench().pass_ms(1000).hold(duration_ms).done == ["safe mode"]


def ten_seconds_wipe_once_and_nothing_more_on_letting_go():
    bench = _Bench().pass_ms(1000)
    bench.down = True
    bench.pass_ms(9950)
    assert bench.done == []
    bench.pass_ms(200)
    assert bench.done == ["wipe"]
    assert bench.hold(60000).done == ["wipe"]


def a_button_that_is_stuck_from_the_start_wipes_nothing():
    bench = _Bench(down=True)
    assert bench.pass_ms(3600000).done == []


def once_let_go_it_counts():
    bench = _Bench(down=True).pass_ms(60000)
    bench.down = False
    assert bench.pass_ms(100).done == []
    assert bench.hold(10100).done == ["wipe"]


def a_button_that_bounces_is_not_held():
    bench = _Bench().pass_ms(1000)
    for _ in range(400):
        bench.down = not bench.down
        bench.pass_ms(50)
    assert bench.done == []


def holding_over_a_wrap_of_the_ticks_counts_as_any_other():
    assert _Bench(PERIOD - 5000).pass_ms(1000).hold(5000).done == ["safe mode"]
    assert _Bench(PERIOD - 5000).pass_ms(1000).hold(10200).done == ["wipe"]


def holding_it_twice_wipes_twice():
    assert _Bench().pass_ms(100).hold(10200).hold(10200).done == ["wipe", "wipe"]
