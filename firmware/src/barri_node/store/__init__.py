# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The node's memory: every record stays in flash until the gateway has safely stored it.

ringlog.py is the log that the node uses; partition.py and files.py are where its segments can lie.
From the bottom up: bits, chain (records as differences), pieces (with checks), context, losses,
state, cursor (reads a segment), recovery, shelf (all segments), the ring.
"""
