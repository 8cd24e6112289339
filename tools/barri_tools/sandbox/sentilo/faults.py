# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""How the sandbox misbehaves when asked to: a plan of faults, each for some requests.

A fault says how many observations are still stored and how the connection ends. Pure;
the HTTP edge carries it out. Imports only the request model.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from .model import Request


class End(Enum):
    """How the client experiences the fault."""

    ERROR = "answer 500"
    HANG = "send nothing and keep the connection"
    CLOSE = "close without an answer"
    RESET = "reset the connection before reading"


@dataclass
class Fault:
    """One planned fault. `store` = observations still stored: None all, 0 none, n the first n.

    It applies to `times` requests (None: any number) that arrive in [from_s, until_s) and match
    the method and path beginning.
    """

    end: End
    store: int | None = 0
    times: int | None = 1
    method: str = ""
    path: str = ""
    from_s: float = float("-inf")
    until_s: float = float("inf")

    def due(self, now: float) -> bool:
        """True while it has requests left and its time has come."""
        return self.times != 0 and self.from_s <= now < self.until_s

    def matches(self, request: Request) -> bool:
        """True for the requests that it is meant for."""
        return request.method.startswith(self.method) and request.target.startswith(self.path)


@dataclass
class FaultPlan:
    """Faults in order; the first that is due and matches is taken."""

    faults: list[Fault] = field(default_factory=list)

    def add(self, fault: Fault) -> "FaultPlan":
        """Append one; returns the plan so that calls can be chained."""
        self.faults.append(fault)
        return self

    def time_out_after_storing(self, times: int = 1, store: int | None = None) -> "FaultPlan":
        """Store (all, or the first `store`), then never answer."""
        return self.add(Fault(End.HANG, store, times, "P", "/data"))

    def error_500(self, times: int = 1, store: int | None = 0) -> "FaultPlan":
        """Answer 500 after storing nothing, or the first `store`, or (None) all."""
        return self.add(Fault(End.ERROR, store, times))

    def hang(self, times: int = 1) -> "FaultPlan":
        """Read the request, do nothing, never answer."""
        return self.add(Fault(End.HANG, 0, times))

    def close_early(self, times: int = 1, store: int | None = 0) -> "FaultPlan":
        """Close the connection instead of answering."""
        return self.add(Fault(End.CLOSE, store, times))

    def down(self, from_s: float, until_s: float) -> "FaultPlan":
        """Reset every connection between two times.

        A listening socket cannot refuse; SandboxServer.stop_listening() does.
        """
        return self.add(Fault(End.RESET, 0, None, from_s=from_s, until_s=until_s))

    def resets(self, now: float) -> bool:
        """True when a connection opened now is to be reset (counts it)."""
        return self._take(lambda fault: fault.end is End.RESET and fault.due(now)) is not None

    def take(self, request: Request, now: float) -> Fault | None:
        """The fault of this request, counted; None when it is to be served properly."""
        return self._take(
            lambda fault: fault.end is not End.RESET and fault.due(now) and fault.matches(request)
        )

    def _take(self, wanted: Callable[[Fault], bool]) -> Fault | None:
        fault = next((one for one in self.faults if wanted(one)), None)
        if fault is not None and fault.times is not None:
            fault.times -= 1
        return fault
