# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The wire: what nodes and gateways must agree on. Runs on MicroPython and CPython.

Imports nothing else of barri. The bytes are specified in README.md beside this file.
"""

EPOCH_2000_UNIX_S = 946684800  # 2000-01-01T00:00:00Z, where barri's whole seconds begin
SEQUENCE_LIMIT = 1 << 22  # sequences of a store are 0..SEQUENCE_LIMIT-1
STORE_ID_LIMIT = 1 << 18  # store ids are 0..STORE_ID_LIMIT-1
