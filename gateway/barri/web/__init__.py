# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The page at home: what is measured, and the switch that decides what leaves.

Reads gateway.db through `services.reading`, writes choices to home.db through the `Household`
port. `run` lives in `barri.web.server`; importing this package loads neither NiceGUI nor files.
"""

from barri.web.config import WebConfig

__all__ = ["WebConfig"]
