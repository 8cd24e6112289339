# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What of this room can be collected here."""

from importlib.util import find_spec

collect_ignore = (
    [] if find_spec("sensirion_gas_index_algorithm") else ["test_gas_index_reference.py"]
)
