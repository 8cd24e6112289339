# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""`barri node ...`: thin; hands over to the modules beside it. Mounted by `barri.cli`.

What needs a database or cryptography is loaded by the command that needs it: the others start
sooner, and without.
"""

import time
from contextlib import AbstractContextManager, nullcontext
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
from barri_tools.node.fitting import AT_MAINS, MICROPHONES, Fitted, demand_known
from barri_tools.node.loader import Esptool
from barri_tools.node.meter_options import METER_BUSES, MeterOptions, read_key
from barri_tools.node.parts import EXAMPLES as PARTS
from barri_tools.node.parts import parse as parse_parts
from barri_tools.node.progress import Bars
from barri_tools.node.wanting import want

if TYPE_CHECKING:
    from barri.config import Config
    from barri_tools.node.gateway import Registry
    from barri_tools.node.releases import Offered

app = typer.Typer(no_args_is_help=True, help="Put barri on a board, and look after it.")

BoardName = Annotated[str, typer.Option("--board", help="Which board: barri node boards.")]
PortName = Annotated[str | None, typer.Option("--port", help="Its serial port, if several.")]
MeterName = Annotated[
    str | None, typer.Option(help=f"Of the energy kit: {', '.join(METER_BUSES)}.")
]
MicrophoneName = Annotated[
    str | None, typer.Option(help=f"Of the noise kit: {', '.join(MICROPHONES)}.")
]
KeyFile = Annotated[Path | None, typer.Option(help="Of a P1 port that enciphers: its key.")]
Battery = Annotated[bool | None, typer.Option(help="It sleeps between its windows: air kit.")]
Unit = Annotated[int | None, typer.Option(help="Of a pzem004t or sdm120: its Modbus address.")]
Baud = Annotated[int | None, typer.Option(help="Of an sdm120: 2400 (usual), 4800 or 9600.")]
PartNames = Annotated[list[str] | None, typer.Option("--part", help=f"Of the kit found: {PARTS}.")]
Impulses = Annotated[int | None, typer.Option(help="Of a pulse_led: its flashes per kWh.")]
ConfigFile = Annotated[Path, typer.Option("--config", help="The gateway's settings (TOML).")]
_DEFAULT_CONFIG = Path("/etc/barri/barri.toml")
_THIS_MACHINE = ("127.0.0.1", "localhost", "::1")
app.command()(want)
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
    kit: Annotated[str, typer.Option(help="air, noise, energy or found.")],
    host: Annotated[str, typer.Option(help="The gateway's address, as the board reaches it.")],
    name: Annotated[str, typer.Option(help="A new place's name, for people.")] = "",
    port: PortName = None,
    mqtt_port: Annotated[int, typer.Option(help="The gateway's MQTT port.")] = 0,
    window_s: Annotated[int, typer.Option(help="Seconds of a record.")] = 0,
    wifi: Annotated[str | None, typer.Option(help="Wi-Fi name; its password is asked.")] = None,
    indoor: Annotated[bool, typer.Option(help="The place is indoors.")] = False,
    replace: Annotated[bool, typer.Option(help="Take over from the place's old board.")] = False,
    fresh: Annotated[bool, typer.Option(help="Make a new key although it has one.")] = False,
    meter: MeterName = None,
    microphone: MicrophoneName = None,
    part: PartNames = None,
    battery: Battery = None,
    p1_key_file: KeyFile = None,
    unit: Unit = None,
    baud: Baud = None,
    impulses: Impulses = None,
    config: ConfigFile = _DEFAULT_CONFIG,
) -> None:
    """Give a board its key, its gateway and its Wi-Fi, and enter it in the registry."""
    from barri.config import load as load_config  # noqa: PLC0415
    from barri_tools.node.gateway import Registry, pinned_key  # noqa: PLC0415

    key = read_key(p1_key_file) if p1_key_file else None
    named = parse_parts(part) if part else None
    fitted = Fitted(meter, microphone, MeterOptions(key, unit, baud, impulses), named)
    gateway = load_config(config)
    demand_known(fitted, kit)  # before a password is asked for
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
        pinned_key(gateway),
        fitted,
        battery,
    )
    with Registry(gateway.home_db) as home, Console(ports.choose(port)) as console:
        done = provisioning.provision(home, console, wish, int(time.time()))
        console.restart()
    _say_provisioned(done)
    if meter in AT_MAINS:
        typer.echo(f"⚠ A {meter} carries mains. An electrician fits it: hardware/mains-warning.md")
    _say_what_is_missing(done, gateway)


def _ask_wifi(name: str | None) -> provisioning.Wifi | None:
    """The password is typed unseen: in a command it would stay in the shell's history."""
    if name is None:
        return None
    prompt = f"Password of {name} (empty if it is open)"
    password = typer.prompt(prompt, hide_input=True, default="", show_default=False)
    return provisioning.Wifi(name, Secret(password))


def _say_provisioned(done: provisioning.Done) -> None:
    keys = "kept its name, and has a new seal key" if done.kept_identity else "has keys of its own"
    typer.echo(f"Board {done.node} serves {done.thing} and {keys}.")
    if done.replaced:
        typer.echo(f"{done.replaced} serves no longer; the series of {done.thing} goes on.")


def _say_what_is_missing(done: provisioning.Done, gateway: "Config") -> None:
    """Until both ends are ready the page would be waited for in vain."""
    broker, missing = gateway.broker, []
    if not done.has_wifi:
        missing.append("It knows no network yet: run the same command again, with --wifi NAME.")
    if broker.kind == "mosquitto":
        missing.append("Mosquitto must learn of it: barri mosquitto DIRECTORY, then reload it.")
    elif broker.bind in _THIS_MACHINE:
        missing.append(
            f"No board can reach this gateway yet: it listens on {broker.bind} alone. Set"
            ' `bind = "0.0.0.0"` under [broker] in its settings, and restart it.'
        )
    then = "Then, within" if missing else "Within"
    missing.append(f"{then} a minute or two, the page shows its first values.")
    typer.echo("\n".join(missing))


@app.command("release")
def release_firmware(
    number: Annotated[
        int | None, typer.Option(help="Its number; one above the last if left out.")
    ] = None,
    only_list: Annotated[bool, typer.Option("--list", help="Only say what is offered.")] = False,
    config: ConfigFile = _DEFAULT_CONFIG,
) -> None:
    """Offer this firmware to nodes over the air: put a release where the gateway looks."""
    from barri.config import load as load_config  # noqa: PLC0415
    from barri_tools.node import releases  # noqa: PLC0415

    gateway = load_config(config)
    directory = releases.directory_of(gateway, config)
    before, steps = releases.offered(directory), Bars()
    if only_list:
        raise typer.Exit(_say_offered(directory, before))
    now = releases.publish(directory, releases.next_number(before, number), steps)
    _say_offered(directory, now)
    version = now[-1].version
    if version in [one.version for one in before]:
        steps.say(
            f"Nodes that run {version} already are not offered it, although its number is new:"
            " raise VERSION in firmware/src/barri_node/__init__.py if it is to reach them."
        )
    steps.say("Nodes are offered it when they next say hello: within an hour, or at a restart.")
    _say_not_reached(gateway)


def _say_offered(directory: Path, found: "list[Offered]") -> int:
    """The exit code: 1 if nodes cannot take something of it."""
    from barri_tools.node.releases import chips  # noqa: PLC0415

    if not found:
        typer.echo(f"No release in {directory} yet: barri node release makes one.")
    for one in found:
        what = f"release {one.number}, version {one.version}" if one.number else "unknown"
        typer.echo(f"{chips(one.architecture)}: {what}, {one.files} files, {one.size_bytes} bytes")
        if one.wrong:
            typer.echo(f"✗ {one.wrong}: barri node release makes it anew, under a higher number")
    return 1 if any(one.wrong for one in found) else 0


def _say_not_reached(gateway: "Config") -> None:
    from barri.adapters.stores.home import HomeReader  # noqa: PLC0415
    from barri_tools.node.releases import not_reached  # noqa: PLC0415

    if not gateway.home_db.exists():
        return
    home = HomeReader(gateway.home_db)
    try:
        left_out = not_reached(home.boards())
    finally:
        home.close()
    if left_out:
        typer.echo(
            f"Without a seal key, so not offered it: {', '.join(left_out)}. barri node provision,"
            " with the --thing that each serves, gives it one."
        )


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
    with _registry(config) as home:  # first: what cannot be written to is to be known before
        with Console(device) as console:
            node = (settings_file.load(console) or {}).get("node")
            with steps.step("Wiping") as progress:
                wiping.wipe(console, progress)
            console.restart()
        if home is not None and node:
            provisioning.retire(home, str(node), int(time.time()))
    steps.say("Wiped. barri node provision makes it a node again.")


def _registry(config: Path | None) -> "AbstractContextManager[Registry | None]":
    if config is None:
        return nullcontext()
    from barri.config import load as load_config  # noqa: PLC0415
    from barri_tools.node.gateway import Registry  # noqa: PLC0415

    return Registry(load_config(config).home_db)


def _agree(question: str) -> bool:
    return typer.confirm(question, default=False)
