# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Reads MQTT topics, as a gateway does; a node knows its own."""

from barri_wire.topics import KINDS, is_node_id, topic


def parse_topic(text: str) -> "tuple[str, str, str] | None":
    """Return (node, direction, kind), or None for a text that `topic` cannot have made."""
    parts = text.split("/", 6)
    if len(parts) != 6 or not is_node_id(parts[3]) or parts[5] not in KINDS.get(parts[4], ()):
        return None
    node, direction, kind = parts[3:]
    return (node, direction, kind) if topic(node, direction, kind) == text else None
