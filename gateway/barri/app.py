# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The composition root: from settings to running processes. The only module that imports all."""

import asyncio
import signal
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import structlog

from barri.adapters.clocks import FileClock, SystemClock
from barri.adapters.sinks.sentilo import SentiloSettings, SentiloSink
from barri.adapters.sources.certificate import (
    client_context,
    fingerprint,
    make_certificate,
    server_context,
)
from barri.adapters.sources.desired import DesiredSource
from barri.adapters.sources.embedded import EmbeddedSource
from barri.adapters.sources.mosquitto import MosquittoSource
from barri.adapters.sources.mosquitto_files import (
    configuration,
    standing_hash,
    write_files,
    write_if_changed,
)
from barri.adapters.sources.sealed import SealedSource
from barri.adapters.sources.updates import UpdatesSource
from barri.adapters.stores.database import Database, open_reader
from barri.adapters.stores.home import Home, HomeReader
from barri.adapters.stores.ledger import Ledger
from barri.adapters.stores.log import FrameLog
from barri.config import BrokerConfig, Config, SentiloConfig
from barri.domain.final import Patience
from barri.domain.secret import Secret
from barri.errors import ConfigError
from barri.ports import Clock, Sink, Source
from barri.services.derive import Deriver
from barri.services.forward import Forwarder
from barri.services.inbox import BoundedInbox
from barri.services.pacing import Pacing
from barri.services.receive import Receiver

log = structlog.get_logger()


def clock(config: Config) -> Clock:
    """The machine's clock, or a demo's simulated one."""
    if config.clock.file is not None:
        return FileClock(config.clock.file, config.clock.speed)
    return SystemClock(config.clock.trusted)


def source(config: Config, home: HomeReader, time: Clock, frames: FrameLog) -> Source:
    """Where nodes are heard, told what is desired and, if there is a folder for it, updated."""

    def is_safe(node: str) -> bool:
        return config.broker.tls or home.seal_key(node) is not None

    nodes, schema_of, note = broker(config, home, time), frames.schema_of, frames.note_reported
    heard = DesiredSource(nodes, home.desired, is_safe, schema_of, note, time)
    if config.updates.directory is None:
        return heard
    return UpdatesSource(heard, home.seal_key, config.updates.directory, time)


def broker(config: Config, home: HomeReader, time: Clock) -> Source:
    """The broker that nodes connect to, or our client of one; seals are checked behind either."""
    given = config.broker
    certificate = make_certificate(config.data) if given.tls else None
    if certificate is not None:
        log.info("broker.certificate", fingerprint=fingerprint(certificate))
    if given.kind == "embedded":
        served = server_context(certificate) if certificate else None
        return SealedSource(
            EmbeddedSource(home, time, given.bind, given.port, served), home.seal_key
        )
    trusted = client_context(certificate) if certificate else None
    password = broker_password(given).reveal()
    mosquitto = MosquittoSource(time, password, given.bind, given.port, tls=trusted)
    return SealedSource(mosquitto, home.seal_key)


def broker_password(config: BrokerConfig) -> Secret:
    """The gateway's own password at Mosquitto."""
    if config.password_file is None:
        raise ConfigError("broker.password_file", "name the file with the gateway's password")
    return _secret("broker.password_file", config.password_file)


def sink(config: SentiloConfig) -> Sink:
    """A city platform."""
    token = _secret("sink.token_file", config.token_file)
    settings = SentiloSettings(
        config.recipient,
        config.url,
        config.provider,
        token,
        config.types,
        config.component_type,
    )
    return SentiloSink(settings)


def _secret(setting: str, path: Path) -> Secret:
    try:
        text = path.read_text().strip()
    except OSError as error:
        raise ConfigError(setting, f"{path} cannot be read: {error.strerror}") from error
    if not text:
        raise ConfigError(setting, f"{path} is empty")
    return Secret(text)


def pacing(config: Config) -> dict[str, Pacing]:
    """How patient forwarding is, by sink."""
    return {
        one.recipient: Pacing(
            settle_s=one.settle_s, flush_s=one.flush_s, live_s=config.patience.live_s
        )
        for one in config.sink
    }


def write_mosquitto_files(config: Config, directory: Path) -> bool:
    """Write Mosquitto's passwords, rights and, once, its settings; True when it must reload."""
    password = broker_password(config.broker)
    home = HomeReader(config.home_db)
    nodes = {board.node: board.password_hash for board in home.boards() if board.to_s is None}
    home.close()
    if not (directory / "mosquitto.conf").exists():
        certificate = make_certificate(config.data) if config.broker.tls else None
        settings = configuration(directory, config.broker.port, config.broker.bind, certificate)
        write_if_changed(directory / "mosquitto.conf", settings)
    return write_files(directory, nodes, standing_hash(directory, password.reveal()))


async def run_gateway(config: Config) -> None:
    """Receive, derive and forward until SIGINT or SIGTERM."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    with ExitStack() as stack:
        time = clock(config)
        database = Database(config.gateway_db)
        stack.callback(database.close)
        if database.salvaged is not None:
            log.warning("log.salvaged", result=str(database.salvaged))
        home = HomeReader(config.home_db)
        stack.callback(home.close)
        frames, ledger = FrameLog(database), Ledger(database)
        receiver = Receiver(frames, BoundedInbox(), [source(config, home, time, frames)], time)
        patience = Patience(**config.patience.model_dump())
        sinks = [sink(one) for one in config.sink]
        forwarder = Forwarder(ledger, home, time, sinks, pacing=pacing(config))
        deriver = Deriver(ledger, home, time, patience)
        services = [receiver.run(), deriver.run(), forwarder.run()]
        log.info("gateway.starts", data=str(config.data), broker=config.broker.kind)
        await _until(stop, services)


async def _until(stop: asyncio.Event, services: list) -> None:  # type: ignore[type-arg]
    """Run services until asked to stop; the first that fails takes all with it, and says why."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(service) for service in services]
        await stop.wait()
        for task in tasks:
            task.cancel()


def run_web(config: Config) -> None:
    """Serve the page until stopped. This process is the only writer of home.db."""
    from barri.services.reading import Readings  # noqa: PLC0415 - NiceGUI takes long to load
    from barri.web import run  # noqa: PLC0415
    from barri.web.config import WebConfig  # noqa: PLC0415

    settings = WebConfig(
        gateway_db=config.gateway_db,
        home_db=config.home_db,
        host=config.web.host,
        port=config.web.port,
        coarser_windows_s=config.coarser_s,
        simulated=config.clock.file is not None,
        notice=config.web.banner,
    )
    home = Home(config.home_db)
    try:
        run(settings, home, Readings(partial(open_reader, config.gateway_db)), clock(config))
    finally:
        home.close()
