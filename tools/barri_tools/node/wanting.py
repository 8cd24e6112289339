# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""`barri node want`: what is desired of a board over the air, and what it has reported.

Writes home.db as `barri node provision` does; the gateway looks there every few seconds. What the
board reported is read from gateway.db, as the page does.
"""

import time
from pathlib import Path
from typing import Annotated

import typer

from barri.domain.desired import Desired, Reported
from barri.errors import StoreError
from barri_wire.messages_desired import (
    REFUSED_FLASH,
    REFUSED_OLDER,
    REFUSED_QUANTITY,
    REFUSED_WINDOW,
)

_REFUSALS = {
    REFUSED_WINDOW: "its firmware knows no such window",
    REFUSED_QUANTITY: "its firmware does not know one of the quantities: update it",
    REFUSED_FLASH: "it could not write its settings: see its console",
}
_DEFAULT_CONFIG = Path("/etc/barri/barri.toml")


def want(
    node: Annotated[str, typer.Argument(help="The board's id, as the page shows it.")],
    window: Annotated[
        int | None, typer.Option(help="Seconds of a record; 0: as it was provisioned.")
    ] = None,
    unwanted: Annotated[
        list[str] | None, typer.Option("--not", help="What it is not to measure; may be repeated.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="It may measure everything again.")
    ] = False,
    config: Annotated[
        Path, typer.Option("--config", help="The gateway's settings (TOML).")
    ] = _DEFAULT_CONFIG,
) -> None:
    """Say what a board is to measure and how often, or see what it does: no cable needed."""
    from barri.config import load as load_config  # noqa: PLC0415
    from barri_tools.node.gateway import Registry  # noqa: PLC0415

    gateway = load_config(config)
    if everything and unwanted:
        raise typer.BadParameter("--all and --not contradict each other")
    said = () if everything else tuple(unwanted) if unwanted else None
    reported = _reported(gateway.gateway_db, node)
    with Registry(gateway.home_db) as home:
        desired = home.desired(node)
        if said is not None or window is not None:
            above = max(desired.version, reported.version if reported else 0)
            desired = desired.changed(above + 1, int(time.time()), window, said)
            home.desire(desired)
        safe = gateway.broker.tls or home.has_seal_key(node)
    typer.echo("\n".join(lines(desired, reported, safe)))


def lines(desired: Desired, reported: Reported | None, safe: bool) -> list[str]:
    """What people read. safe: the board can know that it is us who speak."""
    asked = f"version {desired.version}: {_text(desired)}" if desired.version else "nothing"
    said = ["nothing was reported"] if reported is None else _in_force(reported)
    found = [f"Asked for: {asked}", f"In force:  {said[0]}", *said[1:]]
    if desired.version <= (reported.version if reported else 0):
        return found
    found.append(
        f"Version {desired.version} is not in force yet: it is sent when the board is here."
    )
    if not safe:
        found.append("It has no seal key, so it believes nobody: barri node provision gives one.")
    return found


def _in_force(reported: Reported) -> list[str]:
    when = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(reported.at_s))
    found = [f"version {reported.version} (reported {when})"]
    if reported.result > REFUSED_OLDER:
        why = _REFUSALS.get(reported.result, f"code {reported.result}")
        found.append(f"It refused what it was told last: {why}")
    return found


def _text(desired: Desired) -> str:
    window = f"records of {desired.window_s} s" if desired.window_s else "records as provisioned"
    without = f"without {' '.join(desired.unwanted)}" if desired.unwanted else "nothing left out"
    return f"{window}, {without}"


def _reported(gateway_db: Path, node: str) -> Reported | None:
    from barri.adapters.stores.database import open_reader  # noqa: PLC0415
    from barri.services import reading  # noqa: PLC0415

    if not gateway_db.exists():
        return None
    try:
        connection = open_reader(gateway_db)
    except StoreError:
        return None  # it has never run
    try:
        return reading.reported(connection).get(node)
    finally:
        connection.close()
