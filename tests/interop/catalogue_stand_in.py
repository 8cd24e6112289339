# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A stand-in of Sentilo's catalogue, so that the real API server has one to talk to.

It is NOT the catalogue, which needs MongoDB. It knows entities, permissions and, by the rules of
our own sandbox, sensors and components; so nothing here tests the real catalogue's rules. What
is real: the API server sends /catalog calls on, and learns of sensors by its own /admin calls.
"""

import json
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from barri_tools.sandbox.sentilo import Settings
from barri_tools.sandbox.sentilo.catalogue import Catalogue, Change
from barri_tools.sandbox.sentilo.catalogue_messages import read_delete, read_insert, read_update
from barri_tools.sandbox.sentilo.errors import ApiError

CATALOGUE_ENTITY = "sentilo-catalog"
OK = {"code": "200"}
Message = dict[str, Any]


@dataclass(frozen=True)
class CityEntity:
    """An entity of the test city; rights are (target, READ | WRITE | ADMIN) pairs."""

    name: str
    token: str
    quota: int = 0
    https_only: bool = False
    rights: tuple[tuple[str, str], ...] = ()

    @property
    def all_rights(self) -> tuple[tuple[str, str], ...]:
        """Its own and the further ones."""
        return ((self.name, "ADMIN"), *self.rights)


class CatalogueStandIn:
    """Serves the catalogue's REST calls on a free loopback port while used as a context."""

    def __init__(self, entities: list[CityEntity]) -> None:
        self._entities = {one.name: one for one in entities}
        self._catalogues = {one.name: Catalogue(Settings()) for one in entities}
        self._changed: dict[tuple[str, str], None] = {}
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}/catalogue-stand-in/"

    def __enter__(self) -> "CatalogueStandIn":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, method: str, target: str, body: str) -> Message:
        """Answer one call. As the catalogue does: always HTTP 200, with the code in the body."""
        path = urlsplit(target).path.removeprefix("/catalogue-stand-in/api/")
        *service, name = path.split("/")
        with self._lock:
            try:
                return self._serve(method, "/".join(service), name, target, body)
            except ApiError as error:
                said = {"errorMessage": error.message, "errorDetails": error.details}
                return {"code": str(error.status), **said}

    def changes(self) -> tuple[list[tuple[str, str, str]], list[tuple[str, str]]]:
        """Sensors saved (provider, name, state) and deleted (provider, name) since last asked."""
        with self._lock:
            changed, self._changed = list(self._changed), {}
            saved = [
                (provider, name, self._catalogues[provider].sensors[name]["state"])
                for provider, name in changed
                if name in self._catalogues[provider].sensors
            ]
        kept = {(provider, name) for provider, name, _state in saved}
        return saved, [one for one in changed if one not in kept]

    def _serve(self, method: str, service: str, name: str, target: str, body: str) -> Message:
        if (service, name) == ("entities", "permissions"):
            return _permissions(self._entities.values())
        if (service, name) == ("entities", "metadata"):
            return {"entitiesMetadata": [_metadata(one) for one in self._entities.values()]}
        if service == "authorized/provider":
            return OK | {"providers": self._authorised(name, dict(_query(target)))}
        if service in ("provider", "delete/provider"):
            for change in self._change(method, service, self._catalogues[name], body):
                if change.kind == "sensor":
                    self._changed[name, change.name] = None
            return OK
        return {}

    def _change(self, method: str, service: str, mine: Catalogue, body: str) -> list[Change]:
        if service == "delete/provider":
            return mine.delete(read_delete(body))
        if method == "POST":
            return mine.insert(read_insert(body), 0)
        return mine.update(read_update(body), 0)

    def _authorised(self, entity: str, query: dict[str, str]) -> list[Message]:
        return [
            {"provider": target, "permission": right, "sensors": sensors}
            for target, right in self._entities[entity].all_rights
            if (sensors := self._catalogues[target].online(query))
        ]


def _handler(catalogue: CatalogueStandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            body = json.dumps(catalogue.answer(self.command, self.path, sent)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


def _query(target: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(target).query)


def _permissions(entities: Any) -> Message:
    rights = [(one.name, target, kind) for one in entities for target, kind in one.all_rights]
    return {
        "permissions": [{"source": who, "target": of, "type": kind} for who, of, kind in rights]
    }


def _metadata(entity: CityEntity) -> Message:
    return {
        "entity": entity.name,
        "active": True,
        "token": entity.token,
        "restHttps": entity.https_only,
        "apiInputQuota": entity.quota,
        "apiOutputQuota": 0,
    }
