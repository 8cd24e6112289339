# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""MQTT topics: `barri/1/{partition}/{node}/{up|down}/{kind}`. Imports only the standard library.

The partition is `crc32(node) % 64`, so that several gateways can share the nodes of a city.
"""

import binascii

PARTITIONS = 64
KINDS_UP = ("frame", "hello", "void", "schema", "want")
KINDS_DOWN = ("ack", "time", "schema", "refuse", "update")
_KINDS = {"up": KINDS_UP, "down": KINDS_DOWN}
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
    if kind not in _KINDS.get(direction, ()):
        raise ValueError("no such direction and kind")
    return "barri/1/{}/{}/{}/{}".format(partition(node), node, direction, kind)


def parse_topic(text: str) -> "tuple[str, str, str] | None":
    """Return (node, direction, kind), or None for a text that `topic` cannot have made."""
    parts = text.split("/", 6)
    if len(parts) != 6 or not is_node_id(parts[3]) or parts[5] not in _KINDS.get(parts[4], ()):
        return None
    node, direction, kind = parts[3:]
    return (node, direction, kind) if topic(node, direction, kind) == text else None
