# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The Sentilo sink: exact bytes out, and what each answer means. Texts are release 2.0.0's own."""

import asyncio
import contextlib
import json
import time
import traceback

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barri.adapters.sinks import sentilo_messages as messages
from barri.adapters.sinks.exchange import MOST_ANSWER_BYTES
from barri.adapters.sinks.sentilo import SentiloSettings, SentiloSink
from barri.domain.household import Choice, Thing
from barri.domain.secret import Secret
from barri.domain.sharing import Gate
from barri.domain.windows import Window
from barri.errors import (
    ConfigError,
    SinkBusyError,
    SinkError,
    SinkInDoubtError,
    SinkRefusedError,
    SinkTooLargeError,
    SinkUnreachableError,
)
from barri.ports import Receipt

TOKEN = "tok3n/with+signs"
ERA, OTHER = "00000000000000aa", "00000000000000bb"
CHOICES = [
    Choice("balcony", "temperature", 0, "city", "share", 60, 100, ERA),
    Choice("balcony", "pm10", 0, "city", "share", 60, 100, OTHER),
]
PLACE = (41.385063, 2.173404)
GATE = Gate(
    CHOICES,
    [Thing("balcony", "Anna's", "air", False, *PLACE)],
    {("balcony", "city"): "00000000000000ee"},
)
OK = (200, {"X-Sentilo-Version": "2.0.0"}, b"")


class Body(httpx2.AsyncByteStream):
    """A body that comes in pieces, as from a socket."""

    def __init__(self, content):
        self.content = content

    async def __aiter__(self):
        for start in range(0, len(self.content), 1000):
            yield self.content[start : start + 1000]


class Wire(httpx2.AsyncBaseTransport):
    """Answers from a list, each (status, headers, body) or an error to raise; keeps requests."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.requests = []

    async def handle_async_request(self, request):
        self.requests.append((request, await request.aread()))
        answer = self.answers.pop(0)
        if isinstance(answer, type):
            raise answer(f"while sending {TOKEN}", request=request)
        status, headers, body = answer
        return httpx2.Response(status, headers=headers, stream=Body(body))


def sink_on(*answers, **settings):
    wire = Wire(*answers)
    given = SentiloSettings(
        "city", "https://api.city.example/s/", "barri", Secret(TOKEN), **settings
    )
    return SentiloSink(given, wire), wire


def error_answer(status, text, details=(), headers=None):
    body = {"code": status, "message": text, "errorDetails": list(details)}
    return status, headers or {}, json.dumps(body).encode()


def shared(era=ERA, start_s=1_347_885_240, value=1230):
    return GATE.decide(era, Window(start_s, start_s + 60), value)


def send(*answers):
    sink, wire = sink_on(*answers)
    return asyncio.run(sink.send(b"{}")), wire


def test_values_are_strings_at_the_end_of_their_window_in_utc_without_a_zone():
    body = sink_on()[0].encode([shared(), shared(OTHER, value=70), shared(start_s=1_347_885_300)])
    assert json.loads(body) == {
        "sensors": [
            {
                "sensor": ERA,
                "observations": [
                    {"value": "12.30", "timestamp": "17/09/2012T12:35:00"},
                    {"value": "12.30", "timestamp": "17/09/2012T12:36:00"},
                ],
            },
            {
                "sensor": OTHER,
                "observations": [{"value": "7.0", "timestamp": "17/09/2012T12:35:00"}],
            },
        ]
    }


def test_timestamps_are_zero_padded_whatever_the_machines_zone(monkeypatch):
    monkeypatch.setenv("TZ", "Europe/Madrid")
    time.tzset()
    assert messages.timestamp(1_704_164_645) == "02/01/2024T03:04:05"
    monkeypatch.undo()
    time.tzset()


def test_one_request_with_the_token_in_its_header_and_a_connection_that_is_closed():
    receipt, wire = send(OK)
    assert receipt == Receipt()
    ((request, body),) = wire.requests
    assert (request.method, str(request.url)) == ("PUT", "https://api.city.example/s/data/barri")
    assert request.headers["IDENTITY_KEY"] == TOKEN
    assert request.headers["Connection"] == "close"
    assert body == b"{}"
    assert TOKEN not in str(request.url)


def test_a_404_names_what_was_rejected_and_the_rest_is_stored():
    text = (
        f"Events associated with resources [{ERA},{OTHER}] have been rejected."
        " See the error details to know about what went wrong in each case"
    )
    details = [
        f"Sensor [{ERA}] not found on Sentilo (404.1).",
        f"Sensor [{OTHER}] is not online (404.2).",
    ]
    receipt, _wire = send(error_answer(404, text, details))
    assert receipt == Receipt(unknown=frozenset({ERA}), off=frozenset({OTHER}))


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        (error_answer(404, "handler not found to process request /x"), SinkRefusedError),
        ((404, {}, b"<html>not here</html>"), SinkRefusedError),
        (
            error_answer(404, "Events associated with resources [] have been rejected"),
            SinkInDoubtError,
        ),
        (
            error_answer(404, "Events of [S] have been rejected", ["Sensor [S] puzzles us"]),
            SinkInDoubtError,
        ),
        (error_answer(401, f"Invalid credential {TOKEN}"), SinkRefusedError),
        (error_answer(403, "Entity A has not permission to WRITE  info"), SinkRefusedError),
        (error_answer(405, "HTTP POST method not allowed"), SinkRefusedError),
        ((302, {"Location": "https://elsewhere"}, b""), SinkRefusedError),
        ((200, {}, b"<html>Please log in to the Wi-Fi</html>"), SinkRefusedError),
        (error_answer(400, "SIE03-1 Bad request data", ["java.lang..."]), SinkRefusedError),
        (error_answer(500, "SIE99-1 Internal error"), SinkInDoubtError),
        ((502, {}, b"Bad gateway"), SinkInDoubtError),
        ((503, {}, b""), SinkInDoubtError),
        ((200, {"X-Sentilo-Version": "2"}, b"x" * (MOST_ANSWER_BYTES + 9)), None),
        ((404, {}, b"{" + b" " * (MOST_ANSWER_BYTES + 9)), SinkRefusedError),
        (httpx2.ConnectError, SinkUnreachableError),
        (httpx2.ConnectTimeout, SinkUnreachableError),
        (httpx2.ReadTimeout, SinkInDoubtError),
        (httpx2.WriteError, SinkInDoubtError),
        (httpx2.ReadError, SinkInDoubtError),
        (httpx2.RemoteProtocolError, SinkInDoubtError),
        (httpx2.UnsupportedProtocol, SinkRefusedError),
    ],
)
def test_what_each_answer_means(answer, meaning):
    sink, wire = sink_on(answer)
    if meaning is None:
        assert asyncio.run(sink.send(b"{}")) == Receipt()
    else:
        with pytest.raises(meaning):
            asyncio.run(sink.send(b"{}"))
    assert len(wire.requests) == 1  # never again by itself


@pytest.mark.parametrize(
    ("answer", "wait_s"),
    [
        (error_answer(429, "quota", (), {"X-RateLimit-Inbound-Reset": "7"}), 420),
        (
            error_answer(
                429,
                "quota",
                (),
                {
                    "X-RateLimit-Inbound-Reset": "0",
                    "X-RateLimit-Global-Inbound-Reset": "12",
                },
            ),
            720,
        ),
        (error_answer(429, "quota", (), {"X-RateLimit-Inbound-Reset": "0"}), 60),
        (error_answer(429, "quota", (), {"X-RateLimit-Inbound-Reset": "soon"}), 600),
        (error_answer(429, "quota"), 600),
        (
            error_answer(503, "API Server is temporarily unavailable because it is starting."),
            60,
        ),
    ],
)
def test_when_the_platform_says_wait(answer, wait_s):
    with pytest.raises(SinkBusyError) as raised:
        send(answer)
    assert raised.value.wait_s == wait_s


def test_the_limit_of_a_body_is_read_from_the_answer():
    text = (
        "Unable to read message. Request payload size (5000 bytes) exceeds the limit (4096 bytes)"
    )
    with pytest.raises(SinkTooLargeError) as raised:
        send(error_answer(400, text))
    assert raised.value.limit_bytes == 4096


@pytest.mark.parametrize(
    "answer",
    [
        error_answer(401, f"Invalid credential {TOKEN}"),
        error_answer(400, f"line\n{TOKEN}", [f"{TOKEN} at java.lang.Thread"]),
        httpx2.ReadError,
        httpx2.ConnectError,
        httpx2.UnsupportedProtocol,
    ],
)
def test_the_token_is_in_no_error_nor_in_what_led_to_it(answer):
    with pytest.raises(SinkError) as raised:
        send(answer)
    shown = "".join(traceback.format_exception_only(raised.value)) + repr(raised.value)
    assert TOKEN not in shown
    assert "java" not in str(raised.value)
    assert raised.value.__context__ is None


def readings(*moments_s):
    rows = [
        {"value": "12.30", "timestamp": "in some zone", "time": moment_s * 1000}
        for moment_s in moments_s
    ]
    return 200, {"X-Sentilo-Version": "2.0.0"}, json.dumps({"observations": rows}).encode()


def test_reading_back_asks_with_both_bounds_and_trusts_the_milliseconds_only():
    sink, wire = sink_on(readings(1_347_885_300, 1_347_885_330, 1_347_885_360))
    held = asyncio.run(sink.read_back(ERA, [1_347_885_360, 1_347_885_300, 1_347_885_420]))
    assert held == {1_347_885_300: {"12.30"}, 1_347_885_360: {"12.30"}}
    assert str(wire.requests[0][0].url) == (
        f"https://api.city.example/s/data/barri/{ERA}"
        "?from=17/09/2012T12:35:00&to=17/09/2012T12:37:00&limit=200"
    )


def test_an_answer_that_may_be_cut_off_is_asked_for_in_halves():
    full = readings(*range(1000, 1200))
    sink, wire = sink_on(full, readings(1000), readings(5000))
    held = asyncio.run(sink.read_back(ERA, [1000, 5000]))
    assert held == {1000: {"12.30"}, 5000: {"12.30"}}
    assert len(wire.requests) == 3


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"observations":[{"value":"1"}]}', b"\xff"])
def test_an_answer_that_makes_no_sense_never_counts_as_nothing_there(body):
    sink, _wire = sink_on((200, {"X-Sentilo-Version": "2.0.0"}, body))
    with pytest.raises(SinkInDoubtError):
        asyncio.run(sink.read_back(ERA, [1000]))


def announced(*eras):
    return GATE.introduce(ERA), [GATE.announce(era, 60) for era in eras]


def test_a_registration_carries_pseudonyms_form_and_coarse_place_only():
    sink, wire = sink_on(OK, types={"pm10": "pm10_fine_city"})
    result = asyncio.run(sink.register(*announced(ERA, OTHER)))
    assert result.known == {ERA, OTHER}
    request, body = wire.requests[0]
    assert request.method == "POST"
    first, second = json.loads(body)["sensors"]
    assert first == {
        "sensor": ERA,
        "type": "temperature",
        "dataType": "NUMBER",
        "unit": "Cel",
        "component": "00000000000000ee",
        "componentType": "generic",
        "publicAccess": False,
        "componentPublicAccess": False,
        "additionalInfo": {
            "quantity": "temperature",
            "window_s": "60",
            "rule": "mean",
            "timestamp": "end of window",
        },
        "componentAdditionalInfo": {"kind": "air"},
        "location": first["location"],
    }
    assert first["location"] != "41.38506 2.17340"
    assert second["type"] == "pm10_fine_city"


def test_a_missing_type_and_a_sensor_that_exists_are_told_apart():
    details = [
        f"Sensor {ERA}: invalid value for field type (temperature).",
        f"Sensor {OTHER} : sensor with the same id already exists.",
    ]
    sink, _wire = sink_on(error_answer(400, "Bad request data.", details))
    result = asyncio.run(sink.register(*announced(ERA, OTHER)))
    assert result.known == {OTHER}
    assert list(result.refused) == [ERA]
    assert "types.temperature" in str(result.refused[ERA])
    assert result.refused[ERA].why == "no_type"


def test_a_missing_component_type_stops_with_the_platforms_own_words():
    details = ["Component X: invalid value for field componentType (generic)."]
    sink, _wire = sink_on(error_answer(400, "Bad request data.", details))
    with pytest.raises(SinkRefusedError, match="componentType"):
        asyncio.run(sink.register(*announced(ERA)))


def test_the_catalogue_shows_what_is_known():
    body = {"providers": [{"provider": "barri", "sensors": [{"sensor": ERA}]}]}
    sink, wire = sink_on((200, {}, json.dumps(body).encode()), (200, {}, b"{}"))
    assert asyncio.run(sink.known(GATE.introduce(ERA))) == {ERA}
    assert asyncio.run(sink.known(GATE.introduce(ERA))) == set()
    assert str(wire.requests[0][0].url).endswith("/s/catalog?component=00000000000000ee")


def test_erasing_names_sensors_then_components_and_never_everything():
    sink, wire = sink_on(OK, OK)
    asyncio.run(sink.erase([ERA], ["00000000000000ee"]))
    assert [json.loads(body) for _request, body in wire.requests] == [
        {"sensors": [ERA]},
        {"components": ["00000000000000ee"]},
    ]
    for request, _body in wire.requests:
        assert request.method == "PUT"
        assert str(request.url).endswith("/catalog/barri?method=delete")
    asyncio.run(sink.erase([], []))
    assert len(wire.requests) == 2
    for empty in (messages.erase_sensors, messages.erase_components):
        with pytest.raises(ValueError, match="everything"):
            empty([])


def test_a_provider_that_would_change_the_path_is_refused():
    for provider in ("a/b", "", "a?b", "a b"):
        settings = SentiloSettings("city", "http://127.0.0.1", provider, Secret(TOKEN))
        with pytest.raises(ConfigError):
            SentiloSink(settings)


def test_settings_do_not_show_the_token():
    assert TOKEN not in repr(SentiloSettings("city", "http://x", "barri", Secret(TOKEN)))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "message",
                    "errorDetails",
                    "observations",
                    "providers",
                    "sensors",
                    "time",
                    "value",
                ]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)
BODIES = st.binary(max_size=60) | JSON.map(lambda content: json.dumps(content).encode())
TEXTS = st.sampled_from(
    [
        "",
        "Events have been rejected",
        "exceeds the limit",
        "payload size (1 bytes) exceeds the limit (" + "9" * 5000 + " bytes)",
        "handler not found",
        "x" * 4000,
    ]
)
ANSWERS = st.builds(
    lambda status, body, reset: (status, {"X-RateLimit-Inbound-Reset": reset}, body),
    st.sampled_from([200, 204, 301, 400, 401, 403, 404, 405, 418, 429, 500, 503, 599]),
    BODIES | TEXTS.map(lambda text: error_answer(0, text, ["Sensor [] (404.1)"])[2]),
    st.sampled_from(["", "0", "-1", "9" * 5000, "1e9", "12"]),
)


@given(ANSWERS)
def test_any_answer_has_a_meaning(answer):
    sink, _wire = sink_on(*[answer] * 8)
    thing, streams = announced(ERA, OTHER)
    for ask in (
        lambda: sink.send(b"{}"),
        lambda: sink.read_back(ERA, [1000]),
        lambda: sink.known(thing),
        lambda: sink.register(thing, streams),
        lambda: sink.erase([ERA], []),
    ):
        with contextlib.suppress(SinkError):
            asyncio.run(ask())
