# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The gateway's small tree of errors: raised where known, handled in one place per task."""


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
