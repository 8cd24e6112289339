# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""How long the platform's two processes take to learn of each other, and the hourly quota.

Sources: 60 s for credentials, 30 s for new sensors, requests per sliding hour with a reset in
minutes, as the reference notes on the platform say.
"""

import pytest
from sandbox_city import City, message

from barri_tools.sandbox.sentilo import Entity, Settings, Timing

SENSOR = {"sensors": [{"sensor": "N1", "type": "noise"}]}


def test_a_new_credential_is_refused_until_the_next_refresh_at_60_s() -> None:
    city = City()
    city.now += 5
    city.sandbox.add_entity(Entity("new", "new-token"), city.now)
    city.now += 54.9
    assert city.ask("GET", "/data/new", token="new-token").status == 401
    city.now += 0.2
    assert city.ask("GET", "/data/new", token="new-token").status == 200


def test_a_new_sensor_takes_no_data_until_the_next_job_at_30_s() -> None:
    city = City()
    city.now += 10
    assert city.ask("POST", "/catalog/barri", SENSOR).status == 200
    city.now += 19.9
    assert city.publish("N1", {"value": "1"}).status == 404
    city.now += 0.2
    assert city.publish("N1", {"value": "2"}).status == 200
    assert city.values("N1") == ["2"]


def test_a_deleted_sensor_still_takes_data_until_the_job_and_then_loses_all_of_it() -> None:
    city = City()
    city.ask("POST", "/catalog/barri", SENSOR)
    city.now += 31
    city.publish("N1", {"value": "1"})
    city.ask("PUT", "/catalog/barri?method=delete", {"sensors": ["N1"]})
    assert city.publish("N1", {"value": "2"}).status == 200
    city.now += 30
    assert city.publish("N1", {"value": "3"}).status == 404
    assert city.values("N1") == []
    assert [row.value for row in city.record.observations] == ["1", "2"]


def test_an_offline_sensor_rejects_and_is_absent_from_the_catalogue() -> None:
    city = City()
    city.ask("POST", "/catalog/barri", SENSOR)
    city.now += 31
    city.sandbox.set_offline("barri", "N1", city.now)
    city.now += 30
    answer = city.publish("N1", {"value": "1"})
    assert message(answer)["errorDetails"] == ["Sensor [N1] is not online (404.2)."]
    assert message(city.ask("GET", "/catalog/barri")) == {}
    details = message(city.ask("POST", "/catalog/barri", SENSOR))["errorDetails"]
    assert details == ["Sensor N1 : sensor with the same id already exists."]


@pytest.mark.parametrize("factor", [0.1, 10.0])
def test_latency_scales(factor: float) -> None:
    city = City(Settings(Timing().scaled(factor)))
    city.ask("POST", "/catalog/barri", SENSOR)
    city.now += 30 * factor - 0.01
    assert city.publish("N1", {"value": "1"}).status == 404
    city.now += 0.02
    assert city.publish("N1", {"value": "1"}).status == 200


def test_a_starting_server_is_not_available() -> None:
    city = City(Settings(Timing(starting_s=5)))
    answer = city.ask("GET", "/data/barri", token="wrong")
    assert (answer.status, answer.header("Connection")) == (503, "Close")
    city.now += 5
    assert city.ask("GET", "/data/barri").status == 200


def quota_headers(city: City) -> tuple[int, str | None, str | None, str | None]:
    answer = city.ask("GET", "/data/barri")
    names = ("Limit", "Remaining", "Reset")
    return (answer.status, *(answer.header(f"X-RateLimit-Inbound-{one}") for one in names))


def test_the_quota_counts_requests_and_tells_minutes() -> None:
    city = City(quota=2)
    assert quota_headers(city) == (200, "2", "1", "0")
    assert quota_headers(city) == (200, "2", "0", "0")
    assert quota_headers(city) == (429, "2", "0", "60")
    city.now += 600
    assert quota_headers(city) == (429, "2", "0", "50")


def test_the_quota_window_slides_by_the_minute() -> None:
    city = City(quota=2)
    quota_headers(city)
    city.now += 1800
    quota_headers(city)
    city.now += 59 * 60 - 1800 - 1
    assert quota_headers(city)[0] == 429
    city.now += 1
    assert quota_headers(city) == (200, "2", "0", "0")
    assert quota_headers(city)[0] == 429


def test_the_quota_says_its_number() -> None:
    city = City(quota=1)
    city.ask("GET", "/data/barri")
    assert message(city.ask("GET", "/data/barri"))["message"] == (
        "Sent quota exceeded. You are only allowed to send 1 requests per hour on this site. "
        "Try again later."
    )


def test_the_global_quota_is_shared_by_all() -> None:
    city = City(Settings(global_quota=2), Entity("neighbour", "other-token"))
    city.ask("GET", "/data/neighbour", token="other-token")
    answer = city.ask("GET", "/data/barri")
    assert answer.header("X-RateLimit-Global-Inbound-Remaining") == "0"
    assert message(city.ask("GET", "/data/barri"))["message"] == (
        "Global inbound requests quota exceeded. Service only accepts 2 requests per hour. "
        "Try again later."
    )


def test_without_a_quota_there_are_no_quota_headers() -> None:
    assert quota_headers(City()) == (200, None, None, None)
