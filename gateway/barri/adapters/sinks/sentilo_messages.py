# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Sentilo's bodies, to the byte (release 2.0.0). Takes only what the gate has built.

Timestamps are UTC without a zone, `dd/MM/yyyyTHH:mm:ss`, and mark a window's end. Values are
strings. No location on observations, no descriptions, no technical details.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from barri.domain.sharing import (
    Era,
    Pseudonym,
    SharedDatastream,
    SharedObservation,
    SharedThing,
)

# What the platform itself ships, as far as it fits, and names in use; each city has its own list.
DEFAULT_TYPES = {
    "temperature": "temperature",
    "humidity": "humidity",
    "laeq": "noise",
    "lafmax": "noise",
    "lafmin": "noise",
    "la10": "noise",
    "la50": "noise",
    "la90": "noise",
    "pm1": "air_quality_pm1",
    "pm2_5": "air_quality_pm25",
    "pm10": "air_quality_pm10",
}


def timestamp(moment_s: int) -> str:
    """Write a moment (Unix s) as the platform wants it."""
    return datetime.fromtimestamp(moment_s, UTC).strftime("%d/%m/%YT%H:%M:%S")


def publish(shared: Sequence[SharedObservation]) -> bytes:
    """The body of PUT /data/{provider}: one entry a sensor, values in the order given."""
    sensors: dict[str, list[dict[str, str]]] = {}
    for one in shared:
        row = {"value": one.value_text, "timestamp": timestamp(one.end_s)}
        sensors.setdefault(one.stream, []).append(row)
    return _json(
        {"sensors": [{"sensor": name, "observations": rows} for name, rows in sensors.items()]}
    )


def announce(
    thing: SharedThing,
    streams: Sequence[SharedDatastream],
    types: Mapping[str, str],
    component_type: str,
) -> bytes:
    """The body of POST /catalog/{provider}."""
    return _json({"sensors": [_sensor(thing, one, types, component_type) for one in streams]})


def _sensor(
    thing: SharedThing, stream: SharedDatastream, types: Mapping[str, str], component_type: str
) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "sensor": stream.stream,
        "type": types.get(stream.quantity, stream.quantity),
        "dataType": "NUMBER",
        "unit": stream.unit,
        "component": thing.pseudonym,
        "componentType": component_type,
        "publicAccess": False,
        "componentPublicAccess": False,
        "additionalInfo": {
            "quantity": stream.quantity,
            "window_s": str(stream.window_s),
            "rule": stream.rule,
            "timestamp": "end of window",
        },
        "componentAdditionalInfo": {"kind": thing.kind},
    }
    if thing.place is not None:
        latitude, longitude = thing.place
        entry["location"] = f"{latitude:.5f} {longitude:.5f}"
    return entry


def erase_sensors(streams: Sequence[Era]) -> bytes:
    """The body that deletes sensors. Never empty: an empty list deletes the whole provider."""
    if not streams:
        raise ValueError("an empty list would erase everything")
    return _json({"sensors": list(streams)})


def erase_components(things: Sequence[Pseudonym]) -> bytes:
    """The body that deletes components. Never empty: see above."""
    if not things:
        raise ValueError("an empty list would erase everything")
    return _json({"components": list(things)})


def _json(content: Any) -> bytes:
    return json.dumps(content, separators=(",", ":"), ensure_ascii=True).encode()
