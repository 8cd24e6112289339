# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Memory as `machine.RTC` has it: 2048 bytes, lost with the power, kept over resets."""

MOST_BYTES = 2048


class FakeMemory:
    """writes: how often it was written. content: what it holds. longest: of what was written."""

    def __init__(self, content=b""):
        self.content = content
        self.writes = self.longest = 0

    def memory(self, data=None):
        if data is None:
            return self.content
        if len(data) > MOST_BYTES:
            raise ValueError("buffer too long")
        self.content = bytes(data)
        self.writes += 1
        self.longest = max(self.longest, len(data))
        return None
