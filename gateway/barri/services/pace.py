# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Say a thing at most so often. Bounded memory; the time is given by the caller."""

from collections import OrderedDict
from collections.abc import Hashable

KEYS_REMEMBERED = 4096


class Pace:
    """Lets each key through once per interval."""

    def __init__(self, interval_s: float) -> None:
        self._interval_s = interval_s
        self._last_s: OrderedDict[Hashable, float] = OrderedDict()

    def ready(self, key: Hashable, now_s: float) -> bool:
        """Say whether it is time again for this key, and if so, count it as done now."""
        if now_s - self._last_s.get(key, float("-inf")) < self._interval_s:
            return False
        self._last_s[key] = now_s
        self._last_s.move_to_end(key)
        if len(self._last_s) > KEYS_REMEMBERED:
            self._last_s.popitem(last=False)
        return True
