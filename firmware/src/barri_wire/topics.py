# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""MQTT topics: `barri/1/{partition}/{node}/{up|down}/{kind}`. Imports only the standard library.

The partition is `crc32(node) % 64`, so that several gateways can share the nodes of a city.
"""

import binascii

PARTITIONS = 64
KINDS_UP = ("frame", "hello", "void", "schema", "want", "reported")
KINDS_DOWN = ("ack", "time", "schema", "refuse", "update", "desired")
KINDS = {"up": KINDS_UP, "down": KINDS_DOWN}
_NODE_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


def is_node_id(text: str) -> bool:
    """Say whether a text is a node id: 4 to 16 of a-z and 0-9."""
    return 4 <= len(text) <= 16 and all(letter in _NODE_LETTERS for letter in text)


def partition(node: str) -> int:
    """Return the partition 0..63 of a node id."""
    return binascii.crc32(node.encode()) % PARTITIONS


def topic(node: str, direction: str, kind: str) -> str:
    """Return the topic of a node; raises ValueError for what no topic exists for."""
    if not is_node_id(node):
        raise ValueError("a node id is 4 to 16 of a-z and 0-9")
    if kind not in KINDS.get(direction, ()):
        raise ValueError("no such direction and kind")
    return "barri/1/{}/{}/{}/{}".format(partition(node), node, direction, kind)
