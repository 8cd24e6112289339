# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A stand-in of Sentilo's catalogue, just enough for the real API server to start.

It is NOT the catalogue: it knows entities and permissions and answers everything else with
an empty message. What depends on the real catalogue cannot be tested with it.
"""

import json
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

CATALOGUE_ENTITY = "sentilo-catalog"


@dataclass(frozen=True)
class CityEntity:
    """An entity of the test city; rights are (target, READ | WRITE | ADMIN) pairs."""

    name: str
    token: str
    quota: int = 0
    https_only: bool = False
    rights: tuple[tuple[str, str], ...] = ()


class CatalogueStandIn:
    """Serves entities and permissions on a free loopback port while used as a context."""

    def __init__(self, entities: list[CityEntity]) -> None:
        replies = {
            "permissions": _permissions(entities),
            "metadata": {"entitiesMetadata": [_metadata(one) for one in entities]},
        }

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                body = json.dumps(replies.get(self.path.rsplit("/", 1)[-1], {})).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PUT = answer  # noqa: N815

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/catalogue-stand-in/"

    def __enter__(self) -> "CatalogueStandIn":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _permissions(entities: list[CityEntity]) -> dict[str, Any]:
    rights = [
        (one.name, target, kind)
        for one in entities
        for target, kind in ((one.name, "ADMIN"), *one.rights)
    ]
    return {
        "permissions": [{"source": who, "target": of, "type": kind} for who, of, kind in rights]
    }


def _metadata(entity: CityEntity) -> dict[str, Any]:
    return {
        "entity": entity.name,
        "active": True,
        "token": entity.token,
        "restHttps": entity.https_only,
        "apiInputQuota": entity.quota,
        "apiOutputQuota": 0,
    }
