# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The bodies of /data: reading what publishers send, writing what readers get.

Imports the strict JSON reader, the timestamps and the positions; no state.
"""

import json
import re
from collections.abc import Sequence
from typing import Any

from . import java_time, location
from .errors import bad_field, bad_request, internal
from .store import Observation
from .strict_json import list_of, object_of, parse, read_long, read_object, read_text

# Each escape as a whole, so that an escaped backslash hides what follows; astral characters.
_ESCAPED = re.compile(r"\\(?:u[0-9a-f]{4}|.)|[\U00010000-\U0010ffff]")
_OBSERVATION = {
    "value": read_text,
    "timestamp": read_text,
    "location": read_text,
    "time": read_long,
}
_OBSERVATIONS = list_of(object_of(_OBSERVATION))
_ONE_SENSOR = {"observations": _OBSERVATIONS, "sensor": read_text, "location": read_text}
_MANY_SENSORS = {"sensors": list_of(object_of(_ONE_SENSOR))}


class PublishedObservation:
    """An observation before it is known to be complete: value and time may be missing."""

    __slots__ = ("location", "sensor", "time_ms", "value")

    def __init__(
        self, sensor: str | None, value: str | None, time_ms: int | None, place: str | None
    ) -> None:
        self.sensor, self.value, self.time_ms, self.location = sensor, value, time_ms, place


def read_one_sensor(text: str, sensor: str) -> list[PublishedObservation]:
    """The body of PUT /data/P/S. A `sensor` in the body is taken and ignored."""
    message = _read(text, _ONE_SENSOR, {"observations": []})
    return _observations(message, sensor)


def read_many_sensors(text: str) -> list[PublishedObservation]:
    """The body of PUT /data/P. A sensor without `observations` makes the platform fall over."""
    message = _read(text, _MANY_SENSORS, {"sensors": []})
    if message["sensors"] is None:
        raise internal()
    result: list[PublishedObservation] = []
    for sensor in message["sensors"]:
        if sensor is None:
            raise internal()
        result += _observations(sensor, sensor.get("sensor"))
    return result


def require_complete(observations: Sequence[PublishedObservation]) -> None:
    """Nothing to publish, or one without value: the whole request is refused."""
    if not observations:
        raise bad_request("To publish data is mandatory to fill in the observations field")
    if any(one.value is None for one in observations):
        raise bad_request("To publish data is mandatory to fill in the value field")


def write_one_sensor(observations: Sequence[Observation]) -> bytes:
    """The body of GET /data/P/S."""
    return to_json({"observations": [_row(one) for one in observations]})


def write_many_sensors(groups: Sequence[tuple[str, Sequence[Observation]]]) -> bytes:
    """The body of GET /data/P; sensors without observations are left out."""
    sensors = [
        {"sensor": name, "observations": [_row(one) for one in rows]}
        for name, rows in groups
        if rows
    ]
    return to_json({"sensors": sensors})


def _read(text: str, fields: dict[str, Any], default: dict[str, Any]) -> dict[str, Any]:
    if not text.strip():
        return default
    value = parse(text)
    if value is None:
        raise internal()
    return default | read_object(value, fields)


def _observations(message: dict[str, Any], sensor: str | None) -> list[PublishedObservation]:
    rows = message.get("observations")
    if rows is None:
        raise internal()
    return [_published(row, sensor, message.get("location")) for row in rows]


def _published(
    row: dict[str, Any] | None, sensor: str | None, default_place: str | None
) -> PublishedObservation:
    if row is None:
        raise internal()
    place = row.get("location")
    place = place if place and place.strip() else default_place
    time_ms = read_time(row.get("timestamp"), "timestamp")
    if not location.is_valid(place):
        raise bad_field("location", str(place))
    return PublishedObservation(sensor, row.get("value"), time_ms, place)


def read_time(text: str | None, field: str) -> int | None:
    """A timestamp in ms, None when absent or blank, ApiError 400 naming the field otherwise."""
    if text is None or not text.strip():
        return None
    time_ms = java_time.parse_ms(text)
    if time_ms is None:
        raise bad_field(field, text)
    return time_ms


def _row(observation: Observation) -> dict[str, Any]:
    row: dict[str, Any] = {
        "value": observation.value,
        "timestamp": java_time.format_utc(observation.time_ms),
    }
    if observation.location and observation.location.strip():
        row["location"] = observation.location
    return row | {"time": observation.time_ms}


def to_json(message: object) -> bytes:
    """Compact UTF-8 JSON as Jackson writes it: control and astral characters as \\uXXXX."""
    text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
    return _ESCAPED.sub(_escape, text).encode("utf-8", "replace")


def _escape(match: re.Match[str]) -> str:
    """Upper-case hexadecimal, a surrogate pair for an astral character."""
    found = match[0]
    if found.startswith("\\u"):
        return "\\u" + found[2:].upper()
    if found.startswith("\\"):
        return found
    high, low = divmod(ord(found) - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04X}\\u{0xDC00 + low:04X}"
