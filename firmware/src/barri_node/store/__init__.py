# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The node's memory: every record stays in flash until the gateway has safely stored it.

ringlog.py is the log that the node uses; files.py is where its segments lie. From the bottom up:
varint, blocks (self-delimiting, with CRC), records, losses, state, segment, recovery, files, ring.
"""
