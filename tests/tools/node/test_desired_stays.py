# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What was asked of a board over the air outlives the cable, but not the board's identity."""

import json

import pytest

from barri_node.settings_file import read
from barri_tools.node import provision
from barri_tools.node.gateway import Registry

WISH = provision.Wish("ana-balcony", "Ana's balcony", "air", "192.168.1.10", 1883, 60, None)
DESIRED = {"version": 4, "window_s": 300, "unwanted": ["light"]}


@pytest.fixture
def home(tmp_path):
    with Registry(tmp_path / "home.db") as opened:
        yield opened


def obey(board):
    """As the node itself writes it."""
    path = board.files / "settings.json"
    path.write_text(json.dumps(json.loads(path.read_bytes()) | {"desired": DESIRED}))


def settings_of(board):
    return json.loads((board.files / "settings.json").read_bytes())


def test_a_board_that_is_provisioned_again_goes_on_obeying(board, console, home):
    provision.provision(home, console, WISH, 1_800_000_000)
    obey(board)
    provision.provision(home, console, WISH._replace(window_s=10), 1_800_000_100)
    settings = read(settings_of(board))
    assert (settings.desired, settings.window_s, settings.unwanted) == (4, 300, ["light"])


def test_a_board_with_a_new_identity_owes_nothing(board, console, home):
    """Versions of another node id would make it refuse what its new people ask for."""
    provision.provision(home, console, WISH, 1_800_000_000)
    obey(board)
    again = WISH._replace(fresh=True, take_over=True)
    provision.provision(home, console, again, 1_800_000_100)
    assert "desired" not in settings_of(board)
