# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A strict local stand-in of the Sentilo platform's REST API, release 2.0.0.

`SentiloSandbox` is the pure core, `SandboxServer` its HTTP edge, `Record` what really arrived,
`FaultPlan` how it misbehaves when asked to. Imports nothing of barri; it must not share code with
the client that is tested against it.
"""

from .core import SentiloSandbox
from .faults import End, Fault, FaultPlan
from .model import Entity, Request, Response, Sensor, Settings, Timing
from .record import Record
from .server import SandboxServer

__all__ = [
    "End",
    "Entity",
    "Fault",
    "FaultPlan",
    "Record",
    "Request",
    "Response",
    "SandboxServer",
    "Sensor",
    "SentiloSandbox",
    "Settings",
    "Timing",
]
