# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Which link and which outbox a node's settings ask for; only these are loaded.

Only a start needs this; it is let go of afterwards.
"""

from micropython import const

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from barri_node.settings import Settings
    from barri_node.store.ringlog import RingLog
    from barri_node.uplink.link import Link
    from barri_node.uplink.outbox import Outbox


def outbox(log: "RingLog", settings: "Settings") -> "Outbox":
    """What was kept before it became unwanted does not leave."""
    if settings.unwanted:
        from barri_node.uplink.withholding import Withholding

        return Withholding(log, settings.unwanted)
    from barri_node.uplink.outbox import Outbox

    return Outbox(log)


def kind_of_link(settings: "Settings") -> "type[Link]":
    """By how the line is secured."""
    if settings.seal_key is None and settings.gateway_key is None:
        from barri_node.uplink.link import Link

        return Link
    if settings.seal_key is None:
        from barri_node.uplink.authentic_link import AuthenticLink

        return AuthenticLink
    from barri_node.uplink.sealed_link import SealedLink

    return SealedLink
