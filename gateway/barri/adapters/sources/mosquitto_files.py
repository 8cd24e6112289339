# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Mosquitto's files, written from the gateway's registry: passwords, rights, configuration.

Tell Mosquitto to read them again (`systemctl reload mosquitto`) when `write_files` says that
something changed. Format: mosquitto.conf(5) and mosquitto_passwd(1) of Mosquitto 2.0.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from barri.adapters.sources.certificate import KEY
from barri.adapters.sources.mosquitto import GATEWAY_USER, UP_FILTER
from barri.adapters.sources.packets import LONGEST_PACKET_BYTES
from barri.domain.passwords import hash_password, is_password_hash, verify_password
from barri.errors import ConfigError
from barri_wire.topics import is_node_id, topic

DOWN_FILTER = "barri/1/+/+/down/#"
IN_FLIGHT = 1000  # messages that wait for the gateway's acknowledgement at a time
FILE_MODE = 0o640


def password_file(nodes: Mapping[str, str], gateway_hash: str) -> str:
    """Return the password file: one `$7$` hash per node and the gateway's own.

    Raises ConfigError for a name or a hash that would not be one line of its own.
    """
    lines = [f"{GATEWAY_USER}:{_checked(GATEWAY_USER, gateway_hash)}"]
    for node, stored in sorted(nodes.items()):
        lines.append(f"{_node(node)}:{_checked(node, stored)}")
    return "\n".join(lines) + "\n"


def acl_file(nodes: Mapping[str, str]) -> str:
    """Return the rights: a node writes its own up topics and reads its own down topics."""
    blocks = [f"user {GATEWAY_USER}\ntopic read {UP_FILTER}\ntopic write {DOWN_FILTER}\n"]
    for node in sorted(nodes):
        up = topic(_node(node), "up", "frame").removesuffix("frame") + "#"
        down = topic(node, "down", "ack").removesuffix("ack") + "#"
        blocks.append(f"user {node}\ntopic write {up}\ntopic read {down}\n")
    return "\n".join(blocks)


def configuration(
    directory: Path, port: int = 1883, host: str = "", certificate: Path | None = None
) -> str:
    """Return a mosquitto.conf that refuses strangers and loses nothing between commits.

    directory: holds the two other files. host: where to listen, empty for every address.
    certificate: the broker's, with its key beside it; None for plain TCP.
    """
    listener = f"listener {port} {host}".rstrip()
    if certificate is not None:
        listener += f"\ncertfile {certificate}\nkeyfile {certificate.with_name(KEY)}"
    return f"""# Written by barri. Nodes keep what is not acknowledged by the gateway itself,
# so Mosquitto's own queue is a convenience and not a promise.
per_listener_settings false
allow_anonymous false
password_file {directory / "passwords"}
acl_file {directory / "acl"}

{listener}
# The client id is the user name: nobody can throw a node out under its own id.
use_username_as_clientid true

max_inflight_messages {IN_FLIGHT}
max_queued_messages {100 * IN_FLIGHT}
max_queued_bytes {64 * 1024 * 1024}
message_size_limit {LONGEST_PACKET_BYTES}
max_packet_size {LONGEST_PACKET_BYTES + 512}
retain_available false
persistence true
autosave_interval 60
persistent_client_expiration 14d
"""


def write_files(directory: Path, nodes: Mapping[str, str], gateway_hash: str) -> bool:
    """Write the password and the ACL file where they changed; True when Mosquitto must reload."""
    passwords = write_if_changed(directory / "passwords", password_file(nodes, gateway_hash))
    rights = write_if_changed(directory / "acl", acl_file(nodes))
    return passwords or rights


def standing_hash(directory: Path, password: str) -> str:
    """The gateway's hash that stands in the password file if it still fits, else a new one."""
    path = directory / "passwords"
    for line in path.read_text().splitlines() if path.exists() else ():
        user, _, stored = line.partition(":")
        if user == GATEWAY_USER and verify_password(password, stored):
            return stored
    return hash_password(password)


def write_if_changed(path: Path, text: str) -> bool:
    """Replace a file in one step, readable by its group only. False when it was the same."""
    if path.exists() and path.read_text() == text:
        return False
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    return True


def _node(node: str) -> str:
    if not is_node_id(node):
        raise ConfigError("node id", "4 to 16 letters a-z and digits")
    return node


def _checked(name: str, stored: str) -> str:
    if not is_password_hash(stored):
        raise ConfigError(f"password of {name}", "set it again: its hash cannot be read")
    return stored
