# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""From the node's log to the gateway's: what is sent, what is acknowledged, and by which road."""
