# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A base for small plain values: equal when all fields are equal. Imports nothing."""


class Plain:
    """Equality and a readable form from the fields of an instance."""

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash(repr(self))

    def __repr__(self) -> str:
        fields = sorted(self.__dict__.items())
        inside = ", ".join(["{}={!r}".format(name, value) for name, value in fields])
        return "{}({})".format(type(self).__name__, inside)
