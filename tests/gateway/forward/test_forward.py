# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Forwarding to a strict stand-in of Sentilo over real HTTP: what the city then holds."""

import asyncio
import re

import pytest
from forward_rig import NOON_S, TOKEN

from barri.adapters.stores.delivery import DeliveryRows
from barri.adapters.stores.home import Home, HomeReader
from barri.domain.household import Recipient
from barri.errors import StoreError
from barri.services.forward import Courier, Forwarder
from barri_tools.sandbox.sentilo.faults import End, Fault
from barri_tools.sandbox.sentilo.model import Timing
from barri_tools.sandbox.sentilo.store import Observation

ENTRY = "PUT /data/barri"


def test_what_was_shared_arrives_once_and_nothing_else(city):
    era = city.share()
    city.measure(3, temperature=2000, humidity=500)
    city.forward(60)
    first_s = NOON_S + 60
    expected = [(first_s + 60, "20.00"), (first_s + 120, "20.00"), (first_s + 180, "20.00")]
    assert city.stored(era) == city.stored() == expected
    assert city.counts() == (3, 0, 0, 0, 0, 0)


def test_nothing_at_all_goes_out_before_the_first_consent(city):
    city.measure(5)
    city.forward(60)
    assert city.requests() == []


def test_one_sensor_an_era_with_window_rule_and_coarse_place(city):
    era = city.share()
    city.forward()
    sensor = city.sandbox.catalogue("barri").sensors[era]
    info = {"quantity": "temperature", "window_s": "60", "rule": "mean"}
    assert info.items() <= sensor["additionalInfo"].items()
    (name, component), *others = city.sandbox.catalogue("barri").components.items()
    assert others == []
    assert re.fullmatch("[0-9a-f]{16}", name)
    latitude, longitude = (float(text) for text in component["location"].split(" "))
    assert 0.0005 < abs(latitude - 41.385063) < 0.0046  # a cell is 0.009 degrees high
    assert abs(longitude - 2.173404) < 0.0061


def test_names_boards_and_places_are_in_no_outgoing_byte(city):
    for quantity in ("temperature", "humidity", "pm10"):
        city.share(quantity)
    city.measure(3, temperature=2000, humidity=500, pm10=12)
    city.faults.error_500()
    city.forward(400)
    city.home.choose("humidity", "keep", city.clock.now_s())
    city.forward(60)
    assert len(city.stored()) == 9
    sent = city.raw().lower()
    planted = ["balcony", "balc", "ria", "a1b2c3", "41.385063", "2.173404", "41.3850", "2.1734"]
    for text in planted:
        assert text.encode() not in sent


def test_the_token_is_in_its_header_and_nowhere_else(city, capsys):
    city.share()
    city.measure()
    city.forward(60)
    city.meet(token="wrong-" + TOKEN)
    city.measure()
    city.forward(60)
    for row in city.sandbox.record.requests:
        assert len(re.findall(TOKEN.encode(), row.raw)) == 1
    shown = capsys.readouterr()
    everything = shown.out + shown.err + repr(city.notices()) + repr(city.sink.__dict__)
    assert TOKEN not in everything + str(city.courier.stopped)


def test_a_wrong_token_stops_the_sink_and_says_so(city):
    city.share()
    city.measure()
    city.meet(token="wrong")
    city.forward(3600)
    assert len(city.requests()) == 1
    assert "token" in city.notices()["stopped"]
    city.meet()
    city.forward(60)
    assert len(city.stored()) == 1
    assert "stopped" not in city.notices()


def test_a_platform_that_is_down_for_a_day_gets_everything_once(city):
    era = city.share()
    city.measure(2)
    city.forward(10)
    city.server.stop_listening()
    for _hour in range(24):
        city.measure(60)
        city.forward(20)
    assert len(city.stored(era)) == 2
    city.server.start()
    city.measure(1)
    city.forward(900)
    ends = [end_s for end_s, _text in city.stored(era)]
    assert len(ends) == len(set(ends)) == 2 + 24 * 60 + 1
    assert city.counts().forwarded == len(ends)
    assert city.counts().unresolved == city.counts().in_doubt == 0


class _Counted(Fault):
    """A fault that counts how often it struck."""

    struck = 0

    def due(self, now_s):
        is_due = super().due(now_s)
        self.struck += is_due
        return is_due


def test_a_platform_that_is_down_for_a_day_is_asked_a_few_times_an_hour(city):
    """Waits double to 300 s, an eighth more by these dice: 360 where the clock goes by minutes."""
    city.share()
    city.measure(2)
    down = _Counted(End.RESET, 0, None)
    city.faults.add(down)
    city.forward(86_400, every_s=60)
    assert 240 <= down.struck <= 250


def test_a_time_out_after_the_platform_stored_makes_no_duplicate(city):
    era = city.share()
    city.forward()
    city.measure(3)
    city.meet(timeout_s=1.5)
    city.faults.time_out_after_storing()
    city.forward()
    assert city.counts().in_doubt == 3
    city.forward(59)
    assert not any("GET /data" in line for line in city.requests())  # it may still be at work
    city.forward(30)
    assert len(city.stored(era)) == 3
    assert city.counts() == (3, 0, 0, 0, 0, 0)


def test_after_a_failure_half_way_only_the_missing_half_is_sent_again(city):
    era = city.share()
    city.forward()
    city.measure(4)
    city.faults.error_500(store=2)
    city.forward(300)
    ends = [end_s for end_s, _text in city.stored(era)]
    assert sorted(ends) == ends
    assert len(set(ends)) == len(ends) == 4
    reads = [line for line in city.requests() if line.startswith("GET /data")]
    assert len(reads) == 2  # asked twice before anything counts as missing
    assert all("from=" in line and "to=" in line and "limit=200" in line for line in reads)


def test_a_crash_between_commit_and_request_loses_and_doubles_nothing(city):
    era = city.share()
    city.forward()
    city.measure(2)

    async def crash(_body):
        raise KeyboardInterrupt  # the process ends here

    city.sink.send = crash
    with pytest.raises(KeyboardInterrupt):
        city.forward()
    assert city.rig.query("SELECT count(*) FROM batch_row") == [(2,)]
    city.rig.close()
    city.rig.__init__(city.folder / "gateway.db", city.clock, city.home)
    city.meet()
    city.forward(50)
    assert city.stored(era) == []
    city.forward(150)
    assert len(city.stored(era)) == 2
    assert city.counts() == (2, 0, 0, 0, 0, 0)


def test_a_crash_right_after_the_platform_stored_doubles_nothing(city):
    era = city.share()
    city.forward()
    city.measure(2)
    send = city.sink.send

    async def crash(body):
        await send(body)
        raise KeyboardInterrupt

    city.sink.send = crash
    with pytest.raises(KeyboardInterrupt):
        city.forward()
    city.meet()
    city.forward(200)
    assert len(city.stored(era)) == 2


def test_what_was_sent_longer_ago_than_the_platform_keeps_is_unresolved(city):
    era = city.share()
    city.forward()
    city.measure(2)
    city.faults.close_early(store=None)
    city.forward()
    city.clock.s += 8 * 86400
    city.forward()
    assert city.counts() == (0, 0, 0, 2, 0, 0)
    assert len(city.stored(era)) == 2  # and was not sent again
    city.measure(1)
    city.forward(60)
    assert len(city.stored(era)) == 3


def test_another_value_at_the_same_moment_is_never_overwritten(city):
    era = city.share()
    city.forward()
    city.measure(1)
    city.faults.error_500(store=0)
    city.forward()
    (end_s,) = city.rig.query("SELECT end_s FROM decided")[0]
    city.sandbox.data._store(Observation("barri", era, "99", end_s * 1000, None), city.clock.s)
    city.forward(300)
    assert city.stored(era) == [(end_s, "99")]
    assert city.counts().unresolved == 1


def test_a_stream_the_platform_does_not_know_yet_is_parked_and_the_others_go_on(city):
    old = city.share("humidity")
    city.forward()
    city.open_city(timing=Timing(credentials_s=0, sensors_s=30))
    city.meet()
    city.sandbox.load_sensor("barri", old)
    new = city.share("temperature")
    city.measure(1, temperature=2000, humidity=500)
    city.clock.s -= city.clock.s % 30  # right after the catalogue's last job
    city.forward()
    assert len(city.stored(old)) == 1
    assert city.stored(new) == []
    assert city.counts().parked == 1
    city.forward(90)
    assert len(city.stored(old)) == 1
    assert len(city.stored(new)) == 1
    assert city.counts() == (2, 0, 0, 0, 0, 0)
    assert city.notices() == {}


def test_a_stream_that_stays_unknown_is_told_to_the_operator(city):
    era = city.share()
    city.forward()
    city.open_city()  # the platform has lost its sensors
    city.meet()
    city.measure(1)
    city.forward(1300)
    assert len([line for line in city.requests() if line.startswith(ENTRY)]) < 70
    assert f"parked:{era}" in city.notices()
    city.sandbox.load_sensor("barri", era)
    city.forward(700)
    assert len(city.stored(era)) == 1


def test_a_quota_that_is_used_up_is_waited_for(city):
    city.open_city(quota=4)
    city.meet()
    era = city.share()
    for _ in range(6):
        city.measure(1)
        city.forward(1)
    assert "busy" in city.notices()
    refused = [row.status for row in city.sandbox.record.requests].count(429)
    assert refused == 1
    city.measure(1)
    city.forward(3 * 3600, every_s=60)
    assert len(city.stored(era)) == 7
    assert [row.status for row in city.sandbox.record.requests].count(429) <= 3


def test_bodies_are_split_where_the_platform_takes_only_short_ones(city):
    city.open_city(max_body_bytes=300)
    city.meet()
    eras = [city.share(quantity) for quantity in ("temperature",)]
    city.sandbox.load_sensor("barri", eras[0])
    city.rig.execute("UPDATE stream SET registered = 1, asked = 1")
    city.measure(20)
    city.forward(600)
    assert len(city.stored()) == 20
    statuses = [row.status for row in city.sandbox.record.requests]
    assert statuses.count(400) == 1
    assert city.notices() == {}


def test_a_withdrawal_deletes_the_sensor_and_purges_what_was_not_sent(city):
    era = city.share()
    city.measure(1)
    city.forward(20)
    city.measure(2)
    city.home.choose("temperature", "keep", city.clock.now_s())
    city.forward(20)
    assert len(city.stored(era)) == 1
    assert era not in city.sandbox.catalogue("barri").sensors
    assert city.sandbox.catalogue("barri").components == {}
    assert [line for line in city.requests() if line.startswith(ENTRY)] == [ENTRY]
    assert city.counts().waiting == 0


def test_withdrawing_one_quantity_leaves_the_others(city):
    kept = city.share("humidity")
    gone = city.share("temperature")
    city.measure(1, temperature=2000, humidity=500)
    city.forward(20)
    city.home.choose("temperature", "keep", city.clock.now_s())
    city.measure(1, temperature=2000, humidity=500)
    city.forward(20)
    assert list(city.sandbox.catalogue("barri").sensors) == [kept]
    assert len(city.stored(kept)) == 2
    assert len(city.stored(gone)) == 1


def test_a_withdrawal_between_commit_and_request_stops_the_request(city):
    era = city.share()
    city.forward()
    city.measure(1)
    encode = city.sink.encode

    def and_meanwhile(shared):
        city.home.choose("temperature", "keep", city.clock.now_s())
        return encode(shared)

    city.sink.encode = and_meanwhile
    city.forward(300)
    assert city.stored(era) == []
    assert ENTRY not in city.requests()
    assert city.rig.query("SELECT count(*) FROM decided") == [(0,)]


def test_a_withdrawal_while_a_batch_is_in_flight_lists_it_and_erases_after(city):
    era = city.share()
    city.forward()
    city.measure(1)
    city.faults.close_early(store=None)
    city.forward()
    city.home.choose("temperature", "keep", city.clock.now_s())
    city.clock.s += 10
    city.rig.step()
    listed = city.rig.database.read(lambda c: DeliveryRows(c).in_flight("city"))
    assert [row.value_text for row in listed] == ["20.00"]
    city.forward(300)
    assert era not in city.sandbox.catalogue("barri").sensors
    assert city.counts().in_doubt == 0
    assert city.rig.query("SELECT count(*) FROM batch") == [(0,)]
    assert not any(line.startswith("GET /data") for line in city.requests())


def test_consent_again_is_a_new_era_with_a_new_sensor_and_a_new_pseudonym(city):
    first = city.share()
    city.measure(1)
    city.forward(20)
    component = set(city.sandbox.catalogue("barri").components)
    city.home.choose("temperature", "keep", city.clock.now_s())
    city.measure(2)
    city.forward(20)
    second = city.share()
    city.measure(1)
    city.forward(20)
    assert first != second
    assert len(city.stored(first)) == len(city.stored(second)) == 1
    assert not component & set(city.sandbox.catalogue("barri").components)


def test_nothing_leaves_while_the_clock_is_not_to_be_trusted(city):
    city.share()
    city.measure(1)
    city.clock.synced = False
    city.forward(600)
    assert city.requests() == []
    city.clock.synced = True
    city.clock.s = NOON_S - 86400  # it says so, but is behind its own log
    city.forward()
    assert city.requests() == []


def test_a_type_the_city_does_not_have_is_told_and_the_others_go_on(city):
    good = city.share("temperature")
    city.share("pressure")
    city.measure(1, temperature=2000, pressure=10132)
    city.forward(30)
    assert "types.pressure" in city.notices()["register:pressure"]
    assert len(city.stored(good)) == 1
    posts = [line for line in city.requests() if line.startswith("POST")]
    assert len(posts) <= 3
    city.forward(300)
    assert [line for line in city.requests() if line.startswith("POST")] == posts


def test_registering_twice_is_harmless(city):
    era = city.share()
    city.forward()
    city.rig.execute("UPDATE stream SET registered = 0")
    city.forward()
    assert [line for line in city.requests() if line.startswith("POST")] == ["POST /catalog/barri"]
    city.measure(1)
    city.forward(20)
    assert len(city.stored(era)) == 1


def test_live_values_go_before_backlog(city):
    city.share("humidity")
    city.forward()
    city.server.stop_listening()
    city.measure(180, humidity=500)
    city.share("temperature")
    city.measure(1, temperature=2000)
    city.server.start()
    city.clock.s += 400
    city.forward(60)
    arrivals = [row.value for row in city.sandbox.record.observations]
    assert arrivals[0] == "20.00"
    assert len(arrivals) == 181


def test_a_slow_sink_does_not_delay_another(city, tmp_path):
    class Slow:
        name, retention_s, most_rows, most_rows_of_stream, most_bytes = "slow", 1, 9, 9, 9999
        asked = 0

        def encode(self, _shared):
            return b"x"

        async def known(self, _thing):
            self.asked += 1
            await asyncio.sleep(3600)

    slow = Slow()
    era = city.share()
    city.home.choose("temperature", "share", city.clock.now_s() - 60, recipient="slow")
    city.measure(1)

    async def both():
        forwarder = Forwarder(
            city.rig.ledger, city.home, city.clock, [slow, city.sink], dice=lambda: 0.5
        )
        task = asyncio.create_task(forwarder.run())
        for _ in range(500):
            await asyncio.sleep(0.01)
            if city.stored(era):
                break
        task.cancel()

    asyncio.run(both())
    assert slow.asked == 1
    assert len(city.stored(era)) == 1


def test_a_sink_with_a_fault_of_its_own_stops_alone(city):
    class Broken:
        name, retention_s, most_rows, most_rows_of_stream, most_bytes = "broken", 1, 9, 9, 9999

        async def known(self, _thing):
            raise ZeroDivisionError

    era = city.share()
    city.home.choose("temperature", "share", city.clock.now_s() - 60, recipient="broken")
    city.measure(1)

    async def both():
        forwarder = Forwarder(city.rig.ledger, city.home, city.clock, [Broken(), city.sink])
        task = asyncio.create_task(forwarder.run())
        for _ in range(500):
            await asyncio.sleep(0.01)
            if city.stored(era) and forwarder.couriers["broken"].stopped:
                break
        task.cancel()
        return forwarder.couriers["broken"].stopped

    assert "ZeroDivisionError" in asyncio.run(both())
    assert len(city.stored(era)) == 1


def test_an_erasure_is_asked_for_until_the_platform_has_done_it(city):
    era = city.share()
    city.measure(1)
    city.forward(20)
    city.server.stop_listening()
    city.home.choose("temperature", "keep", city.clock.now_s())
    city.forward(120)
    city.server.start()
    city.forward(600)
    assert era not in city.sandbox.catalogue("barri").sensors
    deletions = [line for line in city.requests() if "method=delete" in line]
    assert len(deletions) == 2  # the sensor, then the component; each once


def test_a_withdrawal_that_nobody_saw_before_the_next_consent_is_still_carried_out(city):
    first = city.share()
    city.measure(1)
    city.forward(20)
    city.home.choose("temperature", "keep", city.clock.now_s())
    second = city.home.choose("temperature", "share", city.clock.now_s())
    city.forward(20)
    assert list(city.sandbox.catalogue("barri").sensors) == [second]
    assert first != second


def test_nothing_leaves_when_the_settings_cannot_be_read(city, tmp_path):
    city.share()
    city.measure(1)
    reader = HomeReader(tmp_path / "missing.db")
    courier = Courier(city.sink, city.rig.ledger, reader, city.clock)
    with pytest.raises(StoreError):
        asyncio.run(courier.step())
    assert city.requests() == []


def test_the_real_household_file_opens_and_ends_streams(city, tmp_path):
    home = Home(tmp_path / "home.db")
    for thing in city.home.things():
        home.add_thing(thing)
    for board in city.home.boards():
        home.add_board(board)
    home.add_recipient(Recipient("city", "sentilo", "The city"))
    reader = HomeReader(tmp_path / "home.db")
    city.home = city.rig.home = reader
    city.rig.deriver._home = reader
    city.meet()
    shared = home.choose("balcony", "temperature", 0, "city", "share", 60, city.clock.now_s())
    city.clock.s += 60
    city.measure(2)
    city.forward(20)
    assert len(city.stored(shared.era)) == 2
    home.choose("balcony", "temperature", 0, "city", "keep", 0, city.clock.now_s())
    city.measure(2)
    city.forward(20)
    assert len(city.stored()) == 2
    assert city.sandbox.catalogue("barri").sensors == {}


def test_an_hour_of_ten_second_windows_is_counted_exactly(city):
    era = city.share(window_s=10)
    city.measure(60)
    city.forward(60)
    assert city.counts().forwarded == len(city.stored(era)) == 360
    assert city.rig.query("SELECT settled, decided FROM stream") == [(360, 360)]


def test_a_change_of_form_while_in_doubt_leaves_the_doubt_shown(city):
    era = city.share()
    city.forward()
    city.measure(2)
    city.faults.close_early(store=None)
    city.forward()
    city.home.choose("temperature", "coarser", city.clock.now_s(), 3600)
    city.forward(120)
    assert len(city.stored(era)) == 2
    assert city.counts() == (0, 0, 0, 2, 0, 0)
    assert era in city.sandbox.catalogue("barri").sensors  # what was given before stays given
