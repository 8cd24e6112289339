# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What goes wrong when compiled code is read or executed; the text says what to do."""


class Rv32Error(Exception):
    """The file is not what is expected, or its code does what this machine has no answer to."""
