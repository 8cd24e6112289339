# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A radio that sees two networks, for the unix port."""


class WLAN:
    IF_STA = 0

    def __init__(self, interface):
        pass

    def active(self, on):
        pass

    def scan(self):
        return [(b"neighbours", b"", 1, -60, 3, False), (b"far away", b"", 6, -88, 3, False)]
