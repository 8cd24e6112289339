# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What a publisher meets at /data. Texts and rules: the reference notes on the platform."""

import pytest
from sandbox_city import TOKEN, City, message

from barri_tools.sandbox.sentilo import Entity, Settings

T1, T2, T3 = "17/09/2012T12:34:45", "17/09/2012T12:34:46", "17/09/2012T12:34:47"


@pytest.fixture
def city() -> City:
    return City().know("S1", "S3")


def test_success_is_empty_and_names_the_version(city: City) -> None:
    answer = city.publish("S1", {"value": "12.3", "timestamp": T1})
    assert (answer.status, answer.body, answer.header("X-Sentilo-Version")) == (200, b"", "2.0.0")


@pytest.mark.parametrize(
    "row",
    [
        {"value": "1", "quality": "good"},
        {"value": "1", "unit": "Cel"},
        {"Value": "1"},
        {"value": {}},
        {"value": []},
        {"value": None},
        {},
    ],
)
def test_a_row_that_is_not_to_the_letter_refuses_the_whole_request(
    city: City, row: dict[str, object]
) -> None:
    assert city.publish("S1", {"value": "good"}, row).status == 400
    assert city.values("S1") == []
    assert city.record.observations == []


@pytest.mark.parametrize(
    "timestamp",
    [
        "17/09/2012T12:34:45Z",
        "17/09/2012T12:34:45+02:00",
        "2012-09-17T12:34:45",
        "17/09/2012T12:34:45.123",
        "31/02/2012T00:00:00",
        "17/09/2012T24:00:00",
    ],
)
def test_one_bad_timestamp_refuses_the_whole_request(city: City, timestamp: str) -> None:
    answer = city.publish(
        "S1", {"value": "1", "timestamp": T1}, {"value": "2", "timestamp": timestamp}
    )
    assert answer.status == 400
    assert message(answer)["errorDetails"] == [f"Wrong timestamp value: {timestamp}"]
    assert city.values("S1") == []


def test_one_bad_location_refuses_the_whole_request(city: City) -> None:
    answer = city.publish("S1", {"value": "1"}, {"value": "2", "location": "41.38,2.15"})
    assert message(answer)["errorDetails"] == ["Wrong location value: 41.38,2.15"]
    assert city.values("S1") == []


def test_unknown_and_offline_sensors_are_named_and_the_rest_is_stored(city: City) -> None:
    city.sandbox.load_sensor("barri", "S7", "offline")
    answer = city.ask(
        "PUT",
        "/data/barri",
        {
            "sensors": [
                {"sensor": name, "observations": [{"value": name}, {"value": name}]}
                for name in ("S1", "S2", "S3", "S7")
            ]
        },
    )
    assert answer.status == 404
    # The names stand in the order of a Java HashSet, the details in the order of the request.
    assert answer.body.decode() == (
        '{"code":404,"message":"Events associated with resources [S7,S2] have been rejected. See '
        'the error details to know about what went wrong in each case","errorDetails":["Sensor '
        '[S2] not found on Sentilo (404.1).","Sensor [S7] is not online (404.2)."]}'
    )
    assert city.values("S1") == ["S1", "S1"]
    assert city.values("S3") == ["S3", "S3"]


def test_the_same_observation_sent_twice_is_stored_twice(city: City) -> None:
    for _ in range(2):
        assert city.publish("S1", {"value": "7", "timestamp": T1}).status == 200
    assert city.values("S1", f"?from={T1}&to={T1}&limit=200") == ["7", "7"]
    assert [row.arrival for row in city.record.observations] == [0, 1]


def test_numbers_are_kept_as_they_were_written(city: City) -> None:
    numbers = ["12.30", "1e-3", "-0", "123456789012345678901234567890.00"]
    rows = ",".join(f'{{"value":{one}}}' for one in numbers)
    assert city.ask("PUT", "/data/barri/S1", f'{{"observations":[{rows}]}}'.encode()).status == 200
    assert [row.value for row in city.record.observations] == numbers


def test_reading_is_newest_first_with_both_bounds_inclusive(city: City) -> None:
    city.publish("S1", *({"value": at, "timestamp": at} for at in (T2, T3, T1)))
    assert city.values("S1") == [T3, T2, T1]
    assert city.values("S1", f"?from={T1}&to={T2}&limit=200") == [T2, T1]
    assert city.values("S1", f"?from={T2}&to={T2}&limit=200") == [T2]


def test_reading_gives_one_by_default_200_at_most_and_50_for_a_whole_provider(city: City) -> None:
    city.publish("S1", *({"value": str(n), "timestamp": T1} for n in range(210)))
    assert len(city.values("S1", "")) == 1
    assert len(city.values("S1", "?limit=5000")) == 200
    whole = message(city.ask("GET", "/data/barri?limit=200"))
    assert [len(one["observations"]) for one in whole["sensors"]] == [50]


def test_the_future_is_invisible_unless_asked_for(city: City) -> None:
    city.publish("S1", {"value": "later", "timestamp": "25/12/2099T00:00:00"})
    assert city.values("S1") == []
    assert city.values("S1", "?to=31/12/2099T00:00:00") == ["later"]


def test_delete_takes_the_highest_timestamp_only(city: City) -> None:
    city.publish("S1", *({"value": at, "timestamp": at} for at in (T3, T1, T2)))
    assert city.ask("DELETE", "/data/barri/S1").status == 200
    assert city.values("S1") == [T2, T1]


def test_the_token_comes_back_in_a_401(city: City) -> None:
    assert message(city.ask("GET", "/data/barri/S1", token="my-secret")) == {
        "code": 401,
        "message": "Invalid credential my-secret",
    }
    assert message(city.ask("GET", "/data/barri/S1", token=None)) == {
        "code": 401,
        "message": "Invalid credential null",
    }


def test_no_right_on_another_provider() -> None:
    city = City(None, Entity("neighbour", "other-token"))
    assert message(city.ask("PUT", "/data/neighbour/S/1"))["message"] == (
        "Entity barri has not permission to WRITE  info about entity neighbour"
    )


def test_a_wrong_path_is_another_404(city: City) -> None:
    answer = city.ask("PUT", "/sentilo/data/barri/S1/5")
    assert message(answer) == {
        "code": 404,
        "message": "handler not found to process request /sentilo/data/barri/S1/5",
    }


def test_a_body_over_the_limit_is_told_its_size() -> None:
    city = City(Settings(max_body_bytes=100)).know("S1")
    answer = city.publish("S1", {"value": "x" * 100})
    sent = len(b'{"observations": [{"value": ""}]}') + 100
    assert message(answer)["message"] == (
        f"Unable to read message. Request payload size ({sent} bytes) "
        "exceeds the limit (100 bytes)"
    )


@pytest.mark.parametrize(
    ("method", "target", "body", "status"),
    [
        ("POST", "/data/barri/S1", b"{}", 405),
        ("HEAD", "/data/barri/S1", b"", 500),
        ("PATCH", "/data/barri/S1", b"", 500),
        ("PUT", "/data/barri", b'{"sensors":[{"sensor":"S1"}]}', 500),
        ("PUT", "/data/barri/S1", b"null", 500),
        ("PUT", "/data/barri/S1/a%2Fb", b"", 400),
        ("PUT", "/data/barri/S1", b"", 400),
        ("POST", "/data/barri/S1/5?method=put", b"", 200),
    ],
)
def test_the_corners_of_the_interface(
    city: City, method: str, target: str, body: bytes, status: int
) -> None:
    assert city.ask(method, target, body).status == status


def test_checks_come_in_the_order_of_the_platform() -> None:
    city = City(Settings(max_body_bytes=50), Entity("neighbour", "other-token"), quota=4)
    long = b"x" * 51
    statuses = [
        city.ask("PUT", "/nope", long, token="wrong").status,  # credential first
        message(city.ask("PUT", "/nope", long))["message"][:14],  # then length
        city.ask("PUT", "/nope", b"{").status,  # then the path
        city.ask("PUT", "/data/neighbour/S", b"{").status,  # then JSON, hiding the right
        city.ask("PUT", "/data/neighbour/S", b'{"observations":[{"value":1}]}').status,
        city.ask("PUT", "/nope", long).status,  # quota before all but 401
    ]
    assert statuses == [401, "Unable to read", 404, 400, 403, 429]


def test_the_token_is_masked_in_the_settings_of_an_entity() -> None:
    assert TOKEN not in repr(Entity("barri", TOKEN))
