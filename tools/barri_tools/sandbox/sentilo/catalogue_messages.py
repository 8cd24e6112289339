# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The bodies of /catalog: which fields exist, and what they may hold.

Fields and their order are those of the platform's release 2.0.0. Imports the strict JSON reader.
"""

from typing import Any

from .errors import bad_json, bad_request
from .strict_json import (
    list_of,
    object_of,
    parse,
    read_boolean,
    read_long,
    read_object,
    read_text,
    read_text_map,
)

_TECHNICAL = object_of(
    dict.fromkeys(
        ("producer", "model", "serialNumber", "macAddress", "energy", "connectivity"), read_text
    )
)


def _read_state(value: Any) -> str | None:
    if value in ("online", "offline", "ghost", None):
        return None if value is None else str(value)
    raise bad_json("Sandbox: state is one of online, offline, ghost")


_COMPONENT_FIELDS = {
    "component": read_text,
    "provider": read_text,
    "location": read_text,
    "componentType": read_text,
    "componentDesc": read_text,
    "componentPublicAccess": read_boolean,
    "componentAdditionalInfo": read_text_map,
    "componentTechnicalDetails": _TECHNICAL,
    "componentCreatedAt": read_long,
    "componentUpdatedAt": read_long,
    "coordinateSystem": read_text,
}
_SENSOR_FIELDS = _COMPONENT_FIELDS | {
    "sensor": read_text,
    "description": read_text,
    "dataType": read_text,
    "type": read_text,
    "unit": read_text,
    "timeZone": read_text,
    "publicAccess": read_boolean,
    "state": _read_state,
    "ttl": read_long,
    "additionalInfo": read_text_map,
    "technicalDetails": _TECHNICAL,
    "createdAt": read_long,
    "updatedAt": read_long,
}
# `locations` belongs to the platform's own agents; a publisher has no use for it.
_SAVE = {
    "providerId": read_text,
    "parameters": read_text_map,
    "sensors": list_of(object_of(_SENSOR_FIELDS)),
    "components": list_of(object_of(_COMPONENT_FIELDS)),
}
_DELETE = {
    "providerId": read_text,
    "parameters": read_text_map,
    "sensors": list_of(read_text),
    "components": list_of(read_text),
}
Message = dict[str, Any]


def read_insert(text: str) -> Message:
    """The body of POST /catalog/P; it must name sensors."""
    message = _read(text, _SAVE)
    if not message.get("sensors"):
        raise bad_request("To insert sensors is mandatory to inform the sensors")
    return message


def read_update(text: str) -> Message:
    """The body of PUT /catalog/P: sensors, components, or nothing."""
    return _read(text, _SAVE)


def read_delete(text: str) -> Message:
    """The body of PUT /catalog/P?method=delete: names only."""
    return _read(text, _DELETE)


def _read(text: str, fields: dict[str, Any]) -> Message:
    """Every failure is a 400 here, unlike /data even that of a null body."""
    return read_object(parse(text), fields) if text.strip() else {}
