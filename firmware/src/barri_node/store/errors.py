# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The store's errors. Nothing here stops measuring: records wait in memory until flash works."""

from barri_node.errors import NodeError


class StoreError(NodeError):
    """The store cannot do what was asked.

    reason: BAD_RECORD (the caller's mistake), FLASH (flash refused; call `flush` again later)
    or DAMAGED (stored bytes that mean nothing).
    """

    BAD_RECORD = "bad record"
    FLASH = "flash refuses"
    DAMAGED = "damaged"

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__("{}: {}".format(reason, detail) if detail else reason)
        self.reason = reason
