# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""`barri node ...`: thin; hands over to the modules beside it. Mounted by `barri.cli`."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from barri.domain.secret import Secret
from barri_tools.boards import BoardError, board_names, load_board
from barri_tools.firmware import FirmwareError
from barri_tools.node import deploy, doctor, flash, image, ports, settings_file
from barri_tools.node import provision as provisioning
from barri_tools.node import wipe as wiping
from barri_tools.node.console import Console
from barri_tools.node.errors import ImageError, NodeSettingsError, NodeToolError
from barri_tools.node.loader import Esptool
from barri_tools.node.progress import Bars

if TYPE_CHECKING:
    from barri.adapters.stores.home import Home

app = typer.Typer(no_args_is_help=True, help="Put barri on a board, and look after it.")

BoardName = Annotated[str, typer.Option("--board", help="Which board: barri node boards.")]
PortName = Annotated[str | None, typer.Option("--port", help="Its serial port, if several.")]
ConfigFile = Annotated[Path, typer.Option("--config", help="The gateway's settings (TOML).")]
_DEFAULT_CONFIG = Path("/etc/barri/barri.toml")
_MARKS = {"good": "✓", "note": "·", "bad": "✗"}


@app.command()
def boards() -> None:
    """List the boards that barri runs on, and the image each needs."""
    for name in board_names():
        board = load_board(name)
        typer.echo(f"{name:<18}{board.title:<26}{board.image}\n    USB: {board.usb}")


@app.command("ports")
def list_ports() -> None:
    """List the serial ports that are there."""
    found = ports.usb_ports()
    typer.echo("\n".join(str(port) for port in found) or "no serial port")


@app.command("flash")
def flash_board(
    board: BoardName,
    image_file: Annotated[
        Path | None, typer.Option("--image", help="The official MicroPython image.")
    ] = None,
    port: PortName = None,
    erase: Annotated[bool, typer.Option(help="Erase all, records and settings too.")] = False,
) -> None:
    """Put MicroPython (with --image) and barri onto a board. Records and settings stay."""
    try:
        _flash(board, image_file, port, erase)
    except (BoardError, FirmwareError) as error:
        raise NodeSettingsError(str(error)) from error


def _flash(name: str, image_file: Path | None, port: str | None, erase: bool) -> None:
    board, steps = load_board(name), Bars()
    prepared = None
    if image_file is not None:
        prepared = flash.read_image(image_file, board)
        steps.say(flash.describe(image_file, prepared))
    elif erase:
        raise ImageError(f"--erase needs an image to put back: {image.what_to_get(board)}")
    with steps.step("Compiling barri"):
        tree = deploy.build(board)
    device = ports.choose(port)
    if prepared is not None:
        loader = Esptool(device, board.usb)
        flash.write_image(loader, board, prepared, erase, _agree, steps)
    console = Console(device)
    try:
        copied = flash.write_files(console, board, tree, steps)
    except NodeToolError:
        if prepared is None:
            steps.say(f"A board without MicroPython? Then {image.what_to_get(board)}.")
        raise
    finally:
        console.close()
    steps.say(f"Done: {copied.written} files written, {copied.kept} were there already.")
    steps.say("Next, unless this board has its settings: barri node provision")


@app.command()
def provision(
    thing: Annotated[str, typer.Option(help="Its place's id, such as ana-balcony.")],
    kit: Annotated[str, typer.Option(help="air, noise or energy.")],
    host: Annotated[str, typer.Option(help="The gateway's address, as the board reaches it.")],
    name: Annotated[str, typer.Option(help="A new place's name, for people.")] = "",
    port: PortName = None,
    mqtt_port: Annotated[int, typer.Option(help="The gateway's MQTT port.")] = 0,
    window_s: Annotated[int, typer.Option(help="Seconds of a record.")] = 0,
    wifi: Annotated[str | None, typer.Option(help="Wi-Fi name; its password is asked.")] = None,
    indoor: Annotated[bool, typer.Option(help="The place is indoors.")] = False,
    replace: Annotated[bool, typer.Option(help="Take over from the place's old board.")] = False,
    fresh: Annotated[bool, typer.Option(help="Make a new key although it has one.")] = False,
    config: ConfigFile = _DEFAULT_CONFIG,
) -> None:
    """Give a board its key, its gateway and its Wi-Fi, and enter it in the registry."""
    from barri.config import load as load_config  # noqa: PLC0415

    gateway = load_config(config)
    wish = provisioning.Wish(
        thing,
        name,
        kit,
        host,
        mqtt_port or gateway.broker.port,
        window_s or gateway.window_s,
        _ask_wifi(wifi),
        indoor,
        replace,
        fresh,
    )
    with _registry(config) as home, Console(ports.choose(port)) as console:
        done = provisioning.provision(home, console, wish, int(time.time()))
        console.restart()
    _say_provisioned(done)


@contextmanager
def _registry(config: Path) -> "Iterator[Home]":
    """The gateway's registry. Loaded here so that other commands start without a database."""
    from barri.adapters.stores.home import Home  # noqa: PLC0415
    from barri.config import load as load_config  # noqa: PLC0415

    home = Home(load_config(config).home_db)
    try:
        yield home
    finally:
        home.close()


def _ask_wifi(name: str | None) -> provisioning.Wifi | None:
    """The password is typed unseen: in a command it would stay in the shell's history."""
    if name is None:
        return None
    prompt = f"Password of {name} (empty if it is open)"
    password = typer.prompt(prompt, hide_input=True, default="", show_default=False)
    return provisioning.Wifi(name, Secret(password))


def _say_provisioned(done: provisioning.Done) -> None:
    kept = "kept its key" if done.kept_identity else "has a new key"
    typer.echo(f"Board {done.node} serves {done.thing} and {kept}.")
    if done.replaced:
        typer.echo(f"{done.replaced} serves no longer; the series of {done.thing} goes on.")
    typer.echo("Within a minute or two the page shows its first values.")


@app.command("doctor")
def doctor_board(port: PortName = None) -> None:
    """Say what is on a board, what is not right, and what to do."""
    device, bad = ports.choose(port), False
    typer.echo(f"Port: {device}")
    with Console(device) as console:
        for finding in doctor.examine(console, time.time(), deploy.build):
            bad = bad or finding.state == "bad"
            typer.echo(f"{_MARKS[finding.state]} {finding.topic}: {finding.text}")
        console.restart()
    raise typer.Exit(1 if bad else 0)


@app.command()
def wipe(
    port: PortName = None,
    config: Annotated[
        Path | None, typer.Option(help="The gateway's settings: its registry forgets it too.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase records, key and Wi-Fi from a board, before it is given away."""
    device, steps = ports.choose(port), Bars()
    if not yes and not _agree("Records that are not yet on the gateway are lost. Wipe the board?"):
        raise typer.Exit(1)
    with Console(device) as console:
        node = (settings_file.load(console) or {}).get("node")
        with steps.step("Wiping") as progress:
            wiping.wipe(console, progress)
        console.restart()
    if config is not None and node:
        with _registry(config) as home:
            provisioning.retire(home, str(node), int(time.time()))
    steps.say("Wiped. barri node provision makes it a node again.")


def _agree(question: str) -> bool:
    return typer.confirm(question, default=False)
