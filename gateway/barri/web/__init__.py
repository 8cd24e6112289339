# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The page at home: what is measured, and the switch that decides what leaves.

Reads gateway.db through `services.reading`, writes choices to home.db through the `Household`
port. Importing this loads NiceGUI, which takes a second or two: import it where it is needed.
"""

from barri.web.config import WebConfig
from barri.web.server import run

__all__ = ["WebConfig", "run"]
