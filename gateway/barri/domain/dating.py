# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""When a record was measured, in Unix seconds, or why nobody can say. Pure.

Records with UTC must lie in a plausible window. Records with boot and uptime are dated by an
anchor of their boot: a moment known both as uptime and as UTC, noted by the node (its own
anchors) or by the gateway (the newest hello, whose arrival is 'now' for its uptime). Without an
anchor there are bounds and a reason. Imports only the domain's windows and the wire's epoch.
"""

from collections.abc import Sequence
from typing import NamedTuple

from barri_wire import EPOCH_2000_UNIX_S

EARLIEST_S = 1_577_836_800  # 2020-01-01T00:00:00Z; no barri node is older
LEAD_S = 300  # a clock may be this far ahead of the gateway's
AGREE_S = 3600  # a hello may have waited in a queue
BOOTS = 256  # the wire carries a boot's low 8 bits

ANCHOR = "anchor"  # waits for an anchor of its boot
IMPLAUSIBLE = "implausible"  # the node's clock was wrong; a date is never guessed


class Anchor(NamedTuple):
    """In this boot (32 bits), this uptime was this moment (Unix s)."""

    boot: int
    uptime_s: int
    utc_s: int


class Timing(NamedTuple):
    """What is known about a node's boots.

    anchors: the node's own. current: the boot of its newest hello. hello: that hello as an anchor,
    its arrival being the moment; None when the gateway's clock was not to be trusted then.
    """

    anchors: tuple[Anchor, ...] = ()
    current: int | None = None
    hello: Anchor | None = None


class Dated(NamedTuple):
    """The Unix second at which the frame's own time scale reads 0."""

    zero_s: int


UTC = Dated(EPOCH_2000_UNIX_S)  # of frames that carry UTC


class Undated(NamedTuple):
    """Why there is no date, and between which moments (Unix s) the records were measured."""

    reason: str
    not_before_s: int
    not_after_s: int


def plausible(start_s: int, end_s: int, now_s: int) -> bool:
    """Say whether a record with these Unix times can have been measured by now."""
    return start_s >= EARLIEST_S and end_s <= now_s + LEAD_S


def date(boot: int | None, timing: Timing, arrival_s: int | None, now_s: int) -> Dated | Undated:
    """Date a frame. boot: see `full_boot`; arrival_s: None when nobody knows it.

    The result is to be fixed: written down once and used ever after for that store and boot.
    """
    known = (*timing.anchors, *([timing.hello] if timing.hello else []))
    sound = [anchor for anchor in known if plausible(anchor.utc_s, anchor.utc_s, now_s)]
    own = [anchor for anchor in sound if anchor.boot == boot]
    if not own:
        latest_s = now_s if arrival_s is None else arrival_s
        return Undated(ANCHOR, *_bounds(boot, sound, latest_s))
    return Dated(_zero_s(_trusted(own, timing.hello)))


def _zero_s(anchor: Anchor) -> int:
    return anchor.utc_s - anchor.uptime_s


def _trusted(own: Sequence[Anchor], hello: Anchor | None) -> Anchor:
    """The node's newest anchor, being exact, unless it contradicts this boot's hello.

    It does when another board bore the same node id before and counted the same boots.
    """
    if hello is None or hello not in own:
        return max(own, key=lambda anchor: anchor.utc_s)
    agreeing = [a for a in own if abs(_zero_s(a) - _zero_s(hello)) <= AGREE_S and a != hello]
    return max(agreeing, key=lambda anchor: anchor.utc_s, default=hello)


def full_boot(low: int, timing: Timing) -> int | None:
    """The boot that ends in these 8 bits: the newest not after the current one, if known."""
    if timing.current is not None:
        return timing.current - (timing.current - low) % BOOTS
    return max((a.boot for a in timing.anchors if a.boot % BOOTS == low), default=None)


def _bounds(boot: int | None, anchors: Sequence[Anchor], arrival_s: int) -> tuple[int, int]:
    """After what is known of earlier boots, before what is known of later ones."""
    if boot is None:
        return EARLIEST_S, arrival_s
    before = [anchor.utc_s for anchor in anchors if anchor.boot < boot]
    after = [anchor.utc_s - anchor.uptime_s for anchor in anchors if anchor.boot > boot]
    return max([EARLIEST_S, *before]), min([arrival_s, *after])
