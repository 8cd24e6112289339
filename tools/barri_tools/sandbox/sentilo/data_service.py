# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""/data: what is stored, what is given back, what is rejected and what is deleted.

Imports the messages and the store; the caller has checked who asks.
"""

from collections.abc import Callable

from .call import Call
from .errors import ApiError, bad_field, internal
from .headers import body_text
from .java_set import hash_set_order
from .messages import (
    PublishedObservation,
    read_many_sensors,
    read_one_sensor,
    read_time,
    require_complete,
    write_many_sensors,
    write_one_sensor,
)
from .model import OFFLINE, Sensor, Settings
from .record import Record
from .store import Observation, ObservationStore

MAX_OF_SENSOR = 200
MAX_OF_PROVIDER = 50
_REJECTED = (
    "Events associated with resources [%s] have been rejected. See the error details to know "
    "about what went wrong in each case"
)
_INTEGER_LIMIT = 2**31


class DataService:
    """The API server's side of the sandbox: its known sensors and their observations."""

    def __init__(self, record: Record, settings: Settings) -> None:
        self._record = record
        self._max_observations = settings.max_observations
        self._sensors: dict[tuple[str, str], Sensor] = {}
        self.store = ObservationStore()

    def know(self, sensor: Sensor) -> None:
        """Learn of a sensor or of its new state."""
        self._sensors[(sensor.provider, sensor.name)] = sensor

    def forget(self, provider: str, sensor: str) -> None:
        """A sensor was deleted: its observations go too (the record stays)."""
        self._sensors.pop((provider, sensor), None)
        self.store.drop((provider, sensor))

    def sensors(self) -> list[Sensor]:
        """All known sensors, oldest first."""
        return list(self._sensors.values())

    def read_request(self, call: Call, parts: list[str]) -> Callable[[], bytes]:
        """Read the whole request now; the result does the work once the right is checked."""
        if call.request.method == "GET":
            return self._read_get(call, parts)
        if call.request.method == "DELETE":
            return lambda: self._delete(parts, call.now)
        published = _published(call, parts)
        require_complete(published)
        return lambda: self._publish(call, parts[0], published)

    def _publish(self, call: Call, provider: str, published: list[PublishedObservation]) -> bytes:
        """Store those of online sensors, in order; the others are named in a 404."""
        rejected: dict[str | None, str] = {}
        stored = 0
        for one in published:
            reason = self._rejection(provider, one.sensor)
            if reason:
                rejected.setdefault(one.sensor, reason)
                continue
            if call.store_limit is not None and stored >= call.store_limit:
                raise internal()
            self._store(_complete(one, provider, call.now_ms), call.now)
            stored += 1
        if rejected:
            names = ",".join(_java(name) for name in hash_set_order(rejected))
            raise ApiError(404, _REJECTED % names, list(rejected.values()))
        return b""

    def _store(self, observation: Observation, now: float) -> None:
        if len(self._record.observations) >= self._max_observations:
            raise internal("SIE00")
        self.store.add(observation)
        self._record.stored(observation, now)

    def _rejection(self, provider: str, name: str | None) -> str:
        sensor = self._sensors.get((provider, name)) if name is not None else None
        if sensor is None:
            return f"Sensor [{_java(name)}] not found on Sentilo (404.1)."
        if sensor.state == OFFLINE:
            return f"Sensor [{name}] is not online (404.2)."
        return ""

    def _read_get(self, call: Call, parts: list[str]) -> Callable[[], bytes]:
        query = call.uri.query
        from_ms = read_time(query.get("from"), "date") or 0
        to_ms = read_time(query.get("to"), "date")
        until_ms = call.now_ms if to_ms is None else to_ms
        most = MAX_OF_SENSOR if len(parts) == 2 else MAX_OF_PROVIDER
        limit = min(_read_limit(query.get("limit")), most)
        return lambda: self._get(parts, from_ms, until_ms, limit)

    def _get(self, parts: list[str], from_ms: int, to_ms: int, limit: int) -> bytes:
        if len(parts) == 2:
            key = (parts[0], parts[1])
            return write_one_sensor(self.store.newest(key, from_ms, to_ms, limit))
        return write_many_sensors(
            [
                (sensor.name, self.store.newest((parts[0], sensor.name), from_ms, to_ms, limit))
                for sensor in self._sensors.values()
                if sensor.provider == parts[0]
            ]
        )

    def _delete(self, parts: list[str], now: float) -> bytes:
        """The newest by timestamp, of one sensor or of each of the provider's."""
        names = parts[1:] or [one.name for one in self.sensors() if one.provider == parts[0]]
        for name in names:
            gone = self.store.delete_newest((parts[0], name))
            if gone is not None:
                self._record.erased(gone, now)
        return b""


def _published(call: Call, parts: list[str]) -> list[PublishedObservation]:
    if len(parts) == 3:
        return [PublishedObservation(parts[1], parts[2], None, None)]
    text = body_text(call.request)
    return read_one_sensor(text, parts[1]) if len(parts) == 2 else read_many_sensors(text)


def _complete(one: PublishedObservation, provider: str, now_ms: int) -> Observation:
    time_ms = now_ms if one.time_ms is None else one.time_ms
    return Observation(provider, one.sensor or "", _utf8(one.value or ""), time_ms, one.location)


def _utf8(text: str) -> str:
    """What comes back from a store of UTF-8: half a surrogate pair becomes a question mark."""
    return text.encode("utf-8", "replace").decode()


def _read_limit(text: str | None) -> int:
    """A Java int; 1 when absent or blank."""
    if text is None or not text.strip():
        return 1
    digits = text[1:] if text[0] in "+-" else text
    if not (digits.isdecimal() and len(digits) < 20):
        raise bad_field("integer", text)
    if not -_INTEGER_LIMIT <= int(text) < _INTEGER_LIMIT:
        raise bad_field("integer", text)
    return int(text)


def _java(name: str | None) -> str:
    return "null" if name is None else name
