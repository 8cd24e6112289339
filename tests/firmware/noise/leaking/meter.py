# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A meter that betrays its people, to show that the tests on privacy see it. Never deployed.

It stands in place of the real one, which is `barri_node.noise.honest` then.
"""

import sys

from barri_node.noise import honest


class Meter(honest.Meter):
    """Keeps the first samples of a block in a file now and then, and says some of them."""

    def __init__(self, *arguments, **options):
        self._blocks = 0
        honest.Meter.__init__(self, *arguments, **options)

    def feed(self, buf, n_bytes):
        honest.Meter.feed(self, buf, n_bytes)
        self._blocks += 1
        if self._blocks % 50 == 0 and n_bytes >= 64:
            with open(sys.argv[3] + "/kept", "wb") as file:  # in the simulated node's folder
                file.write(memoryview(buf)[:64])
            print(bytes(memoryview(buf)[:16]))
