# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What the gateway keeps on disk: one file of its own, and the household's to read."""
