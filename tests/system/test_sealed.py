# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A line without TLS: whoever listens and has the password still cannot speak for the node."""

from collections.abc import Iterator

import paho.mqtt.client as mqtt
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
from barri_tools.sim import flash_reader
from barri_wire.topics import topic

_, _, ENERGY = STREET
FORGED = b"\x41\x01forged by a listener"


@pytest.fixture(scope="module")
def sealed(make_scene: MakeScene) -> Iterator[Played]:
    with Stage(make_scene((ENERGY,), sealed=True)) as stage:
        share(stage, "thing-energy", "energy_import", 20)
        open_gateway(stage)
        power_on(stage)
        wait_until(stage, lambda: stage.record.observations, 200, "a first value in the city")
        stage.kill_node(ENERGY.node)
        _forge(stage)
        power_on(stage, ENERGY.node)
        wait_for_the_city(stage, 5)
        yield end(stage)


def _forge(stage: Stage) -> None:
    """Publish under the node's name, with its own password, what it never said."""
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=ENERGY.node)
    client.username_pw_set(ENERGY.node, stage.homes[ENERGY.node].password)
    client.connect("127.0.0.1", stage.mqtt_port)
    client.loop_start()
    try:
        sent = client.publish(topic(ENERGY.node, "up", "void"), FORGED, qos=1)
        sent.wait_for_publish(10)
        assert sent.is_published()
    finally:
        client.disconnect()
        client.loop_stop()


def test_a_sealed_node_loses_doubles_and_leaks_nothing(sealed: Played) -> None:
    report = sealed.report
    assert report.observations_shared > 2
    assert (report.lost, report.duplicated, report.leaked) == (0, 0, 0), report.findings


def test_what_a_listener_says_under_its_name_is_set_aside(sealed: Played) -> None:
    found = rows(sealed.stage, "SELECT node, kind, body FROM quarantine")
    assert [(node, kind, bytes(body)) for node, kind, body in found] == [
        (ENERGY.node, "unsealed", FORGED)
    ]


def test_the_node_understood_its_sealed_answers(sealed: Played) -> None:
    """Its records were acknowledged, or they would have come again and again."""
    image = sealed.stage.scene.directory / ENERGY.node / "flash.img"
    flash = flash_reader.read(image, ENERGY.kit, sealed.stage.firmware, raw=True)
    assert flash.acknowledged > 0
    assert "cannot read" not in console(sealed.stage, ENERGY.node)


def test_the_key_is_in_no_log_and_on_no_wire(sealed: Played) -> None:
    stage = sealed.stage
    key = stage.homes[ENERGY.node].seal_key
    assert len(key) == 32
    assert key not in console(stage, ENERGY.node)
    assert key not in (stage.scene.directory / "gateway.log").read_text()
    for body, *_ in rows(stage, "SELECT body FROM frame"):
        assert bytes.fromhex(key) not in bytes(body)
