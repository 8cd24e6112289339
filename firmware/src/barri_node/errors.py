# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The node's errors: one small tree, so that one task handles them in one place."""


class NodeError(Exception):
    """Anything that the node itself raises."""


class SensorError(NodeError):
    """A sensor is absent, is another part than expected, or does not answer.

    reason: a short sentence that says what was seen and what to check.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class LinkError(NodeError):
    """The line to the gateway failed; the link says so once and tries again later."""


class SettingsError(NodeError):
    """A setting is missing or wrong; the text names it and says what it must be."""

    def __init__(self, setting: str, advice: str) -> None:
        super().__init__("{}: {}".format(setting, advice))
        self.setting = setting
