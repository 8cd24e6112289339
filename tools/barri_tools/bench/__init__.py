# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Measured figures: each module measures one thing, report.py prints and writes them."""
