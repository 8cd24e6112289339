# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A frame's header, as who reads frames sees it. Imports only values.py."""

from barri_wire.values import Plain


class Header(Plain):
    """What a frame says before its payload; readable without the schema.

    kind: KIND_UTC or KIND_UPTIME. start_s: of the first record. boot: 0..255, None for KIND_UTC.
    """

    def __init__(
        self,
        version: int,
        kind: int,
        schema_id: int,
        store_id: int,
        first_sequence: int,
        count: int,
        start_s: int,
        boot: "int | None",
    ) -> None:
        self.version = version
        self.kind = kind
        self.schema_id = schema_id
        self.store_id = store_id
        self.first_sequence = first_sequence
        self.count = count
        self.start_s = start_s
        self.boot = boot
