# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The shape of the derived tables, for the type checker; never on a board."""

AT_48000: dict[str, tuple[int, ...]]
AT_24000: dict[str, tuple[int, ...]]
