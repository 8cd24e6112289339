# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What the catalogue refuses, with the texts of the platform's release 2.0.0.

All errors of a message are collected; one is enough to refuse all of it. Pure; imports the
positions and the settings. Source: reference notes on the platform's catalogue, read in its
source, not run (it needs MongoDB).
"""

import re
import zoneinfo
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from . import location
from .java_set import hash_set_order
from .model import Settings

Fields = Mapping[str, Any]
DATA_TYPES = frozenset(
    {
        "NUMBER",
        "BOOLEAN",
        "TEXT",
        "JSON",
        "LINK",
        "AUDIO_LINK",
        "VIDEO_LINK",
        "IMAGE_LINK",
        "FILE_LINK",
    }
)
ENERGIES = frozenset({"220VAC", "12_24_VDC", "185_230_V", "AUT_BAT", "SOLAR_BAT"})
CONNECTIVITIES = frozenset({"ET_RJ45", "ET_POE", "3G", "WIFI"})
COORDINATE_SYSTEMS = frozenset({"WGS84", "ETRS89"})
_NAME = re.compile(r"[0-9a-zA-Z\-_]+")
_GMT_ZONE = re.compile(r"GMT[+-]\d{1,2}(:?\d\d)?")


def format_errors(sensors: Iterable[Fields], located: Iterable[tuple[str, Fields]]) -> list[str]:
    """First pass: data types of sensors, then positions of (kind, resource) pairs."""
    errors = [
        _invalid("Sensor", one.get("sensor"), "dataType", one["dataType"])
        for one in sensors
        if (one.get("dataType") or "").strip() and one["dataType"].upper() not in DATA_TYPES
    ]
    for kind, one in located:
        if not location.is_valid(one.get("location")):
            name = one.get("sensor" if kind == "Sensor" else "component")
            errors.append(_invalid(kind, name, "location", one.get("location")))
    return errors


def sensor_errors(sensor: Fields, settings: Settings) -> list[str]:
    """Second pass for a sensor as it would be saved."""
    name = sensor.get("sensor")
    wrong = [] if _is_name(name) else ["sensor"]
    wrong += [] if (sensor.get("type") or "").strip() else ["type"]
    wrong += [] if _is_zone(sensor.get("timeZone")) else ["timeZone"]
    errors = _incomplete("Sensor", name, wrong)
    if sensor.get("type") not in settings.sensor_types:
        errors.append(_invalid("Sensor", name, "type", sensor.get("type")))
    return errors + _technical_errors("Sensor", name, sensor.get("technicalDetails"))


def component_errors(component: Fields, settings: Settings) -> list[str]:
    """Second pass for a component as it would be saved."""
    name = component.get("component")
    errors = _incomplete("Component", name, [] if _is_name(name) else ["name"])
    if component.get("componentType") not in settings.component_types:
        errors.append(_invalid("Component", name, "componentType", component.get("componentType")))
    errors += _technical_errors("Component", name, component.get("componentTechnicalDetails"))
    system = component.get("coordinateSystem")
    if (system or "").strip() and system not in COORDINATE_SYSTEMS:
        errors.append(_invalid("Component", name, "coordinateSystem", system))
    return errors


def key_errors(names: list[str], existing: Iterable[str]) -> list[str]:
    """Sensors named twice in a message, or already there."""
    counts = Counter(names)
    twice = [name for name in hash_set_order(names) if name and counts[name] > 1]
    if twice:
        return [f"There are more than one resource with key {name} ." for name in twice]
    there = set(existing)
    return [
        f"Sensor {name} : sensor with the same id already exists."
        for name in names
        if name in there
    ]


def _technical_errors(kind: str, name: str | None, details: Fields | None) -> list[str]:
    allowed = (("energy", ENERGIES), ("connectivity", CONNECTIVITIES))
    return [
        _invalid(kind, name, field, (details or {})[field])
        for field, values in allowed
        if ((details or {}).get(field) or "").strip() and (details or {})[field] not in values
    ]


def _incomplete(kind: str, name: str | None, fields: list[str]) -> list[str]:
    if not fields:
        return []
    return [
        f"{kind} {_java(name)} has fields not filled in correctly. Please make sure following "
        f"fields are filled in properly: [{','.join(fields)}]"
    ]


def _invalid(kind: str, name: str | None, field: str, value: str | None) -> str:
    return f"{kind} {_java(name)}: invalid value for field {field} ({_java(value)})."


def _java(value: str | None) -> str:
    return "null" if value is None else value


def _is_name(name: str | None) -> bool:
    return name is not None and bool(_NAME.fullmatch(name))


def _is_zone(zone: str | None) -> bool:
    """Java's zone ids are nearly those of the tz database."""
    if zone is None or not zone.strip():
        return True
    return zone in zoneinfo.available_timezones() or bool(_GMT_ZONE.fullmatch(zone))
