# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The catalogue and its traps. The rules were read in the platform's source (reference notes);
the real catalogue was not run, so nothing foreign confirms these."""

from typing import Any

import pytest
from sandbox_city import City, message

from barri_tools.sandbox.sentilo import Entity, Settings

NOISE: dict[str, Any] = {
    "sensor": "N1",
    "type": "noise",
    "unit": "dB",
    "component": "C1",
    "location": "41.38 2.15",
}


def post(city: City, *sensors: dict[str, Any]) -> list[str]:
    """Errors of a POST, empty when it was taken."""
    answer = city.ask("POST", "/catalog/barri", {"sensors": list(sensors)})
    return [] if answer.status == 200 else message(answer)["errorDetails"]


def put(city: City, body: dict[str, Any], query: str = "") -> int:
    return city.ask("PUT", f"/catalog/barri{query}", body).status


def listed(city: City, query: str = "") -> list[dict[str, Any]]:
    providers = message(city.ask("GET", f"/catalog/barri{query}")).get("providers", [])
    return providers[0]["sensors"] if providers else []


@pytest.fixture
def city() -> City:
    city = City()
    assert post(city, NOISE) == []
    return city


def test_a_sensor_comes_with_its_component_and_with_defaults(city: City) -> None:
    now_ms = int(city.now * 1000)
    assert listed(city) == [
        {
            "sensor": "N1",
            "dataType": "NUMBER",
            "location": "41.38 2.15",
            "type": "noise",
            "unit": "dB",
            "publicAccess": False,
            "state": "online",
            "component": "C1",
            "componentType": "generic",
            "componentPublicAccess": False,
            "createdAt": now_ms,
            "updatedAt": now_ms,
            "componentCreatedAt": now_ms,
            "componentUpdatedAt": now_ms,
        }
    ]


def test_the_list_is_filtered_by_type_component_and_component_type(city: City) -> None:
    post(
        city, {"sensor": "T1", "type": "temperature", "component": "C2", "componentType": "meteo"}
    )
    found = {
        query: [one["sensor"] for one in listed(city, query)]
        for query in (
            "",
            "?type=noise",
            "?component=C2",
            "?componentType=meteo",
            "?type=noise&component=C2",
        )
    }
    assert found == {
        "": ["N1", "T1"],
        "?type=noise": ["N1"],
        "?component=C2": ["T1"],
        "?componentType=meteo": ["T1"],
        "?type=noise&component=C2": [],
    }


def test_posting_a_sensor_again_is_refused_and_nothing_of_the_message_is_kept(city: City) -> None:
    new = {"sensor": "N2", "type": "noise", "component": "C9"}
    assert post(city, new, NOISE) == ["Sensor N1 : sensor with the same id already exists."]
    assert [one["sensor"] for one in listed(city)] == ["N1"]
    assert post(city, new, new) == ["There are more than one resource with key N2 ."]


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"type": "pm25"}, ["Sensor S: invalid value for field type (pm25)."]),
        ({"componentType": "x"}, ["Component C: invalid value for field componentType (x)."]),
        ({"dataType": "float"}, ["Sensor S: invalid value for field dataType (float)."]),
        ({"location": "41,2"}, ["Sensor S: invalid value for field location (41,2)."]),
        (
            {"technicalDetails": {"energy": "wind"}},
            ["Sensor S: invalid value for field energy (wind)."],
        ),
        (
            {"componentTechnicalDetails": {"connectivity": "LORA"}},
            ["Component C: invalid value for field connectivity (LORA)."],
        ),
        (
            {"sensor": "a b"},
            [
                "Sensor a b has fields not filled in correctly. Please make sure "
                "following fields are filled in properly: [sensor]"
            ],
        ),
        (
            {"type": "x", "componentType": "y"},
            [
                "Sensor S: invalid value for field type (x).",
                "Component C: invalid value for field componentType (y).",
            ],
        ),
    ],
)
def test_what_the_catalogue_refuses(change: dict[str, Any], errors: list[str]) -> None:
    city = City()
    assert post(city, {"sensor": "S", "type": "noise", "component": "C"} | change) == errors
    assert listed(city) == []
    assert city.record.catalogue == []


def test_types_are_the_citys_own() -> None:
    city = City(Settings(sensor_types=frozenset({"pm25"})))
    assert post(city, {"sensor": "S", "type": "pm25"}) == []
    assert listed(city)[0]["component"] == "S"  # by default named as the sensor


def test_trap_put_neither_sets_state_nor_time_to_live(city: City) -> None:
    assert put(city, {"sensors": [{"sensor": "N1", "state": "offline", "ttl": 5}]}) == 200
    assert listed(city)[0]["state"] == "online"
    assert "ttl" not in listed(city)[0]


def test_trap_a_component_put_without_location_makes_it_mobile(city: City) -> None:
    component = city.sandbox.catalogue("barri").components
    assert component["C1"]["mobile"] is False
    put(city, {"components": [{"component": "C1", "componentDesc": "on the balcony"}]})
    assert component["C1"]["mobile"] is True
    assert listed(city)[0]["location"] == "41.38 2.15"


def test_trap_additional_information_is_merged_and_never_removed(city: City) -> None:
    put(city, {"sensors": [{"sensor": "N1", "additionalInfo": {"a": "1", "b": "2"}}]})
    put(city, {"sensors": [{"sensor": "N1", "additionalInfo": {"b": "3"}}]})
    assert listed(city)[0]["additionalInfo"] == {"a": "1", "b": "3"}


def test_trap_null_and_empty_texts_change_nothing(city: City) -> None:
    put(city, {"sensors": [{"sensor": "N1", "unit": "", "type": None}]})
    assert (listed(city)[0]["unit"], listed(city)[0]["type"]) == ("dB", "noise")


def test_trap_put_passes_over_unknown_components_in_silence(city: City) -> None:
    assert put(city, {"components": [{"component": "C8", "componentDesc": "x"}]}) == 200
    assert "C8" not in city.sandbox.catalogue("barri").components


def test_trap_delete_removes_everything_of_the_provider(city: City) -> None:
    post(city, {"sensor": "N2", "type": "noise"})
    assert city.ask("DELETE", "/catalog/barri", {"sensors": ["N2"]}).status == 200
    assert listed(city) == []


def test_delete_by_put_takes_only_what_is_named(city: City) -> None:
    post(city, {"sensor": "N2", "type": "noise", "component": "C2"})
    assert put(city, {"components": ["C2"]}, "?method=delete") == 200
    assert [one["sensor"] for one in listed(city)] == ["N1"]
    assert put(city, {"sensors": ["N1"]}, "?method=delete") == 200
    assert listed(city) == []


def test_an_unknown_field_is_refused(city: City) -> None:
    answer = city.ask("POST", "/catalog/barri", {"sensors": [{"sensor": "S", "colour": "red"}]})
    assert answer.status == 400


def test_applications_may_look_but_not_change() -> None:
    viewer = Entity("app", "app-token", provider=False, rights=(("barri", "READ"),))
    city = City(None, viewer)
    post(city, NOISE)
    seen = message(city.ask("GET", "/catalog", token="app-token"))["providers"]
    assert [(one["provider"], one["permission"]) for one in seen] == [("barri", "READ")]
    answer = city.ask("POST", "/catalog/app", {"sensors": [NOISE]}, token="app-token")
    assert (answer.status, message(answer)["message"]) == (
        403,
        "The service you have requested is restricted to providers only",
    )
    assert city.ask("PUT", "/catalog/barri", {}, token="app-token").status == 403


def test_every_change_is_in_the_record_as_it_was_sent(city: City) -> None:
    put(city, {"sensors": [{"sensor": "N1", "unit": "dBA"}]})
    put(city, {"sensors": ["N1"]}, "?method=delete")
    rows = [(row.action, row.kind, row.name, row.fields) for row in city.record.catalogue]
    assert rows == [
        ("create", "component", "C1", {}),
        ("create", "sensor", "N1", NOISE),
        ("update", "sensor", "N1", {"sensor": "N1", "unit": "dBA"}),
        ("delete", "sensor", "N1", {}),
    ]
