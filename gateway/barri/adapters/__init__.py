# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The gateway's edges: stores, sources, sinks and clocks. They import domain and ports only."""
