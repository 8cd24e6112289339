# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Runs on MicroPython, in real time: the node's MQTT client, which does what its arguments say.

Arguments: port, node, secret, seconds of keep-alive, ms to connect; then commands: publish TOPIC
HEX MS, publish_file TOPIC FILE MS, subscribe TOPIC, sleep MS. Each line says what came of one.
"""

import asyncio
import sys
from binascii import hexlify, unhexlify

from barri_node.errors import LinkError
from barri_node.settings import Secret
from barri_node.uplink.mqtt import Mqtt


def on_message(name, payload):
    print("message", name.decode(), hexlify(payload).decode())


async def ended(coroutine):
    try:
        await coroutine
    except LinkError as error:
        print("ended", error)


async def obey(mqtt, words):
    if words[0] == "publish":
        await mqtt.publish(words[1], unhexlify(words[2]), int(words[3]))
    elif words[0] == "publish_file":  # arguments are kept to 255 bytes by MicroPython
        with open(words[2], "rb") as file:  # noqa: ASYNC230
            await mqtt.publish(words[1], file.read(), int(words[3]))
    elif words[0] == "subscribe":
        await mqtt.subscribe(words[1])
    else:
        await asyncio.sleep_ms(int(words[1]))
    print("done", words[0])


async def session(port, node, secret, keepalive_s, timeout_ms):
    mqtt = Mqtt(node, Secret(secret), int(keepalive_s), on_message)
    try:
        await mqtt.connect("127.0.0.1", int(port), int(timeout_ms))
        print("connected")
        tasks = [
            asyncio.create_task(ended(mqtt.receive())),
            asyncio.create_task(ended(mqtt.keep_alive())),
        ]
        for line in sys.argv[6:]:
            await obey(mqtt, line.split())
        for task in tasks:
            task.cancel()
    except (LinkError, OSError) as error:
        print("failed", error)
    mqtt.close()


asyncio.run(session(*sys.argv[1:6]))
