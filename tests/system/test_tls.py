# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""TLS between node and gateway, pinned to the gateway's own certificate."""

import json
import socket
from collections.abc import Iterator

import pytest
from playing import (
    MakeScene,
    Played,
    console,
    end,
    open_gateway,
    power_on,
    rows,
    share,
    wait_for_the_city,
    wait_until,
)

from barri_tools.demo.stage import Stage
from barri_tools.demo.street import STREET

AIR, _, ENERGY = STREET


@pytest.fixture(scope="module")
def encrypted(make_scene: MakeScene) -> Iterator[Played]:
    with Stage(make_scene((ENERGY,), tls=True)) as stage:
        share(stage, "thing-energy", "energy_import", 20)
        open_gateway(stage)
        power_on(stage)
        wait_until(stage, lambda: stage.record.observations, 200, "a first value in the city")
        wait_for_the_city(stage, 3)
        yield end(stage)


def test_a_node_behind_tls_loses_doubles_and_leaks_nothing(encrypted: Played) -> None:
    report = encrypted.report
    assert report.observations_shared > 0
    assert "again in" not in console(encrypted.stage, ENERGY.node)
    assert (report.lost, report.duplicated, report.leaked) == (0, 0, 0), report.findings


def test_a_node_turns_away_from_a_gateway_with_another_certificate(make_scene: MakeScene) -> None:
    with Stage(make_scene((AIR,), tls=True)) as stage:
        stage.gateway_key = "ab" * 32
        open_gateway(stage)
        stage.start_nodes()
        stage.wait(60)
        assert "gateway not reached" in console(stage, AIR.node)
        assert rows(stage, "SELECT count(*) FROM hello") == [(0,)]


def test_who_does_not_speak_tls_is_told_nothing(make_scene: MakeScene) -> None:
    with Stage(make_scene((AIR,), tls=True)) as stage:
        open_gateway(stage)
        with socket.create_connection(("127.0.0.1", stage.mqtt_port), timeout=10) as plain:
            plain.sendall(b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00")
            assert b"\x20\x02" not in plain.recv(64)  # no CONNACK, at most an alert of TLS


def test_the_key_is_readable_by_the_gateway_alone(encrypted: Played) -> None:
    key = encrypted.stage.data / "broker.key"
    assert key.stat().st_mode & 0o077 == 0
    settings = json.loads(
        (encrypted.stage.scene.directory / ENERGY.node / "settings.json").read_text()
    )
    assert len(settings["gateway_key"]) == 64
