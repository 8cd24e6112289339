# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The sandbox itself: one request in, one response out, in the platform's order of checks.

No sockets, no clock: `now` is given in seconds since 1970. Not thread-safe; the HTTP edge
takes turns. Imports the parts of this package, nothing else of ours.
"""

from collections.abc import Callable, Iterable

from .call import Call
from .catalogue import Catalogue, Change
from .catalogue_messages import read_delete, read_insert, read_update
from .data_service import DataService
from .errors import (
    ApiError,
    forbidden,
    internal,
    invalid_credential,
    invalid_path,
    method_not_allowed,
)
from .headers import body_text, content_type, error_response, success
from .messages import to_json
from .model import ONLINE, Entity, Request, Response, Sensor, Settings
from .path import Place, Uri, locate, parse_uri
from .quota import Quota, QuotaState
from .record import Record

METHODS = ("GET", "POST", "PUT", "DELETE")
_SSL = "SSL access is required"
_STARTING = "API Server is temporarily unavailable because it is starting..."
_SENT_QUOTA = (
    "Sent quota exceeded. You are only allowed to send %d requests per hour on this site. "
    "Try again later."
)
_GLOBAL_QUOTA = (
    "Global inbound requests quota exceeded. Service only accepts %d requests per hour. "
    "Try again later."
)
_PAYLOAD = "Unable to read message. Request payload size (%d bytes) exceeds the limit (%d bytes)"
_NO_ADMIN = "Entity %s has not permission to call admin service"
_ONLY_PROVIDERS = "The service you have requested is restricted to providers only"
_RANK = {"READ": 1, "WRITE": 2, "ADMIN": 3}


class SentiloSandbox:
    """A strict stand-in of a Sentilo city's REST API. It is no Sentilo and says so on its page."""

    def __init__(
        self,
        entities: Iterable[Entity],
        settings: Settings | None = None,
        record: Record | None = None,
        start_s: float = 0.0,
    ) -> None:
        self.settings = settings or Settings()
        self.record = record or Record()
        self._start_s = start_s
        self._entities = {entity.name: entity for entity in entities}
        self._catalogues: dict[str, Catalogue] = {}
        self._quotas: dict[str | None, Quota] = {}
        self._pending: list[tuple[float, Callable[[], None]]] = []
        self.data = DataService(self.record, self.settings)

    # What a city's administrators do, in a test or a workshop.

    def add_entity(self, entity: Entity, now: float) -> None:
        """Create or change a provider or application; known after the next cache refresh."""
        self._later(
            now,
            self.settings.timing.credentials_s,
            lambda: self._entities.update({entity.name: entity}),
        )

    def load_sensor(self, provider: str, sensor: str, state: str = ONLINE) -> None:
        """Tell the API server of a sensor at once, past the catalogue."""
        self.data.know(Sensor(provider, sensor, state))

    def set_offline(self, provider: str, sensor: str, now: float) -> None:
        """Switch a catalogue sensor off; the API server learns of it with the next job."""
        self.catalogue(provider).set_offline(sensor)
        self._synchronise(provider, [Change("update", "sensor", sensor)], now)

    def catalogue(self, provider: str) -> Catalogue:
        """The catalogue of one provider."""
        return self._catalogues.setdefault(provider, Catalogue(self.settings))

    # What a publisher meets.

    def handle(self, request: Request, now: float, store_limit: int | None = None) -> Response:
        """Answer one request; with `store_limit`, fall over (500) after so many observations."""
        quotas: list[tuple[str, QuotaState]] = []
        self._apply_pending(now)
        try:
            answered_type = content_type(request)
            body = self._serve(request, now, store_limit, quotas)
            return success(request, body, answered_type, quotas, now)
        except ApiError as error:
            return error_response(request, error, quotas, now)

    def _serve(
        self,
        request: Request,
        now: float,
        store_limit: int | None,
        quotas: list[tuple[str, QuotaState]],
    ) -> bytes:
        if request.method not in METHODS:
            raise internal()
        uri = parse_uri(request.target)
        if now < self._start_s + self.settings.timing.starting_s:
            raise ApiError(503, _STARTING)
        entity = self._authenticate(request)
        if entity.https_only and request.header("X-Forwarded-Proto") != "https":
            raise ApiError(403, _SSL)
        self._check_quotas(entity, now, quotas)
        self._check_length(request)
        return self._dispatch(Call(request, uri, entity, now, store_limit), locate(uri))

    def _authenticate(self, request: Request) -> Entity:
        token = request.header("IDENTITY_KEY")
        for entity in self._entities.values():
            if entity.token == token:
                return entity
        raise invalid_credential(token)

    def _check_quotas(
        self, entity: Entity, now: float, quotas: list[tuple[str, QuotaState]]
    ) -> None:
        limits = (
            (entity.name, "", entity.quota, _SENT_QUOTA),
            (None, "Global-", self.settings.global_quota, _GLOBAL_QUOTA),
        )
        for account, prefix, limit, text in limits:
            if limit > 0:
                quota = self._quotas.setdefault(account, Quota(self.settings.timing))
                state = quota.take(limit, now)
                quotas.append((prefix, state))
                if not state.allowed:
                    raise ApiError(429, text % limit)

    def _check_length(self, request: Request) -> None:
        limit = self.settings.max_body_bytes
        length = len(request.body) if request.length is None else request.length
        if 0 < limit < length:
            raise ApiError(400, _PAYLOAD % (length, limit))

    def _dispatch(self, call: Call, place: Place) -> bytes:
        if place.service == "/data":
            return self._data(call, place)
        if place.service == "/catalog":
            return self._catalogue(call, place)
        if place.service == "/admin":
            raise ApiError(403, _NO_ADMIN % call.entity.name)
        raise ApiError(501, f"The sandbox has no {place.service}; the real platform has")

    def _data(self, call: Call, place: Place) -> bytes:
        method = call.request.method
        if method == "POST" and call.uri.query.get("method") != "put":
            raise method_not_allowed("POST")
        writes = method in ("POST", "PUT")
        _check_parts(place, call.uri, 1, 3 if writes else 2)
        work = self.data.read_request(call, place.parts)
        self._require(call.entity, place.parts[0], "READ" if method == "GET" else "WRITE")
        return work()

    def _catalogue(self, call: Call, place: Place) -> bytes:
        method = call.request.method
        _check_parts(place, call.uri, 0 if method == "GET" else 1, 1)
        provider = place.parts[0] if place.parts else call.entity.name
        if method == "GET":
            self._require(call.entity, provider, "ADMIN")
            return self._list_catalogue(provider, call.uri.query)
        changed = self._read_change(call, provider)
        self._require(call.entity, provider, "ADMIN")
        owner = self._entities.get(provider)
        if owner is None or not owner.provider:
            raise ApiError(403, _ONLY_PROVIDERS)
        changes = changed()
        self._note(provider, changes, call.now)
        self._synchronise(provider, changes, call.now)
        return b""

    def _read_change(self, call: Call, provider: str) -> Callable[[], list[Change]]:
        """Read the body now, so that a bad one hides a missing right; change when called."""
        catalogue, text = self.catalogue(provider), body_text(call.request)
        if call.request.method == "DELETE":
            return lambda: catalogue.delete({})
        if call.request.method == "POST":
            new = read_insert(text)
            return lambda: catalogue.insert(new, call.now_ms)
        if call.uri.query.get("method") == "delete":
            names = read_delete(text)
            return lambda: catalogue.delete(names)
        message = read_update(text)
        return lambda: catalogue.update(message, call.now_ms)

    def _list_catalogue(self, entity: str, query: dict[str, str]) -> bytes:
        rights = ((entity, "ADMIN"), *self._entities[entity].rights)
        providers = [
            {"provider": target, "permission": right, "sensors": rows}
            for target, right in rights
            if (rows := self.catalogue(target).online(query))
        ]
        return to_json({"providers": providers} if providers else {})

    def _require(self, entity: Entity, target: str, right: str) -> None:
        rights = ((entity.name, "ADMIN"), *entity.rights)
        if not any(who == target and _RANK[has] >= _RANK[right] for who, has in rights):
            raise forbidden(entity.name, target, right)

    # How the two processes of the platform learn of each other.

    def _note(self, provider: str, changes: list[Change], now: float) -> None:
        for change in changes:
            self.record.catalogued(provider, change, now)

    def _synchronise(self, provider: str, changes: list[Change], now: float) -> None:
        """Carry changed sensors over to the API server when its next job runs."""
        names = [change.name for change in changes if change.kind == "sensor"]

        def carry_over() -> None:
            for name in names:
                saved = self.catalogue(provider).sensors.get(name)
                if saved is None:
                    self.data.forget(provider, name)
                else:
                    self.data.know(Sensor(provider, name, saved["state"]))

        self._later(now, self.settings.timing.sensors_s, carry_over)

    def _later(self, now: float, period_s: float, action: Callable[[], None]) -> None:
        """Run `action` at the next tick of a job with that period, counted from the start."""
        if period_s <= 0:
            action()
            return
        ticks = (now - self._start_s) // period_s + 1
        self._pending.append((self._start_s + ticks * period_s, action))

    def _apply_pending(self, now: float) -> None:
        due = sorted((one for one in self._pending if one[0] <= now), key=lambda one: one[0])
        self._pending = [one for one in self._pending if one[0] > now]
        for _, action in due:
            action()


def _check_parts(place: Place, uri: Uri, least: int, most: int) -> None:
    if not least <= len(place.parts) <= most:
        raise invalid_path(uri.target)
