# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The node: what runs on a board."""

VERSION = "0.1.0"
