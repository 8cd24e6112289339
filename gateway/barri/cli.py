# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The command `barri`: thin; each sub-command hands over to the room that does the work."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from barri.calibrating import app as calibration
from barri.errors import BarriError
from barri_tools.node.command import app as node

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
sandbox = typer.Typer(
    no_args_is_help=True, help="Stand-ins of city platforms, for demos and classes."
)
bench = typer.Typer(no_args_is_help=True, help="Measure, and print `name value unit` lines.")
app.add_typer(sandbox, name="sandbox")
app.add_typer(bench, name="bench")
app.add_typer(node, name="node")
app.add_typer(calibration, name="calibration")

ConfigFile = Annotated[Path, typer.Option("--config", help="The gateway's settings (TOML).")]
Recording = Annotated[Path | None, typer.Option(help="A recorded day of a kit (CSV).")]


@app.command()
def gateway(config: ConfigFile = Path("/etc/barri/barri.toml")) -> None:
    """Receive from nodes, keep, derive, and forward what was agreed."""
    from barri import app as root  # noqa: PLC0415
    from barri.config import load  # noqa: PLC0415

    asyncio.run(root.run_gateway(load(config)))


@app.command()
def web(config: ConfigFile = Path("/etc/barri/barri.toml")) -> None:
    """Serve the page of the people at home."""
    from barri import app as root  # noqa: PLC0415
    from barri.config import load  # noqa: PLC0415

    root.run_web(load(config))


@app.command()
def mosquitto(
    directory: Annotated[Path, typer.Argument(help="Where Mosquitto reads its files.")],
    config: ConfigFile = Path("/etc/barri/barri.toml"),
) -> None:
    """Write Mosquitto's passwords and rights, and its settings if there are none."""
    from barri import app as root  # noqa: PLC0415
    from barri.config import load  # noqa: PLC0415

    changed = root.write_mosquitto_files(load(config), directory)
    typer.echo("changed: reload Mosquitto" if changed else "nothing has changed")


@app.command()
def demo(
    recording: Recording = None,
    headless: Annotated[bool, typer.Option(help="No page: run, audit, report, end.")] = False,
    duration: Annotated[str, typer.Option(help="How long to run headless, such as 60s.")] = "60s",
    report: Annotated[Path | None, typer.Option(help="Where the JSON report goes.")] = None,
    kill_gateway: Annotated[bool, typer.Option(help="Kill the gateway in the middle.")] = False,
    port: Annotated[int, typer.Option(help="The page's port; 0 takes a free one.")] = 8080,
) -> None:
    """A simulated street on this machine: real firmware, a real gateway, a sandbox city."""
    from barri_tools.demo.command import DemoOptions, run  # noqa: PLC0415

    options = DemoOptions(recording, headless, duration, report, kill_gateway, port)
    raise typer.Exit(run(options))


@sandbox.command("sentilo")
def sandbox_sentilo(
    port: int = 8081,
    provider: str = "barri",
    record: Annotated[Path | None, typer.Option(help="Write what arrives as JSON lines.")] = None,
    speed: Annotated[float, typer.Option(help="10: its caches are ten times as quick.")] = 1.0,
) -> None:
    """A strict local stand-in of a Sentilo city."""
    from barri_tools.sandbox.sentilo.command import main as serve  # noqa: PLC0415

    serve(port, provider, record_path=record, speed=speed)


@bench.command("wire")
def bench_wire(recording: Recording = None) -> None:
    """Bytes per value on the wire, beside other formats."""
    from barri_tools.bench import wire  # noqa: PLC0415

    wire.run(recording)


@bench.command("noise")
def bench_noise() -> None:
    """The sound level meter: its curves, its cost, its share of the time."""
    from barri_tools.bench import noise, noise_share  # noqa: PLC0415

    report = noise.run()
    noise_share.measure(report)
    report.write()


@bench.command("store")
def bench_store() -> None:
    """The node's ring log: power cuts, space, wear."""
    from barri_tools.bench import store  # noqa: PLC0415

    store.run()


@bench.command("node")
def bench_node() -> None:
    """The whole node: its least heap, and what it takes on a board's flash."""
    from barri_tools.bench import node as whole_node  # noqa: PLC0415

    whole_node.run()


@bench.command("all")
def bench_all() -> None:
    """Every benchmark there is."""
    bench_wire()
    bench_noise()
    bench_store()
    bench_node()


def main() -> None:
    """Run a command; an error that we know is one line that says what to do."""
    try:
        app()
    except BarriError as error:
        sys.stderr.write(f"barri: {error}\n")
        sys.exit(2)
