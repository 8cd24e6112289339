# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What a home shares is what the city's platform holds: each value once, and nothing else.

The same statements twice: about the sandbox everywhere, and about the real Sentilo API server
where its jars are there (with a stand-in of its catalogue behind it). The gateway is the real
one, on real files; its requests pass a proxy that keeps every byte and can cut a connection.
Expected values are computed here, from what was measured, in other arithmetic than the gateway's.
"""

import json
import math
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest
from catalogue_stand_in import CityEntity
from city_platforms import Platform, RealPlatform, SandboxPlatform, ask, catalogue, held
from cutting_proxy import Cut, CuttingProxy
from home_gateway import BALCONY, HALL, PLANTED, RECORD_S, START_S, HomeGateway
from sentilo_server import RealSentilo, real_sentilo

PROVIDERS = [CityEntity(f"home{number}", f"t0ken-of-home{number}") for number in range(40)]
JOB_S = 30  # the catalogue's job, as the platform ships it


class Neighbourhood(NamedTuple):
    """A home, the proxy that its requests pass, and the platform behind it."""

    home: HomeGateway
    proxy: CuttingProxy
    city: Platform


Make = Callable[..., Neighbourhood]
Rows = list[tuple[int, str]]


@pytest.fixture(scope="module")
def city_server(sentilo_jars: str) -> Iterator[RealSentilo]:
    """A real server of its own, since the comparison of requests counts quotas."""
    with real_sentilo(sentilo_jars, PROVIDERS, {}) as server:
        yield server


@pytest.fixture(scope="module")
def unused_provider() -> Iterator[CityEntity]:
    """Gives, with `next`, a provider that no test has used yet."""
    return iter(PROVIDERS)


@pytest.fixture(params=["sandbox", "real server"])
def neighbourhood(
    request: pytest.FixtureRequest, unused_provider: Iterator[CityEntity], tmp_path: Path
) -> Iterator[Make]:
    """neighbourhood(job_s=30): all of it, on one of the two platforms."""
    server = request.getfixturevalue("city_server") if request.param != "sandbox" else None
    with ExitStack() as stack:

        def make(job_s: int = JOB_S) -> Neighbourhood:
            whose = next(unused_provider)
            settings = whose.name, whose.token, job_s, START_S
            city = RealPlatform(server, *settings) if server else SandboxPlatform(*settings)
            stack.enter_context(closing(city))
            proxy = stack.enter_context(CuttingProxy(city.port))
            home = stack.enter_context(closing(HomeGateway(tmp_path, city, proxy.url)))
            return Neighbourhood(home, proxy, city)

        yield make


@pytest.fixture(autouse=True)
def summer_time(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The gateway's machine keeps the time of Barcelona, where an hour is skipped meanwhile."""
    with monkeypatch.context() as changed:
        changed.setenv("TZ", "Europe/Madrid")
        time.tzset()
        yield
    time.tzset()


# What should be there.


def as_measured(home: HomeGateway, quantity: str, from_s: int, until_s: float = math.inf) -> Rows:
    """(end, text) of each reading of the balcony that lies wholly within."""
    decimals = {"temperature": 2, "humidity": 1}[quantity]
    return [
        (one.start_s + RECORD_S, str(Decimal(one.value).scaleb(-decimals)))
        for one in home.measured
        if (one.thing, one.quantity) == (BALCONY.id, quantity)
        and from_s < one.start_s
        and one.start_s + RECORD_S <= until_s
    ]


def energy_means(home: HomeGateway, from_s: int) -> Rows:
    """(end, text) of the hall's whole minutes after a moment, where 45 s or more were measured."""
    minutes: dict[int, list[float]] = {}
    for one in home.measured:
        if (one.thing, one.quantity) == (HALL.id, "laeq"):
            minutes.setdefault(one.start_s // 60 * 60, []).append(10 ** (one.value / 100))
    return [
        (start_s + 60, f"{10 * math.log10(sum(energies) / len(energies)):.1f}")
        for start_s, energies in minutes.items()
        if start_s > from_s and len(energies) * RECORD_S >= 45
    ]


def offered(proxy: CuttingProxy) -> list[tuple[str, str, str]]:
    """(sensor, timestamp, value) of all that left and that no answer said was rejected.

    Each as often as it left. What was rejected, for an unknown sensor, was surely not stored.
    """
    return [
        (sensor["sensor"], row["timestamp"], row["value"])
        for one in proxy.exchanges
        if one.line.startswith("PUT /data")
        for sensor in json.loads(one.body)["sensors"]
        if f"[{sensor['sensor']}]".encode() not in one.answer
        for row in sensor["observations"]
    ]


# The statements.


def test_the_city_holds_exactly_what_was_shared(neighbourhood: Make, record_property) -> None:
    home, proxy, city = neighbourhood()
    home.live(3)
    home.nodes_are_away = True
    home.live(2)
    assert proxy.exchanges == []  # not one request before the first choice
    home.wait(3)
    chosen_s = home.clock.s
    temperature = home.choose(BALCONY, "temperature", "share")
    noise = home.choose(HALL, "laeq", "coarser", 60)
    home.choose(BALCONY, "pm2_5", "keep")
    home.choose(BALCONY, "humidity", "share", recipient="research")
    home.nodes_are_away = False  # two minutes of before the choice arrive after it
    home.live(25, missing=0.08)
    home.live(1)
    home.wait(60)
    expected = {
        temperature: as_measured(home, "temperature", chosen_s),
        noise: energy_means(home, chosen_s),
    }
    assert held(city) == expected
    assert set(catalogue(city)) == {temperature, noise}
    values = sum(len(rows) for rows in expected.values())
    assert len(expected[temperature]) > 130
    assert 12 < len(expected[noise]) < 26  # some minutes had too little
    assert len(offered(proxy)) == len(set(offered(proxy))) == values
    assert home.counts()[:5] == (values, 0, 0, 0, 0)
    record_property("values_compared", values)


def test_names_boards_and_fine_places_are_in_no_byte_that_leaves(neighbourhood: Make) -> None:
    home, proxy, city = neighbourhood()
    for thing, quantity in ((BALCONY, "temperature"), (HALL, "laeq"), (HALL, "lafmax")):
        home.choose(thing, quantity, "share", 60)
    home.live(3)
    home.choose(BALCONY, "temperature", "keep")
    home.live(2)
    sent = b"".join(one.request for one in proxy.exchanges).lower()
    assert len(proxy.lines("PUT /data")) >= 3
    assert len(held(city)) == 2
    assert [text for text in PLANTED if text.encode() in sent] == []
    heads = [one.request.partition(b"\r\n\r\n")[0] for one in proxy.exchanges]
    assert all(head.count(city.token.encode()) == 1 for head in heads)
    assert sent.count(city.token.encode()) == len(heads)  # the token is in heads only


def test_an_announced_sensor_says_window_and_rule(neighbourhood: Make) -> None:
    home, _proxy, city = neighbourhood()
    noise = home.choose(HALL, "laeq", "coarser", 120)
    home.wait(60)
    sensor = catalogue(city)[noise]
    info = {"quantity": "laeq", "window_s": "120", "rule": "energy_mean"}
    assert sensor["additionalInfo"] == info | {"timestamp": "end of window"}
    assert (sensor["type"], sensor["unit"], sensor["dataType"]) == ("noise", "dB[SPL]", "NUMBER")


def test_the_platform_would_show_a_value_that_came_twice(neighbourhood: Make) -> None:
    home, proxy, city = neighbourhood()
    era = home.choose(BALCONY, "temperature", "share", 60)
    home.live(2)
    home.wait(60)
    before = held(city)[era]
    first = next(one for one in proxy.exchanges if one.line.startswith("PUT /data"))
    assert ask(city, "PUT", f"/data/{city.provider}", first.body).status == 200
    assert len(held(city)[era]) > len(before)  # else the other tests could not see duplicates


@pytest.mark.parametrize("cut", Cut)
def test_a_connection_that_is_cut_loses_and_doubles_nothing(neighbourhood: Make, cut: Cut) -> None:
    home, proxy, city = neighbourhood()
    era = home.choose(BALCONY, "temperature", "share")
    chosen_s = home.clock.s
    home.live(2)
    home.wait(60)
    proxy.cut_next("PUT /data", cut)
    home.live(1)
    in_doubt = home.counts().in_doubt
    assert in_doubt > 0
    (lost,) = [one for one in proxy.exchanges if one.cut]
    assert lost.status == (200 if cut is Cut.AFTER_SERVER else 0)
    assert proxy.lines("GET /data") == []  # the platform may still be at work: settle first
    home.live(4)
    assert held(city) == {era: as_measured(home, "temperature", chosen_s)}
    assert home.counts()[:5] == (len(held(city)[era]), 0, 0, 0, 0)
    assert len(proxy.lines("GET /data")) == (1 if cut is Cut.AFTER_SERVER else 2)
    again = len(offered(proxy)) - len(set(offered(proxy)))
    assert again == (0 if cut is Cut.AFTER_SERVER else in_doubt)


def test_nothing_measured_after_a_withdrawal_arrives(neighbourhood: Make) -> None:
    home, proxy, city = neighbourhood(job_s=300)
    gone = home.choose(BALCONY, "temperature", "share")
    kept = home.choose(BALCONY, "humidity", "share")
    home.live(6)
    home.wait(30)
    withdrawn_s = home.clock.s
    home.choose(BALCONY, "temperature", "keep")
    home.live(2)
    until_then = as_measured(home, "temperature", START_S, withdrawn_s)
    assert len(until_then) > 30
    # The catalogue's job has not run: the server would still take and show values of the sensor.
    assert held(city)[gone] == until_then
    assert set(catalogue(city)) == {kept}
    home.live(2)
    assert held(city) == {kept: as_measured(home, "humidity", START_S)}
    ends = [end for sensor, end, _value in offered(proxy) if sensor == gone]
    assert len(ends) == len(set(ends)) == len(until_then)


def test_sharing_again_is_a_new_sensor_without_a_past(neighbourhood: Make) -> None:
    home, proxy, city = neighbourhood()
    first = home.choose(BALCONY, "temperature", "share")
    home.live(2)
    component = catalogue(city)[first]["component"]
    home.choose(BALCONY, "temperature", "keep")
    home.live(2)
    assert held(city) == catalogue(city) == {}
    home.wait(5)
    again_s = home.clock.s
    second = home.choose(BALCONY, "temperature", "share")
    home.live(2)
    home.wait(60)
    assert held(city) == {second: as_measured(home, "temperature", again_s)}
    assert catalogue(city)[second]["component"] != component
    assert first not in str(proxy.exchanges[-1])


def test_of_one_request_only_what_the_platform_knows_is_stored_and_the_rest_follows(
    neighbourhood: Make,
) -> None:
    home, proxy, city = neighbourhood(job_s=300)
    old = home.choose(BALCONY, "temperature", "share")
    home.live(6)
    new = home.choose(BALCONY, "humidity", "share")
    new_s = home.clock.s
    home.live(2)
    home.wait(20)
    partly = [one for one in proxy.exchanges if one.status == 404]
    assert partly
    assert "have been rejected" in str(partly[0].answer)
    assert any(old.encode() in one.body and new.encode() in one.body for one in partly)
    assert held(city) == {old: as_measured(home, "temperature", START_S)}
    home.live(4)
    expected = as_measured(home, "temperature", START_S), as_measured(home, "humidity", new_s)
    assert held(city) == dict(zip((old, new), expected, strict=True))
    assert home.counts()[:5] == (sum(map(len, expected)), 0, 0, 0, 0)
    assert home.notices() == {}


def test_a_quantity_that_the_city_has_no_type_for_is_told_and_the_others_arrive(
    neighbourhood: Make,
) -> None:
    home, proxy, city = neighbourhood()
    era = home.choose(BALCONY, "temperature", "share")
    home.choose(BALCONY, "pm2_5", "share", 60)
    home.live(3)
    assert "types.pm2_5" in home.notices()["register:pm2_5"]
    assert set(catalogue(city)) == {era}
    assert held(city) == {era: as_measured(home, "temperature", START_S)}
    assert len(proxy.lines("POST /catalog")) == 2
