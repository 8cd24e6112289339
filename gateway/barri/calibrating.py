# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""`barri calibration ...`: what people at home say of how values are to be corrected.

Writes home.db as `barri node provision` does, beside `barri web` if that runs: every command is
one short transaction, so one waits for the other (5 s at most, then the command says so and has
changed nothing), and since entries are only appended none overwrites another's. The gateway reads
them at its next step. Must not import services.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from barri.domain.calibration import (
    METHODS,
    Calibration,
    Method,
    Timeline,
    day_text,
    offset_text,
    parse_day,
    parse_offset,
)
from barri.domain.corrections.chosen import ChosenCorrection
from barri.domain.household import HouseholdError
from barri.errors import StoreError

if TYPE_CHECKING:
    from barri.adapters.stores.home import Home

app = typer.Typer(no_args_is_help=True, help="Calibrations of boards, corrections of Things.")

Board = Annotated[str, typer.Option(help="Its id, as the page shows it.")]
Microphone = Annotated[int, typer.Option(help="Which one, if the board has several.")]
Day = Annotated[str, typer.Option(help="From which day on (of UTC), as 2026-11-22.")]
MaybeDay = Annotated[str, typer.Option(help="From which day on (of UTC); now if left out.")]
Place = Annotated[str, typer.Option(help="Its id, such as ana-balcony.")]
Quantity = Annotated[str, typer.Option(help="What is measured, such as pm2_5.")]
Number = Annotated[int, typer.Option(help="Which sensor of the quantity, if there are several.")]
ConfigFile = Annotated[Path, typer.Option("--config", help="The gateway's settings (TOML).")]
_DEFAULT_CONFIG = Path("/etc/barri/barri.toml")


@app.command()
def add(
    board: Board,
    offset_db: Annotated[str, typer.Option(help="What to add to its levels, as +1.3.")],
    method: Annotated[str, typer.Option(help="calibrator (94 dB) or comparison.")],
    date: Day,
    note: Annotated[str, typer.Option(help="With what, by whom. Never leaves.")] = "",
    microphone: Microphone = 0,
    config: ConfigFile = _DEFAULT_CONFIG,
) -> None:
    """Record by how much a board's microphone reads too low (+) or too high (-)."""
    offset_ddb, said = parse_offset(offset_db), cast("Method", method)  # Calibration checks it
    made = Calibration(board, parse_day(date), _now_s(), offset_ddb, said, note, microphone)
    with _home(config) as home:
        home.add_calibration(made)
    typer.echo(f"{offset_text(offset_ddb)} dB for levels of {board} from {date} on.")
    _say_what_stays()


@app.command()
def end(
    board: Board,
    date: MaybeDay = "",
    microphone: Microphone = 0,
    note: Annotated[str, typer.Option(help="Why. Never leaves.")] = "",
    config: ConfigFile = _DEFAULT_CONFIG,
) -> None:
    """End a board's calibration; with the day on which it began, withdraw it."""
    from_s, now_s = _from_when(date)
    with _home(config) as home:
        known = _of_microphone(home.calibrations(), board, microphone)
        standing = Timeline(known).at(from_s)
        if standing is None or standing.offset_ddb is None:
            raise HouseholdError(f"{board} has no calibration then: see barri calibration list")
        home.add_calibration(Calibration(board, from_s, now_s, None, "", note, microphone))
    typer.echo(f"Levels of {board} stay as they come from {day_text(from_s)} on.")
    _say_what_stays()


@app.command()
def correct(
    thing: Place,
    quantity: Quantity,
    name: Annotated[str, typer.Option(help="Of the correction, such as epa_pm2_5.")],
    version: Annotated[str, typer.Option(help="Of the correction, such as 2021-airnow.")],
    sensor: Annotated[str, typer.Option(help="Which part measures it, such as pms5003.")] = "",
    date: MaybeDay = "",
    number: Number = 0,
    config: ConfigFile = _DEFAULT_CONFIG,
) -> None:
    """Choose a correction for one quantity of a Thing."""
    from_s, now_s = _from_when(date)
    chosen = ChosenCorrection(thing, quantity, from_s, now_s, name, version, sensor, number)
    _choose(chosen, config)
    typer.echo(f"{quantity} of {thing}: {chosen.said} from {day_text(from_s)} on.")
    if others := chosen.needs:
        typer.echo(f"A record without {' and '.join(others)} then gives no {quantity}.")
    _say_what_stays()


@app.command()
def raw(
    thing: Place,
    quantity: Quantity,
    date: MaybeDay = "",
    number: Number = 0,
    config: ConfigFile = _DEFAULT_CONFIG,
) -> None:
    """Leave values of one quantity of a Thing as they come, again."""
    from_s, now_s = _from_when(date)
    _choose(ChosenCorrection(thing, quantity, from_s, now_s, number=number), config)
    typer.echo(f"{quantity} of {thing} stays as it comes from {day_text(from_s)} on.")
    _say_what_stays()


@app.command("list")
def list_all(config: ConfigFile = _DEFAULT_CONFIG) -> None:
    """Show all that was ever recorded; a star marks what holds now."""
    from barri.adapters.stores.home import HomeReader  # noqa: PLC0415

    reader = HomeReader(_home_db(config))
    try:
        calibrations, chosen = reader.calibrations(), reader.corrections()
    finally:
        reader.close()
    lines = [*_calibration_lines(calibrations, _now_s()), *_correction_lines(chosen, _now_s())]
    typer.echo("\n".join(lines) or "nothing is calibrated or corrected")


def _now_s() -> int:
    return int(time.time())


def _from_when(date: str) -> tuple[int, int]:
    """From which second on something is to hold (now, unless a day was given), and the time."""
    now_s = _now_s()
    return (parse_day(date) if date else now_s), now_s


def _choose(chosen: ChosenCorrection, config: Path) -> None:
    with _home(config) as home:
        home.choose_correction(chosen)


@contextmanager
def _home(config: Path) -> "Iterator[Home]":
    """Home.db for writing; never a new one, which would be in a place that nobody reads."""
    from barri.adapters.stores.home import Home  # noqa: PLC0415

    path = _home_db(config)
    if not path.is_file():
        raise StoreError(f"{path} is not there: start `barri web` once, or give --config FILE")
    home = Home(path)
    try:
        yield home
    finally:
        home.close()


def _home_db(config: Path) -> Path:
    from barri.config import load  # noqa: PLC0415 - other commands start without it

    return load(config).home_db


def _say_what_stays() -> None:
    typer.echo("It is for records that are still to come in; what was derived stays as it is.")


def _of_microphone(known: Iterable[Calibration], node: str, number: int) -> list[Calibration]:
    return [one for one in known if (one.node, one.number) == (node, number)]


def _calibration_lines(known: list[Calibration], now_s: int) -> Iterator[str]:
    for one in known:
        holds = Timeline(_of_microphone(known, one.node, one.number)).at(now_s) is one
        microphone = f" microphone {one.number}" if one.number else ""
        offset = "ended" if one.offset_ddb is None else f"{offset_text(one.offset_ddb)} dB"
        what = [offset, METHODS.get(one.method, ""), one.reference]
        yield _line(holds, f"{one.node}{microphone}", one.from_s, one.at_s, what)


def _correction_lines(known: list[ChosenCorrection], now_s: int) -> Iterator[str]:
    for one in known:
        rivals = [other for other in known if other.datastream == one.datastream]
        number = f" {one.number}" if one.number else ""
        what = [one.said if one.name else "ended", one.sensor]
        holds = Timeline(rivals).at(now_s) is one
        yield _line(holds, f"{one.thing} {one.quantity}{number}", one.from_s, one.at_s, what)


def _line(holds: bool, whose: str, from_s: int, at_s: int, what: list[str]) -> str:
    said = ", ".join(text for text in what if text)
    mark = "*" if holds else " "
    return f"{mark} {whose} from {day_text(from_s)}: {said} (recorded {day_text(at_s)})"
