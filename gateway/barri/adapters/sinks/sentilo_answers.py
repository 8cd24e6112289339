# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What a Sentilo answer means: stored, partly stored, wait, smaller, nobody knows, or stop.

Bodies may echo the token and carry stack traces: nothing of them is shown but the message and
the first detail, shortened, with the token taken out.
"""

import json
import re
from typing import Any, NoReturn

from barri.adapters.sinks.exchange import Answer
from barri.domain.secret import Secret
from barri.domain.sharing import Era
from barri.errors import (
    RefusedFor,
    SinkBusyError,
    SinkInDoubtError,
    SinkRefusedError,
    SinkTooLargeError,
)
from barri.ports import Receipt

SHOWN = 200  # characters of a message
STARTING_S = 60
NO_RESET_MINUTES = 10  # when a quota is exceeded and no header says for how long

_TOO_LARGE = re.compile(r"payload size \(\d+ bytes\) exceeds the limit \(([0-9]{1,12}) bytes\)")
_REJECTED = re.compile(r"Sensor \[([^\]]+)\] .*\((404\.[12])\)")
_ADVICE = {
    401: "the token is not accepted: put the right one into the token file and restart",
    403: "the token has no right to this: ask the platform's operator",
    404: "wrong address: check the sink's url and provider",
}


_WHY: dict[int, RefusedFor] = {401: "token", 403: "rights", 404: "address"}


def receipt(answer: Answer, token: Secret) -> Receipt:
    """What became of a PUT of values. Raises SinkError."""
    if answer.status == 404 and "have been rejected" in message(answer):
        return _partly(answer)
    check(answer, token)
    if answer.body.strip() and "x-sentilo-version" not in answer.headers:
        raise SinkRefusedError(
            "something that is no Sentilo answers: check the sink's url", "address"
        )
    return Receipt()


def _partly(answer: Answer) -> Receipt:
    """All was stored but what belongs to the sensors listed."""
    pairs = [_REJECTED.search(detail) for detail in details(answer)]
    found = {pair[1]: pair[2] for pair in pairs if pair}
    if not found or len(found) < len(pairs):
        raise SinkInDoubtError("values were rejected, but the answer does not say which")
    return Receipt(
        unknown=frozenset(Era(name) for name, code in found.items() if code == "404.1"),
        off=frozenset(Era(name) for name, code in found.items() if code == "404.2"),
    )


def check(answer: Answer, token: Secret) -> None:
    """Return for 200; raise what any other answer means."""
    if answer.status == 200:
        return
    if answer.status == 429:
        raise SinkBusyError("the platform's quota is used up", 60 * _reset_minutes(answer))
    if answer.status == 503 and "because it is starting" in message(answer):
        raise SinkBusyError("the platform is starting", STARTING_S)
    if answer.status >= 500:
        raise SinkInDoubtError(f"the platform failed ({answer.status})")
    too_large = _TOO_LARGE.search(message(answer))
    if answer.status == 400 and too_large:
        raise SinkTooLargeError("the request is too long", int(too_large[1]))
    _refuse(answer, token)


def _refuse(answer: Answer, token: Secret) -> NoReturn:
    if 300 <= answer.status < 400:
        raise SinkRefusedError("the address leads elsewhere: give the sink's final url", "address")
    advice = _ADVICE.get(answer.status, "the platform refuses the request")
    said = " ".join([message(answer), *details(answer)[:1]])
    shown = token.redact(said)[:SHOWN].splitlines()
    words = f"{answer.status} {shown[0] if shown else ''}".strip()
    raise SinkRefusedError(f"{advice} ({words})", _WHY.get(answer.status, "refused"), words)


def _reset_minutes(answer: Answer) -> int:
    """The longer of both quotas' resets, in minutes as the platform counts; at least 1."""
    names = ("x-ratelimit-inbound-reset", "x-ratelimit-global-inbound-reset")
    texts = [answer.headers.get(name, "") for name in names]
    minutes = [int(text) for text in texts if re.fullmatch("[0-9]{1,6}", text)]
    return min(max([1, *minutes]), 24 * 60) if minutes else NO_RESET_MINUTES


def content(answer: Answer) -> dict[str, Any]:
    """The JSON object of an answer; empty when there is none."""
    try:
        found = json.loads(answer.body) if answer.whole else None
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def message(answer: Answer) -> str:
    """What the platform says, for comparing; not for showing."""
    return str(content(answer).get("message", ""))


def details(answer: Answer) -> list[str]:
    """The platform's details, for comparing; not for showing."""
    found = content(answer).get("errorDetails")
    return [str(detail) for detail in found] if isinstance(found, list) else []
