# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The simulator: chip models around real firmware, in simulated time. Nothing here is hardware."""
