# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
# ruff: noqa: B905, RUF007  # MicroPython has none of those
"""The station comes back after any outage. Runs on both interpreters, in simulated time.

Around it is a link as the node's is: it asks again after 2 s, 4 s ... at most every minute.
"""

from fake_wlan import Air, FakeWlan

from barri_node.errors import LinkError
from barri_node.life.wifi import Station

MINUTE_MS = 60000
HOUR_MS = 60 * MINUTE_MS


class _Secret:
    def __init__(self, text):
        self._text = text

    def reveal(self):
        return self._text


class _Wifi:
    name = "neighbours"

    def __init__(self, password="correct horse"):
        self.password = _Secret(password)


class _Bench:
    """said: (ms, text) of failures, count: how many. reached: the ms at which a session began."""

    def __init__(self, password="correct horse", **air):
        self.air = Air()
        for name, value in air.items():
            setattr(self.air, name, value)
        self.wlan = FakeWlan(self.air)
        self.station = Station(self.wlan, self.air.sleep_ms, self.air)
        self.wifi = _Wifi(password)
        self.said = []
        self.count = 0
        self.reached = []

    def run(self, until_ms):
        self.air.run(self._live(until_ms))
        return self

    async def _live(self, until_ms):
        retry_ms = 2000
        while self.air.now_ms < until_ms:
            try:
                await self.station.join(self.wifi)
                await self._session(until_ms)
                retry_ms = 2000
            except LinkError as error:
                self._note(str(error))
            await self.air.sleep_ms(retry_ms)
            retry_ms = min(2 * retry_ms, 60000)

    def _note(self, text):
        """The first hundred and the last; a node's heap is too small for a night of them."""
        self.count += 1
        del self.said[100:]
        self.said.append((self.air.now_ms, text))

    async def _session(self, until_ms):
        if not self.wlan.passes() or not self.air.broker:
            await self.air.sleep_ms(15000)
            raise LinkError("the gateway does not answer")
        self.station.worked()
        self.reached.append(self.air.now_ms)
        while self.air.now_ms < until_ms and self.wlan.passes() and self.air.broker:
            await self.air.sleep_ms(1000)

    def texts(self):
        return [text for _, text in self.said]


def a_good_network_is_joined_at_once_and_stays():
    bench = _Bench().run(HOUR_MS)
    assert len(bench.wlan.attempts) == 1
    assert len(bench.reached) == 1
    assert bench.reached[0] < 4000
    assert bench.said == []
    assert bench.station.code == bench.station.failures == 0


def an_access_point_gone_for_a_night_is_found_again_within_two_minutes_of_the_morning():
    bench = _Bench(plan=[(HOUR_MS, "on", False), (9 * HOUR_MS, "on", True)]).run(10 * HOUR_MS)
    assert len(bench.reached) == 2
    assert 9 * HOUR_MS <= bench.reached[1] < 9 * HOUR_MS + 2 * MINUTE_MS
    assert 300 < bench.count < 500, bench.count
    assert all("network not found" in text for text in bench.texts()[1:])


def three_hundred_short_outages_are_all_survived():
    """Each begins and ends at another moment of the radio's day."""
    plan = []
    for i in range(300):
        at_ms = (i + 1) * 10 * MINUTE_MS + i * 137
        plan += [(at_ms, "on", False), (at_ms + 1000 + i * 323, "on", True)]
    bench = _Bench(plan=plan).run(302 * 10 * MINUTE_MS)
    assert bench.wlan.passes()
    assert len(bench.reached) > 250, len(bench.reached)
    gaps = [b - a for a, b in zip(bench.reached, bench.reached[1:])]
    assert max(gaps) < 13 * MINUTE_MS


def an_access_point_that_comes_back_on_another_channel_is_found():
    plan = [(HOUR_MS, "on", False), (HOUR_MS + 1, "channel", 11), (HOUR_MS + 20000, "on", True)]
    bench = _Bench(plan=plan).run(2 * HOUR_MS)
    assert len(bench.reached) == 2
    assert bench.reached[1] < HOUR_MS + 2 * MINUTE_MS


def the_fake_radio_keeps_to_its_old_channel_unless_it_is_switched_off():
    """What the statement before would not show if the fake were too kind."""
    bench = _Bench().run(MINUTE_MS)
    bench.air.channel = 11
    bench.wlan._was_up = False
    bench.wlan.connect("neighbours", "correct horse")
    bench.air.run(bench.air.sleep_ms(HOUR_MS))
    assert not bench.wlan.isconnected()
    bench.wlan.active(False)
    bench.wlan.active(True)
    bench.wlan.connect("neighbours", "correct horse")
    bench.air.run(bench.air.sleep_ms(HOUR_MS))
    assert not bench.wlan.isconnected(), "it was not given its rest"


def a_silent_dhcp_server_is_named_and_waited_for():
    bench = _Bench(dhcp=False, plan=[(HOUR_MS, "dhcp", True)]).run(2 * HOUR_MS)
    assert all("no address" in text for text in bench.texts())
    assert HOUR_MS <= bench.reached[0] < HOUR_MS + 2 * MINUTE_MS


def a_lease_that_has_expired_is_no_connection():
    """The port still calls it connected."""
    bench = _Bench().run(MINUTE_MS)
    bench.wlan.lease = False
    assert bench.wlan.isconnected()
    assert not bench.station.connected()
    bench.run(2 * MINUTE_MS)
    assert len(bench.reached) == 2


def a_refused_password_is_said_tried_ever_more_rarely_and_never_given_up():
    bench = _Bench("wrong horse").run(24 * HOUR_MS)
    attempts = bench.wlan.attempts
    gaps_s = [(b - a) // 1000 for a, b in zip(attempts, attempts[1:])]
    assert all(a <= b + 60 for a, b in zip(gaps_s, gaps_s[1:])), gaps_s
    assert gaps_s[0] < 120
    assert 600 <= gaps_s[-1] <= 720
    assert attempts[-1] > 23 * HOUR_MS
    assert "password refused: provision this node again" in bench.said[0][1]
    assert "tried in" in bench.texts()[-1] or "provision" in bench.texts()[-1]
    assert bench.station.code == 0x12


def no_text_ever_holds_the_password():
    for password in ("wrong horse", "correct horse"):
        bench = _Bench(password, dhcp=False).run(HOUR_MS)
        assert bench.said
        assert not [text for text in bench.texts() if password in text]


def a_password_that_is_right_again_brings_the_node_back_within_eleven_minutes():
    bench = _Bench("new horses", plan=[(12 * HOUR_MS, "password", "new horses")])
    bench.run(13 * HOUR_MS)
    assert 12 * HOUR_MS <= bench.reached[0] < 12 * HOUR_MS + 12 * MINUTE_MS


def a_refusal_counts_for_nothing_once_another_failure_came():
    """A weak signal looks like a wrong password now and then; that must not slow the search."""
    bench = _Bench("new horses", plan=[(3 * HOUR_MS, "on", False)]).run(4 * HOUR_MS)
    late = [at for at in bench.wlan.attempts if at > 3 * HOUR_MS + 15 * MINUTE_MS]
    assert max(b - a for a, b in zip(late, late[1:])) < 90000


def a_broker_that_refuses_does_not_disturb_the_network_at_first():
    bench = _Bench(broker=False).run(5 * MINUTE_MS)
    assert len(bench.wlan.attempts) == 1
    bench.air.broker = True
    bench.run(8 * MINUTE_MS)
    assert len(bench.reached) == 1


def a_radio_that_only_believes_itself_connected_is_started_anew():
    """Everything says connected, nothing passes: after ten failed sessions it is not believed."""
    bench = _Bench().run(MINUTE_MS)
    bench.air.passes = False
    bench.air.plan = [(90 * MINUTE_MS, "passes", True)]
    bench.run(80 * MINUTE_MS)
    restarts = len(bench.wlan.attempts) - 1
    assert 4 <= restarts <= 8, restarts
    bench.run(100 * MINUTE_MS)
    assert len(bench.reached) == 2


def a_radio_that_fails_is_named_and_tried_on():
    bench = _Bench(radio_error=True, plan=[(HOUR_MS, "radio_error", False)]).run(2 * HOUR_MS)
    assert "radio fails" in bench.texts()[0]
    assert HOUR_MS <= bench.reached[0] < HOUR_MS + 2 * MINUTE_MS
    assert bench.station.code == 0


def each_failure_has_its_own_light_code():
    codes = {}
    for name, air in (
        ("not found", {"on": False}), ("password", {"password": "other one"}),
        ("dhcp", {"dhcp": False}), ("radio", {"radio_error": True}),
    ):  # fmt: skip
        bench = _Bench(**air).run(MINUTE_MS)
        codes[name] = bench.station.code
    assert codes == {"not found": 0x11, "password": 0x12, "dhcp": 0x13, "radio": 0x14}


def signal_strength_is_given_only_while_there_is_an_access_point():
    bench = _Bench(plan=[(HOUR_MS, "on", False)]).run(MINUTE_MS)
    assert bench.station.rssi() == -67
    bench.run(HOUR_MS + MINUTE_MS)
    assert bench.station.rssi() is None
