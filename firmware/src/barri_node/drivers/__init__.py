# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""One file per sensor part; a driver sees a bus object and never a pin.

Every driver has `CHANNELS`, `async start()` (checks that the part is there, or raises SensorError)
and `async measure()`, which does not raise: it gives a dict of quantity name to an integer in the
steps of the quantity table, or None for no reading. `faults` counts failures of the bus or the
part, `last_fault` says what the newest was.
"""
