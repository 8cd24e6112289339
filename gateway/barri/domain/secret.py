# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A text that must not be seen: tokens and passwords. Imports nothing."""


class Secret:
    """Hides its text from repr, str, format and pickle; `reveal` is called at the very edge."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself. Only for the bytes that need it."""
        return self._text

    def redact(self, text: str) -> str:
        """Take every occurrence of the secret out of a text that is to be shown."""
        return text.replace(self._text, "***") if self._text else text

    def __repr__(self) -> str:
        return "Secret('***')"

    __str__ = __repr__

    def __format__(self, _spec: str) -> str:
        return repr(self)

    def __reduce__(self) -> str:
        raise TypeError("a secret is not pickled")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)
