# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""`barri node provision`: who a board is, in the gateway's registry and on the board itself.

Two secrets are made here and go to the board over USB, and neither is ever printed: its password,
of which the registry has a hash, and its seal key, of which the registry has a copy, since both
ends reckon with it. A board that is known keeps its identity, with a new seal key. A new board may
take over a Thing from an old one: the Thing's series goes on, since identity is the Thing's.
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
from barri_tools.node.fitting import Fitted, demand_known, demand_pins
from barri_tools.node.meter_options import table as meter_table

if TYPE_CHECKING:
    from barri_tools.node.gateway import Registry

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike
_NODE_ID_LETTERS = 8
_SEAL_KEY_BYTES = 16  # AES-128


class Wifi(NamedTuple):
    """A network to join. password: empty for an open one; does not show itself."""

    name: str
    password: Secret


class Wish(NamedTuple):
    """What a person asks for. thing: its id in the registry. name: of a new Thing.

    take_over: the Thing may have a board already, which serves no longer. fresh: make a new
    identity although the board has one that is known. wifi: None keeps the one it has.
    gateway_key: the fingerprint of the gateway's certificate, None for a line without TLS.
    fitted: parts that are not the kit's usual ones. battery: None keeps how it is powered.
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
    gateway_key: str | None = None
    fitted: Fitted = Fitted()
    battery: bool | None = None


class Keys(NamedTuple):
    """A board's secrets; they do not show themselves. password: for its line to the gateway.

    seal: 32 hex digits, new each time.
    """

    password: Secret
    seal: Secret


class Done(NamedTuple):
    """What was done, without a secret in it. replaced: the board that served before.

    has_wifi: the board knows a network.
    """

    node: str
    thing: str
    kept_identity: bool
    replaced: str | None
    has_wifi: bool


def new_seal_key() -> str:
    """A random key for AES-CMAC: 32 hex digits."""
    return secrets.token_hex(_SEAL_KEY_BYTES)


def provision(
    home: "Registry",
    console: Console,
    wish: Wish,
    now_s: int,
    new_secret: Callable[[], str] = new_password,
    new_seal_key: Callable[[], str] = new_seal_key,
) -> Done:
    """Give the board its settings, then enter it. Raises NodeToolError, HouseholdError.

    In this order: a board whose settings are not in the registry is turned away and can be
    provisioned again; a registry that knows a board which does not exist would look like a fault.
    """
    demand_known(wish.fitted, wish.kit)
    demand_pins(wish.fitted, console)
    old = settings_file.load(console)
    known = None if wish.fresh else _known_board(home, old, wish)
    node = known.node if known else _new_node_id(home)
    serving, thing = _replaceable(home, wish, node), _thing(home, wish)
    password = old["secret"] if known and old else new_secret()
    keys = Keys(Secret(password), Secret(new_seal_key()))
    board = known or HomeBoard(node, wish.thing, hash_password(password), now_s)
    given = _settings(node, keys, wish, old)
    _give(console, given, new_identity=known is None)
    leaving = [serving] if serving else []
    if known is None and old is not None:
        leaving.append(old["node"])  # this very board, under its former name
    try:
        _enter(home, thing, replace(board, seal_key=keys.seal.reveal()), leaving, now_s)
    except RegistryError:
        if old is not None:  # the registry still knows its former keys
            settings_file.store(console, old)
        raise
    return Done(node, wish.thing, known is not None, serving, "wifi" in given)


def _give(console: Console, settings: dict[str, Any], new_identity: bool) -> None:
    settings_file.encode(settings)  # what cannot work is refused before anything is erased
    if new_identity:
        wipe.erase_records(console)  # it must not send what another one measured
    settings_file.store(console, settings)


def _enter(
    home: "Registry", thing: Thing, board: HomeBoard, leaving: list[str], now_s: int
) -> None:
    home.add_thing(thing)
    for node in leaving:
        retire(home, node, now_s)
    home.add_board(board)


def retire(home: "Registry", node: str, now_s: int) -> bool:
    """Say that a board serves no longer, and forget its seal key; False if it did not serve."""
    for board in home.boards():
        if board.node == node and board.to_s is None:
            home.add_board(replace(board, to_s=now_s, seal_key=""))
            return True
    return False


def _known_board(home: "Registry", old: dict[str, Any] | None, wish: Wish) -> HomeBoard | None:
    """This very board as the registry has it, if it serves this very Thing with its password."""
    if old is None:
        return None
    for board in home.boards():
        serves = (board.node, board.thing, board.to_s) == (old["node"], wish.thing, None)
        if serves and verify_password(old["secret"], board.password_hash):
            return board
    return None


def _replaceable(home: "Registry", wish: Wish, but: str) -> str | None:
    """The node that serves the Thing until now, None if none does. Raises RegistryError."""
    for board in home.boards():
        if board.thing == wish.thing and board.to_s is None and board.node != but:
            if wish.take_over:
                return board.node
            raise RegistryError(
                f"{wish.thing} already has the board {board.node}. To replace it: --replace. For a"
                " second place, give another --thing"
            )
    return None


def _thing(home: "Registry", wish: Wish) -> Thing:
    """The Thing as it is known, with the kit of now; a new one if it is not."""
    for thing in home.things():
        if thing.id == wish.thing:
            return replace(thing, kit=wish.kit, name=wish.name or thing.name)
    if not wish.name:
        raise HouseholdError(f"{wish.thing} is not known here: give a new Thing its --name")
    return Thing(wish.thing, wish.name, wish.kit, wish.indoor)


def _new_node_id(home: "Registry") -> str:
    taken = {board.node for board in home.boards()}
    while True:
        node = "".join(secrets.choice(_LETTERS) for _ in range(_NODE_ID_LETTERS))
        if node not in taken:
            return node


def _settings(node: str, keys: Keys, wish: Wish, old: dict[str, Any] | None) -> dict[str, Any]:
    settings = {
        **(old or {}),  # what newer firmware keeps there stays
        "node": node,
        "secret": keys.password.reveal(),
        "seal_key": keys.seal.reveal(),
        "host": wish.host,
        "port": wish.port,
        "kit": wish.kit,
        "window_s": wish.window_s,
    }
    if old is not None and old["node"] != node:
        settings.pop("desired", None)  # was asked of another board
    settings.pop("gateway_key", None)  # of a gateway that it leaves, or that has no TLS any more
    if wish.gateway_key is not None:
        settings["gateway_key"] = wish.gateway_key
    if wish.wifi is not None:
        settings["wifi"] = {"name": wish.wifi.name, "password": wish.wifi.password.reveal()}
    if wish.battery is not None:
        settings["mode"] = "battery" if wish.battery else "mains"
    if wish.fitted.microphone is not None:
        settings["microphone"] = wish.fitted.microphone
    if wish.fitted.parts is not None:
        settings["parts"] = wish.fitted.parts
    meter = dict(settings.pop("meter", {}))
    if old is not None and old["node"] != node:
        meter.pop("key", None)  # another household's
    kind, options = wish.fitted.meter, wish.fitted.meter_options
    if kind is not None or options.given():
        meter = meter_table(kind, options, meter)
    return {**settings, "meter": meter} if meter else settings
