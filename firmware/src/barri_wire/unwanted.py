# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What must not be seen of records where something is unwanted: the same at both ends."""

from barri_wire.quantities import BY_NAME

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from barri_wire.schema import Schema

_LEVELS = ("laeq", "lafmax", "lafmin", "la10", "la50", "la90", "lceq")
_HISTOGRAM = ("laf_class", "laf_count")


def hidden(unwanted: "Iterable[str]") -> "list[int]":
    """Ids of quantities that must not be seen. unwanted: names.

    A histogram of the sound tells all its levels, so it goes with any of them.
    """
    names = list(unwanted)
    if any([name in _LEVELS for name in names]):
        names.extend(_HISTOGRAM)
    return [BY_NAME[name].id for name in names]


def places(schema: "Schema", ids: "list[int]") -> "list[int]":
    """Where quantities stand in a schema's records."""
    return [i for i, channel in enumerate(schema.channels) if channel[0] in ids]
