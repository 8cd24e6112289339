# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The city's catalogue: components and sensors, changed all-or-nothing, with its traps.

Known traps kept on purpose: PUT neither sets `state` nor `ttl`; a component PUT without
location makes it mobile; additional information is merged, never removed; null and "" change
nothing; PUT of an unknown sensor creates one. Read in the platform's source, not run.
Imports the rules; knows nothing of HTTP.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from . import location
from .catalogue_rules import component_errors, format_errors, key_errors, sensor_errors
from .errors import CATALOGUE_FAILURE, ApiError, internal
from .model import OFFLINE, ONLINE, Settings

_REFUSED = "Bad request data. %s have not been %s. Please review the following errors"
_SENSOR_TEXTS = ("description", "type", "unit", "timeZone")
_COMPONENT_TEXTS = ("componentType", "componentDesc", "coordinateSystem")
_SENSOR_ORDER = (
    "sensor",
    "description",
    "dataType",
    "location",
    "type",
    "unit",
    "timeZone",
    "publicAccess",
    "state",
    "component",
    "componentType",
    "componentDesc",
    "componentPublicAccess",
    "additionalInfo",
    "componentAdditionalInfo",
    "technicalDetails",
    "componentTechnicalDetails",
    "createdAt",
    "updatedAt",
    "componentCreatedAt",
    "componentUpdatedAt",
    "coordinateSystem",
)


@dataclass
class Change:
    """What a call did: (action, kind, name, fields as sent). The API server learns of it later."""

    action: str
    kind: str
    name: str
    fields: dict[str, Any] = field(default_factory=dict)


class Catalogue:
    """One provider's components and sensors."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.sensors: dict[str, dict[str, Any]] = {}
        self.components: dict[str, dict[str, Any]] = {}

    def insert(self, message: dict[str, Any], now_ms: int) -> list[Change]:
        """POST: new sensors, and the components that they name and that do not exist yet."""
        sent = _without_null(message["sensors"])
        self._refuse(format_errors(sent, (("Sensor", one) for one in sent)), "Sensors", "inserted")
        components: dict[str, dict[str, Any]] = {}
        for one in sent:
            name = _component_name(one)
            if name not in self.components and name not in components:
                components[name] = _component({"component": name}, one, now_ms)
        sensors = [_sensor(self.sensors.get(one.get("sensor") or ""), one, now_ms) for one in sent]
        self._refuse(self._errors(sensors, components.values(), True), "Sensors", "inserted")
        self.components |= components
        self.sensors |= {one["sensor"]: one for one in sensors}
        return [Change("create", "component", name) for name in components] + [
            Change("create", "sensor", one["sensor"], one) for one in sent
        ]

    def update(self, message: dict[str, Any], now_ms: int) -> list[Change]:
        """PUT: unknown components are passed over in silence, unknown sensors are created."""
        sent = _without_null(message.get("sensors"))
        places = _without_null(message.get("components"))
        located = (("Component", one) for one in places)
        self._refuse(format_errors(sent, located), "Resources", "updated")
        components = {
            one["component"]: _component(self.components[one["component"]], one, now_ms)
            for one in places
            if one.get("component") in self.components
        }
        sensors = [_sensor(self.sensors.get(one.get("sensor") or ""), one, now_ms) for one in sent]
        self._refuse(self._errors(sensors, components.values(), False), "Resources", "updated")
        self.components |= components
        self.sensors |= {one["sensor"]: one for one in sensors}
        return [
            Change("update", "component", one["component"], one)
            for one in places
            if one.get("component") in components
        ] + [Change("update", "sensor", one["sensor"], one) for one in sent]

    def delete(self, message: dict[str, Any]) -> list[Change]:
        """Sensors if any are named, else components with their sensors, else everything."""
        if message.get("sensors"):
            return self._drop_sensors(set(message["sensors"]))
        if message.get("components"):
            return self._drop_components(set(message["components"]))
        return self._drop_components(set(self.components)) + self._drop_sensors(set(self.sensors))

    def online(self, query: dict[str, str]) -> list[dict[str, Any]]:
        """GET: online sensors with a component, filtered by type, component, componentType."""
        rows = []
        for sensor in self.sensors.values():
            component = self.components.get(sensor["component"])
            if component is not None and sensor["state"] == ONLINE:
                merged = component | sensor
                if all(
                    not query.get(name) or merged.get(name) == query[name]
                    for name in ("type", "component", "componentType")
                ):
                    rows.append(_shown(merged))
        return rows

    def set_offline(self, name: str) -> None:
        """What a city's administrator can do and a publisher cannot."""
        self.sensors[name]["state"] = OFFLINE

    def _errors(
        self, sensors: list[dict[str, Any]], components: Iterable[dict[str, Any]], new: bool
    ) -> list[str]:
        errors = [text for one in sensors for text in sensor_errors(one, self._settings)]
        if new and not errors:
            errors = key_errors([one["sensor"] for one in sensors], self.sensors)
        return errors + [
            text for one in components for text in component_errors(one, self._settings)
        ]

    def _refuse(self, errors: list[str], what: str, done: str) -> None:
        if errors:
            raise ApiError(400, _REFUSED % (what, done), errors)

    def _drop_sensors(self, names: set[str]) -> list[Change]:
        gone = [name for name in self.sensors if name in names]
        for name in gone:
            del self.sensors[name]
        return [Change("delete", "sensor", name) for name in gone]

    def _drop_components(self, names: set[str]) -> list[Change]:
        gone = [name for name in self.components if name in names]
        for name in gone:
            del self.components[name]
        orphans = {name for name, one in self.sensors.items() if one["component"] in names}
        changes = [Change("delete", "component", name) for name in gone]
        return changes + self._drop_sensors(orphans)


def _without_null(items: list[dict[str, Any] | None] | None) -> list[dict[str, Any]]:
    """The items; a null among them makes the catalogue fall over."""
    found = [one for one in items or [] if one is not None]
    if len(found) < len(items or []):
        raise internal(CATALOGUE_FAILURE)
    return found


def _component_name(sent: dict[str, Any]) -> str:
    name = sent.get("component")
    return str(sent.get("sensor") if location.is_empty(name) else name)


def _sensor(old: dict[str, Any] | None, sent: dict[str, Any], now_ms: int) -> dict[str, Any]:
    """A sensor as it would be saved; `state` and `ttl` are never taken from the message."""
    start = {
        "sensor": sent.get("sensor"),
        "component": _component_name(sent),
        "dataType": "NUMBER",
        "state": ONLINE,
        "publicAccess": False,
        "createdAt": now_ms,
    }
    saved = (old or start) | {"updatedAt": now_ms}
    saved |= {name: sent[name] for name in _SENSOR_TEXTS if not location.is_empty(sent.get(name))}
    if not location.is_empty(sent.get("dataType")):
        saved["dataType"] = sent["dataType"].upper()
    return _merge(saved, sent, "publicAccess", "additionalInfo", "technicalDetails")


def _component(old: dict[str, Any], sent: dict[str, Any], now_ms: int) -> dict[str, Any]:
    """A component as it would be saved; without a location it becomes mobile."""
    start = {
        "componentType": "generic",
        "componentPublicAccess": False,
        "componentCreatedAt": now_ms,
    }
    saved = start | old | {"componentUpdatedAt": now_ms}
    texts = _COMPONENT_TEXTS
    saved |= {name: sent[name] for name in texts if not location.is_empty(sent.get(name))}
    has_place = bool((sent.get("location") or "").strip())
    saved["mobile"] = not has_place
    if has_place:
        saved["location"] = sent["location"]
    return _merge(
        saved,
        sent,
        "componentPublicAccess",
        "componentAdditionalInfo",
        "componentTechnicalDetails",
    )


def _merge(
    saved: dict[str, Any], sent: dict[str, Any], access: str, info: str, details: str
) -> dict[str, Any]:
    if sent.get(access) is not None:
        saved[access] = sent[access]
    if sent.get(info):
        saved[info] = (saved.get(info) or {}) | sent[info]
    if sent.get(details) is not None:
        told = {name: value for name, value in sent[details].items() if value is not None}
        saved[details] = (saved.get(details) or {}) | told
    return saved


def _shown(merged: dict[str, Any]) -> dict[str, Any]:
    return {name: merged[name] for name in _SENSOR_ORDER if merged.get(name) not in (None, "", {})}
