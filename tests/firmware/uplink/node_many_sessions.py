# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Runs on MicroPython: connects 200 times and reads until each connection ends."""

import asyncio
import sys

from barri_node.errors import LinkError
from barri_node.settings import Secret
from barri_node.uplink.mqtt import Mqtt


async def session(port, node, secret):
    mqtt = Mqtt(node, Secret(secret), 60, lambda name, payload: None)
    await mqtt.connect("127.0.0.1", port, 5000)
    try:
        await mqtt.receive()
    except LinkError as error:
        print("ended", error)
    mqtt.close()


async def main(port, node, secret):
    for _ in range(200):
        await session(port, node, secret)
    print("sessions 200")


asyncio.run(main(int(sys.argv[1]), sys.argv[2], sys.argv[3]))
