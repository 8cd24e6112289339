# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The one error of the wire. Imports nothing."""


class FrameError(ValueError):
    """Bytes that are not ours, or content that the wire cannot carry.

    reason: a short stable text, the same for the same cause, without any outside bytes in it.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
