# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Puts barri on a board over USB, gives it its identity, and says what ails it."""
