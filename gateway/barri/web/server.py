# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The process `barri web`: puts page, guard and server together and runs until stopped."""

from pathlib import Path

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from nicegui import app as pages
from nicegui import ui
from nicegui.translations import translations

from barri.ports import Clock, Household
from barri.services.reading import Readings
from barri.web.config import LANGUAGES, WebConfig
from barri.web.desk import Desk
from barri.web.guard import Guard
from barri.web.language import Language, in_all, language, preferred
from barri.web.page import Page

OWN = Path(__file__).parent / "static"
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
QUASAR = {"ca": "ca", "es": "es", "en": "en-GB"}  # the names NiceGUI has for our languages


def run(config: WebConfig, home: Household, readings: Readings, clock: Clock) -> None:
    """Serve the page until SIGINT or SIGTERM. home: the only writer of home.db."""
    app = create_app(config, home, readings, clock)
    uvicorn.run(
        app,
        host=config.host,
        port=config.port,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )


def create_app(config: WebConfig, home: Household, readings: Readings, clock: Clock) -> FastAPI:
    """The whole page as an ASGI application; once per process, as NiceGUI has it."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    desk = Desk(config, home, readings, clock)

    @app.get("/")
    def choose_language(request: Request) -> RedirectResponse:
        wished = request.headers.get("accept-language", "")
        vary = {"vary": "accept-language", "cache-control": "no-store"}
        return RedirectResponse("/" + preferred(wished, config.language), 307, vary)

    app.mount("/static", StaticFiles(directory=OWN))
    for code in LANGUAGES:
        _add_page(desk, language(code))
    _answer_in_our_words(404, "page.not_here")
    _answer_in_our_words(500, "page.failed")
    ui.run_with(
        app, favicon=OWN / "barri.svg", tailwind=False, show_welcome_message=False, title="barri"
    )
    app.add_middleware(Guard, hosts=(*LOOPBACK, config.host, *config.hosts), port=config.port)
    return app


def _answer_in_our_words(status: int, key: str) -> None:
    """What people read where there is no page; nothing of the fault itself is shown."""

    async def answer(_request: Request, _error: Exception) -> PlainTextResponse:
        return PlainTextResponse(in_all(key), status)

    pages.add_exception_handler(status if status < 500 else Exception, answer)


def _add_page(desk: Desk, say: Language) -> None:
    translations[QUASAR[say.code]] = {  # type: ignore[index]
        "connection_lost": say("page.connection_lost"),
        "trying_to_reconnect": say("page.reconnecting"),
        "message_too_long": say("page.connection_lost"),
        "message_too_long_body": say("page.reconnecting"),
    }

    @ui.page(f"/{say.code}", title=say("page.title"), language=QUASAR[say.code])  # type: ignore[arg-type]
    async def show() -> None:
        await Page(desk, say).build()
