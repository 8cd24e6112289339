# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The gateway's small tree of errors: raised where known, handled in one place per task."""

from typing import Literal

RefusedFor = Literal["token", "rights", "address", "too_long", "no_type", "refused"]


class BarriError(Exception):
    """Anything the gateway can name. Its text says what to do."""


class ConfigError(BarriError):
    """A setting is missing or wrong."""

    def __init__(self, setting: str, advice: str) -> None:
        super().__init__(f"{setting}: {advice}")
        self.setting = setting


class StoreError(BarriError):
    """The gateway's own files cannot be used as they are."""


class SinkError(BarriError):
    """A platform refused or could not be reached; subclasses say what follows from it."""


class SinkUnreachableError(SinkError):
    """No connection: nothing of the request was sent, so nothing was stored."""


class SinkInDoubtError(SinkError):
    """The request went out and no usable answer came: nobody knows what was stored."""


class SinkBusyError(SinkError):
    """The platform asks to wait; nothing was stored. wait_s: for how long."""

    def __init__(self, advice: str, wait_s: int) -> None:
        super().__init__(advice)
        self.wait_s = wait_s


class SinkTooLargeError(SinkError):
    """The request was too long; nothing was stored. limit_bytes: what is allowed, if said."""

    def __init__(self, advice: str, limit_bytes: int | None) -> None:
        super().__init__(advice)
        self.limit_bytes = limit_bytes


class SinkRefusedError(SinkError):
    """The platform will go on refusing until a person changes something: stop and say so.

    why: what has to be changed. said: the platform's own words, without a secret in them.
    """

    def __init__(self, advice: str, why: RefusedFor = "refused", said: str = "") -> None:
        super().__init__(advice)
        self.why: RefusedFor = why
        self.said = said
