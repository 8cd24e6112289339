# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A record: what a node measures, keeps and is acknowledged for. Imports only values.py."""

from barri_wire.values import Plain

LONGEST_DURATION_S = 86400


class Record(Plain):
    """One measuring window of a node.

    sequence: 0..SEQUENCE_LIMIT-1 within its store. start_s: start of the window, in seconds since
    2000 UTC when `boot` is None, else seconds of uptime in that boot (0..2**24-1 for the first
    record of a frame). duration_s: 1..86400. values: one integer (steps of quantities.py, signed
    32 bits) or None per channel, in schema order. boot: number; the wire keeps its low 8 bits.
    """

    def __init__(
        self,
        sequence: int,
        start_s: int,
        duration_s: int,
        values: "tuple[int | None, ...]",
        boot: "int | None" = None,
    ) -> None:
        self.sequence = sequence
        self.start_s = start_s
        self.duration_s = duration_s
        self.values = values
        self.boot = boot
