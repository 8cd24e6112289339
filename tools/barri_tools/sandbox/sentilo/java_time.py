# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Timestamps as Java's SimpleDateFormat("dd/MM/yyyy'T'HH:mm:ssZ") reads and writes them.

Non-lenient, tried once as it is and once with "+0000" appended, trailing text ignored,
Julian calendar before 15 October 1582: what the platform does, not what is sensible.
Sources: the OpenJDK 17 documentation of SimpleDateFormat and GregorianCalendar; observed answers.
Imports nothing of ours.
"""

import re

_FIELDS = re.compile(
    r"[ \t]*(-?\d+)/[ \t]*(-?\d+)/[ \t]*(-?\d+)T[ \t]*(-?\d+):[ \t]*(-?\d+):[ \t]*(-?\d+)[ \t]*",
    re.ASCII,
)
_RFC822 = re.compile(r"([+-])(\d\d)(\d\d)", re.ASCII)
_GMT = re.compile(r"GMT(?:([+-])(\d\d?):(\d\d))?", re.ASCII | re.IGNORECASE)
# The zone names a European publisher may meet. Java knows some hundreds more.
_NAMED_MIN = {
    "UTC": 0,
    "WET": 0,
    "WEST": 60,
    "CET": 60,
    "CEST": 120,
    "EET": 120,
    "EEST": 180,
}
_NAMED = re.compile("|".join(sorted(_NAMED_MIN, key=len, reverse=True)), re.IGNORECASE)
_CUTOVER_DAY = -141427  # 1582-10-15, the first Gregorian day, counted from 1970-01-01
_DAY_S = 86400
_MOST_WEST_MIN, _MOST_EAST_MIN = -13 * 60, 14 * 60  # GregorianCalendar, when not lenient


def parse_ms(text: str) -> int | None:
    """Milliseconds since 1970 UTC, or None when Java would refuse the text."""
    first = _parse_once(text)
    return first if first is not None else _parse_once(text + "+0000")


def format_utc(time_ms: int) -> str:
    """`dd/MM/yyyy'T'HH:mm:ss` of a server whose time zone is UTC."""
    days, second = divmod(time_ms // 1000, _DAY_S)
    year, month, day = _civil(days)
    clock = f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
    return f"{day:02d}/{month:02d}/{year:04d}T{clock}"


def _parse_once(text: str) -> int | None:
    match = _FIELDS.match(text)
    if match is None or any(len(part) > 9 for part in match.groups()):
        return None
    day, month, year, hour, minute, second = (int(part) for part in match.groups())
    offset_min = _zone(text[match.end() :])
    days = _days(year, month, day)
    in_day = 0 <= hour <= 23 and 0 <= minute <= 59 and 0 <= second <= 59
    if offset_min is None or days is None or not in_day:
        return None
    return ((days * 24 + hour) * 3600 + (minute - offset_min) * 60 + second) * 1000


def _zone(text: str) -> int | None:
    """Minutes east of UTC of the zone that `text` begins with, or None."""
    if match := _RFC822.match(text):
        return _offset(*match.groups())
    if match := _GMT.match(text):
        bare_sign = text[3:4] in ("+", "-") and match.group(1) is None
        return None if bare_sign else _offset(*(part or "0" for part in match.groups()))
    named = _NAMED.match(text)
    return None if named is None else _NAMED_MIN[named.group().upper()]


def _offset(sign: str, hours: str, minutes: str) -> int | None:
    if int(hours) > 23 or int(minutes) > 59:
        return None
    total = int(hours) * 60 + int(minutes)
    offset = -total if sign == "-" else total
    return offset if _MOST_WEST_MIN <= offset <= _MOST_EAST_MIN else None


def _days(year: int, month: int, day: int) -> int | None:
    """Days since 1970-01-01 of a date that exists, or None."""
    if year < 1 or not 1 <= month <= 12 or not 1 <= day <= 31:
        return None
    for gregorian in (True, False):
        days = _count(year, month, day, gregorian)
        if (days >= _CUTOVER_DAY) == gregorian and _civil(days) == (year, month, day):
            return days
    return None


def _count(year: int, month: int, day: int, gregorian: bool) -> int:
    """Day number of a calendar date; the year is taken to begin in March."""
    shifted = year - (month <= 2)
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    leap = shifted // 4 - (shifted // 100 - shifted // 400 if gregorian else 2)
    return shifted * 365 + leap + day_of_year - 719468


def _civil(days: int) -> tuple[int, int, int]:
    """(year, month, day) of a day number, in the calendar that Java uses for it."""
    gregorian = days >= _CUTOVER_DAY
    shifted = days + 719468 + (0 if gregorian else 2)
    cycle_days, cycle_years = (146097, 400) if gregorian else (1461, 4)
    cycle, in_cycle = divmod(shifted, cycle_days)
    year_in = _year_in_cycle(in_cycle, gregorian)
    leap = year_in // 4 - (year_in // 100 if gregorian else 0)
    day_of_year = in_cycle - (365 * year_in + leap)
    month_index = (5 * day_of_year + 2) // 153
    month = month_index + 3 if month_index < 10 else month_index - 9
    year = cycle * cycle_years + year_in + (month <= 2)
    return year, month, day_of_year - (153 * month_index + 2) // 5 + 1


def _year_in_cycle(in_cycle: int, gregorian: bool) -> int:
    if not gregorian:
        return (in_cycle - in_cycle // 1460) // 365
    return (in_cycle - in_cycle // 1460 + in_cycle // 36524 - in_cycle // 146096) // 365
