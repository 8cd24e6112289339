# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A simulated street on one machine: real firmware, real gateway, a sandbox city."""
