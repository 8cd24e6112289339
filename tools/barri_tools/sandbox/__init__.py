# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Local stand-ins of city platforms, strict enough to test and teach against."""
