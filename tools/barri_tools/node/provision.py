# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""`barri node provision`: who a board is, in the gateway's registry and on the board itself.

The key is made here, goes to the board over USB and into the registry as a hash; it is never
printed. A board that is known keeps its identity. A new board may take over a Thing from an old
one: the Thing's series goes on, since identity is the Thing's.
"""

import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from barri.domain.household import Board as HomeBoard
from barri.domain.household import HouseholdError, Thing
from barri.domain.passwords import hash_password, new_password, verify_password
from barri.domain.secret import Secret
from barri_tools.node import settings_file, wipe
from barri_tools.node.console import Console
from barri_tools.node.errors import RegistryError

if TYPE_CHECKING:
    from barri.adapters.stores.home import Home

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike
_NODE_ID_LETTERS = 8


class Wifi(NamedTuple):
    """A network to join. password: empty for an open one; does not show itself."""

    name: str
    password: Secret


class Wish(NamedTuple):
    """What a person asks for. thing: its id in the registry. name: of a new Thing.

    take_over: the Thing may have a board already, which serves no longer. fresh: make a new
    identity although the board has one that is known. wifi: None keeps the one it has.
    """

    thing: str
    name: str
    kit: str
    host: str
    port: int
    window_s: int
    wifi: Wifi | None
    indoor: bool = False
    take_over: bool = False
    fresh: bool = False


class Done(NamedTuple):
    """What was done, without a secret in it. replaced: the board that served before."""

    node: str
    thing: str
    kept_identity: bool
    replaced: str | None


def provision(
    home: "Home",
    console: Console,
    wish: Wish,
    now_s: int,
    new_secret: Callable[[], str] = new_password,
) -> Done:
    """Give the board its settings, then enter it. Raises NodeToolError, HouseholdError.

    In this order: a board whose settings are not in the registry is turned away and can be
    provisioned again; a registry that knows a board which does not exist would look like a fault.
    """
    old = settings_file.load(console)
    identity = None if wish.fresh else _known_identity(home, old, wish)
    node, secret = identity or (_new_node_id(home), new_secret())
    serving = _serving(home, wish.thing, node)
    if serving and not wish.take_over:
        raise RegistryError(
            f"{wish.thing} already has the board {serving.node}. To replace it: --replace. For a"
            " second place, give another --thing"
        )
    thing = _thing(home, wish)
    if identity is None:
        wipe.erase_records(console)  # a new identity must not send what another one measured
    settings_file.store(console, _settings(node, secret, wish, old))
    home.add_thing(thing)
    if serving:
        retire(home, serving.node, now_s)
    if identity is None:
        if old is not None:
            retire(home, old["node"], now_s)  # this very board, under its former name
        home.add_board(HomeBoard(node, wish.thing, hash_password(secret), now_s))
    return Done(node, wish.thing, identity is not None, serving.node if serving else None)


def retire(home: "Home", node: str, now_s: int) -> bool:
    """Say that a board serves no longer; False if it did not."""
    for board in home.boards():
        if board.node == node and board.to_s is None:
            home.add_board(replace(board, to_s=now_s))
            return True
    return False


def _known_identity(
    home: "Home", old: dict[str, Any] | None, wish: Wish
) -> tuple[str, str] | None:
    """The board's own node id and secret, if it serves this very Thing with them."""
    if old is None:
        return None
    for board in home.boards():
        serves = (board.node, board.thing, board.to_s) == (old["node"], wish.thing, None)
        if serves and verify_password(old["secret"], board.password_hash):
            return old["node"], old["secret"]
    return None


def _serving(home: "Home", thing: str, but: str) -> HomeBoard | None:
    for board in home.boards():
        if board.thing == thing and board.to_s is None and board.node != but:
            return board
    return None


def _thing(home: "Home", wish: Wish) -> Thing:
    """The Thing as it is known, with the kit of now; a new one if it is not."""
    for thing in home.things():
        if thing.id == wish.thing:
            return replace(thing, kit=wish.kit, name=wish.name or thing.name)
    if not wish.name:
        raise HouseholdError(f"{wish.thing} is not known here: give a new Thing its --name")
    return Thing(wish.thing, wish.name, wish.kit, wish.indoor)


def _new_node_id(home: "Home") -> str:
    taken = {board.node for board in home.boards()}
    while True:
        node = "".join(secrets.choice(_LETTERS) for _ in range(_NODE_ID_LETTERS))
        if node not in taken:
            return node


def _settings(node: str, secret: str, wish: Wish, old: dict[str, Any] | None) -> dict[str, Any]:
    settings = {
        **(old or {}),  # what newer firmware keeps there stays
        "node": node,
        "secret": secret,
        "host": wish.host,
        "port": wish.port,
        "kit": wish.kit,
        "window_s": wish.window_s,
    }
    if wish.wifi is not None:
        settings["wifi"] = {"name": wish.wifi.name, "password": wish.wifi.password.reveal()}
    return settings
