# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The one list of requests, good and bad, that the real server and the sandbox both answer.

They are sent in this order, because what is read depends on what was stored before. The
tables of timestamps, JSON and positions follow the reference notes on the platform.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from catalogue_stand_in import CityEntity

MAX_BODY_BYTES = 20_000
QUOTA = 3
GLOBAL_QUOTA = 5_000
TOKEN = "token-of-barri"

ENTITIES = [
    CityEntity("barri", TOKEN),
    CityEntity("other", "token-of-other"),
    CityEntity("reader", "token-of-reader", rights=(("barri", "READ"),)),
    CityEntity("writer", "token-of-writer", rights=(("barri", "WRITE"),)),
    CityEntity("limited", "token-of-limited", quota=QUOTA),
    CityEntity("secure", "token-of-secure", https_only=True),
]
OVERRIDES: dict[str, object] = {
    "sentilo.server.api.payload.max_length": MAX_BODY_BYTES,
    "sentilo.server.api.global_rate_limit.quota": GLOBAL_QUOTA,
}
_ONLINE = (
    "time_one",
    "json",
    "place",
    "value",
    "path",
    "many_a",
    "many_b",
    "post",
    "tie",
    "delete",
    "window",
    "limit",
    "future",
    "past",
    "partial",
    "size",
    "type",
    "kept",
    "zone",
)


@dataclass(frozen=True)
class Case:
    """One request. `token` None leaves the header out; `body` None sends no Content-Length.

    `chunked` is a body sent in one chunk instead.
    """

    name: str
    method: str
    target: str
    body: bytes | None = None
    token: str | None = TOKEN
    headers: dict[str, str] = field(default_factory=dict)
    chunked: bytes | None = None


def observations(*rows: dict[str, object], **others: object) -> bytes:
    """The body of PUT /data/P/S."""
    return json.dumps({"observations": list(rows), **others}).encode()


def raw_observations(text: str) -> bytes:
    """The same with the JSON of the rows written by hand."""
    return f'{{"observations":[{text}]}}'.encode()


TIMESTAMPS = (
    "17/09/2012T12:34:45",
    "17/09/2012T12:34:45+0200",
    "17/09/2012T12:34:45 +0000",
    "17/09/2012T12:34:45-0330",
    "17/09/2012T12:34:45GMT+02:00",
    "17/09/2012T12:34:45GMT+2:00",
    "17/09/2012T12:34:45GMT",
    "17/09/2012T12:34:45GMT+0200",
    "17/09/2012T12:34:45GMT+",
    "17/09/2012T12:34:45UTC",
    "17/09/2012T12:34:45utc",
    "17/09/2012T12:34:45CET",
    "17/07/2012T12:34:45CET",
    "17/07/2012T12:34:45CEST",
    "17/01/2012T12:34:45CEST",
    "17/07/2012T12:34:45WEST",
    "17/07/2012T12:34:45EET",
    "17/09/2012T12:34:45Z",
    "17/09/2012T12:34:45+02:00",
    "17/09/2012T12:34:45Europe/Madrid",
    "17/09/2012T12:34:45.123",
    "17/09/2012T12:34:45,5",
    "2012-09-17T12:34:45",
    "2012-09-17T12:34:45Z",
    "17/09/2012 12:34:45",
    "17/09/2012t12:34:45",
    "1347885285",
    "1347885285000",
    "31/02/2012T00:00:00",
    "29/02/2012T00:00:00",
    "29/02/2011T00:00:00",
    "00/01/2012T00:00:00",
    "01/13/2012T00:00:00",
    "01/00/2012T00:00:00",
    "17/09/2012T24:00:00",
    "17/09/2012T23:60:00",
    "17/09/2012T23:59:60",
    "17/09/2012T12:34",
    "17/09/2012T12:34:45+00",
    "17/09/2012T12:34:45+2500",
    "17/09/2012T12:34:45+0060",
    "17/09/2012T12:34:45+2359",
    "17/09/2012T12:34:45+1400",
    "17/09/2012T12:34:45+1401",
    "17/09/2012T12:34:45-1300",
    "17/09/2012T12:34:45-1301",
    "17/9/2012T2:4:5",
    "17/09/12T12:34:45",
    "017/09/02012T012:034:045",
    "01/01/0001T00:00:00",
    "17/09/0000T12:34:45",
    "17/09/-2012T12:34:45",
    "04/10/1582T00:00:00",
    "10/10/1582T00:00:00",
    "15/10/1582T00:00:00",
    "29/02/1500T00:00:00",
    "29/02/1900T00:00:00",
    "31/12/1969T23:59:59",
    "01/01/1970T00:00:00",
    "17/09/2012T12:34:45+0000junk",
    "17/09/2012T12:34:45junk",
    "17/09/2012T12:34:45 ",
    " 17/09/2012T12:34:45",
    "17/ 09/2012T 12:34:45",
    "17 /09/2012T12:34:45",
    "\t17/09/2012T12:34:45",
    "25/12/2099T00:00:00",
    "31/12/9999T23:59:59",
    "01/01/12012T00:00:00",
    "now",
    "null",
    "T",
    "17/09/2012T12:34:4x",
    "17/09/2012T12:34:45 CET",
    "17/09/2012T-0:00:00",
)
SENSORS = (
    [("barri", name, "online") for name in _ONLINE]
    + [("barri", f"time{number}", "online") for number in range(len(TIMESTAMPS))]
    + [("barri", "off", "offline"), ("barri", "off2", "offline")]
    + [(name, "S", "online") for name in ("other", "limited", "secure")]
)
JSON_ROWS = (
    '{"value":"12.3"}',
    '{"value":12.30}',
    '{"value":1e-3}',
    '{"value":1.0E+3}',
    '{"value":-0}',
    '{"value":123456789012345678901234567890.000}',
    '{"value":true}',
    '{"value":false}',
    '{"value":null}',
    "{}",
    '{"value":""}',
    '{"value":" "}',
    '{"value":{}}',
    '{"value":[]}',
    '{"value":["1"]}',
    '{"value":NaN}',
    '{"value":Infinity}',
    '{"value":+1}',
    '{"value":01}',
    '{"value":.5}',
    '{"value":1.}',
    '{"value":0x10}',
    "{'value':'1'}",
    '{value:"1"}',
    '{"value":"1",}',
    '{"value":"1"},',
    '{"value":"a\tb"}',
    '{"value":"a\\tb\\u00e9\\/"}',
    '{"value":"\\x41"}',
    '{"value":"\\ud800"}',
    '{"value":"\\u001f\\u007f\\u2028\\b\\u0000"}',
    '{"value":"\\\\u001f"}',
    '{"value":"\\\\\\u001f"}',
    '{"Value":"1"}',
    '{"value":"1","quality":1}',
    '{"value":"1","unit":"C"}',
    '{"value":"1","sensor":"json"}',
    '{"value":"1","time":1347885285000}',
    '{"value":"1","time":"12"}',
    '{"value":"1","time":" 12 "}',
    '{"value":"1","time":1.9}',
    '{"value":"1","time":""}',
    '{"value":"1","time":null}',
    '{"value":"1","time":"x"}',
    '{"value":"1","time":true}',
    '{"value":"1","time":[]}',
    '{"value":"1","time":1e30}',
    '{"value":"1","time":99999999999999999999}',
    '{"value":"1","value":"2"}',
    '{"value":{},"value":"2"}',
    '{"value":"1"} /* note */',
    '{"value":"1"} // note',
    '{"value":"1","timestamp":5}',
    '{"value":"1","timestamp":true}',
    '{"value":"1","timestamp":{}}',
    '{"value":"1","timestamp":null}',
    '{"value":"1","timestamp":""}',
    '{"value":"1","timestamp":"  "}',
    '{"value":"1","location":5}',
    '{"value":"\\ud83d\\ude00 \u00e9 <&>"}',
    "null",
    '"x"',
    "5",
    '{"value":"1"},null',
    '{"value":"1"},{"value":null}',
    '{"value":"1"},[]',
)
WHOLE_BODIES = (
    "",
    "  ",
    "\r\n",
    "null",
    "[]",
    '"x"',
    "5",
    "true",
    "{}",
    "{",
    '{"observations":null}',
    '{"observations":[]}',
    '{"observations":""}',
    '{"observations":{}}',
    '{"observations":"x"}',
    '{"observations":[[]]}',
    '{"Observations":[{"value":"1"}]}',
    '{"sensors":[]}',
    '{"observations":[{"value":"1"}]} junk',
    '{"observations":[{"value":"1"}]}{"x":1}',
    '{"observations":[{"value":"1"}]',
    '\ufeff{"observations":[{"value":"1"}]}',
    '  \n{"observations":[{"value":"1"}]}',
    '{"observations":[{"value":"1"}],"sensor":"other"}',
    '{"observations":[{"value":"1"}],"sensor":5}',
    '{"observations":[{"value":"1"}],"x":1}',
    '{"observations":[{"value":"1"}],"location":"41.4 2.2"}',
    '{"location":"bad","observations":[]}',
    '{"location":"bad","observations":[{"value":"1"}]}',
    '{"location":"bad","observations":[{"value":"1","location":"41 2"}]}',
)
LOCATIONS = (
    "41.38 2.15",
    "41.38,2.15",
    "41.38  2.15",
    " 41.38 2.15 ",
    "41 2,42 3",
    "41 2, 42 3",
    "41 2,",
    ",41 2",
    ",",
    "90 180",
    "-90 -180",
    "90.1 0",
    "0 180.1",
    "null",
    "NULL",
    "",
    "  ",
    "1e1 2",
    ".5 5.",
    "+4 -2",
    "41.38d 2f",
    "NaN 1",
    "Infinity 2",
    "41.38 2.15 0",
    "41.38",
    "41.38\t2.15",
    "41,38 2,15",
    "N41 E2",
    "41.38;2.15",
)
MANY_BODIES = (
    "",
    "{}",
    "null",
    '{"sensors":null}',
    '{"sensors":[]}',
    '{"sensors":[null]}',
    '{"sensors":[{"sensor":"many_a"}]}',
    '{"sensors":[{"sensor":"many_a","observations":null}]}',
    '{"sensors":[{"sensor":"many_a","observations":[]}]}',
    '{"sensors":{}}',
    '{"observations":[]}',
    '{"sensors":[{"observations":[{"value":"1"}]}]}',
    '{"sensors":[{"sensor":"","observations":[{"value":"1"}]}]}',
    '{"sensors":[{"sensor":7,"observations":[{"value":"1"}]}]}',
    '{"sensors":[{"sensor":"many_a","provider":"barri","observations":[{"value":"1"}]}]}',
    '{"sensors":[{"sensor":"many_a","location":"41 2","observations":[{"value":"1"},'
    '{"value":"2","location":"42 3"}]},{"sensor":"many_b","observations":[{"value":"3"}]}]}',
    '{"sensors":[{"sensor":"many_a","observations":[{"value":"kept out"}]},'
    '{"sensor":"many_b","observations":[{"value":"x","timestamp":"bad"}]}]}',
    '{"sensors":[{"sensor":"many_a","observations":[{"value":"kept out"}]},'
    '{"sensor":"many_b","location":"bad","observations":[{"value":"x"}]}]}',
    '{"sensors":[{"sensor":"many_a","observations":[{"value":"kept out"}]},{"sensor":"many_b"}]}',
    '{"sensors":[{"sensor":"many_a","observations":[{"value":"kept out"},{"value":null}]}]}',
)
PUT_PATHS = (
    "/data/barri/path/5",
    "/data/barri/path/-1.5",
    "/data/barri/path/a%2Fb",
    "/data/barri/pa%2Fth",
    "/data/barri/path/a%20b",
    "/data/barri/path/a+b",
    "/data/barri/path/a|b",
    "/data/barri/path/%zz",
    "/data/barri/path/%C3%A9",
    "/data/barri/path/%e9",
    "/data/barri/path/",
    "/data/barri/path//",
    "/data/barri//path",
    "/data//barri/path",
    "/data/barri/path/5/",
    "/data/barri/path/5/6",
    "/data",
    "/data/",
    "/",
    "/nope",
    "/nope/x?y=1",
    "//data/barri/path",
    "/DATA/barri/path/5",
    "/data/barri/path/5?x=%zz",
    "/data/barri/path/5?x",
    "/data/barri/path/5#f",
    "http://city.example:8081/data/barri/path/6",
    "/data/barri/path;x/5",
    "/data/other/S/5",
    "/data/nobody/S/5",
    "/data/barri/path/{5}",
    '/data/barri/path/"5"',
    "/data/barri/path/5%00",
    "data/barri/path/5",
    "*",
    "/%64ata/barri/path/7",
    "/data/barri/nowhere/5",
    "/data/barri/off/5",
    "/sentilo/data/barri/path/5",
    "/data/barri/path/%20",
    "/data/%20",
)
READS = (
    "",
    "?limit=0",
    "?limit=-1",
    "?limit=2",
    "?limit=+2",
    "?limit=%2B2",
    "?limit=",
    "?limit=x",
    "?limit=1.5",
    "?limit=2147483648",
    "?limit=99999999999999999999",
    "?limit=200",
    "?limit=201",
    "?limit=1&limit=3",
    "?limit=2;limit=1",
    "?Limit=5",
    "?zzz=1",
    "?limit=%202",
    "?from=10/01/2020T00:00:00&to=12/01/2020T00:00:00&limit=200",
    "?from=10/01/2020T00:00:01&to=11/01/2020T23:59:59&limit=200",
    "?from=11/01/2020T00:00:00&to=11/01/2020T00:00:00&limit=5",
    "?from=12/01/2020T00:00:00&to=10/01/2020T00:00:00&limit=5",
    "?from=11/01/2020T01:00:00%2B0100&to=11/01/2020T00:00:00&limit=5",
    "?from=11/01/2020T01:00:00+0100&limit=5",
    "?from=bad",
    "?to=bad",
    "?from=&to=&limit=1",
    "?from=01/01/2500T00:00:00&limit=2",
    "?to=09/01/2020T00:00:00&limit=2",
    "?from=bad&to=bad&limit=x",
    "?from=11%2F01%2F2020T00%3A00%3A00&limit=1",
)


def all_cases() -> list[Case]:
    """Every case, in order."""
    groups = (
        _credentials,
        _timestamps,
        _json,
        _places,
        _values,
        _many,
        _partial,
        _paths,
        _posts,
        _methods,
        _reading,
        _ties,
        _far_times,
        _deleting,
        _types,
        _rights,
        _limits,
        _catalogue_at_the_door,
    )
    return [case for group in groups for case in group()]


def _put(name: str, sensor: str, body: bytes | None, **others: object) -> Case:
    return Case(name, "PUT", f"/data/barri/{sensor}", body, **others)  # type: ignore[arg-type]


def _read_all(name: str, sensor: str) -> Case:
    """Everything a sensor holds, whatever its time."""
    query = "?from=01/01/0001T00:00:00&to=31/12/9999T23:59:59&limit=200"
    return Case(name, "GET", f"/data/barri/{sensor}{query}")


def _credentials() -> Iterator[Case]:
    for name, token in (
        ("no token", None),
        ("empty token", ""),
        ("wrong token", "wrong"),
        ("token with quotes", 'a"b\\c<d'),
        ("token in other case", TOKEN.upper()),
    ):
        yield Case(f"401 {name}", "GET", "/data/barri/value", token=token)
    yield Case("401 before a wrong path", "GET", "/nope", token="wrong")
    yield Case("401 before bad JSON", "PUT", "/data/barri/value", b"{", token="wrong")
    yield Case("500 for a bad URI before 401", "GET", "/data/a|b", token="wrong")
    yield Case(
        "lower-case header name",
        "GET",
        "/data/barri/value",
        token=None,
        headers={"identity_key": TOKEN},
    )
    yield Case(
        "hyphen instead of underscore",
        "GET",
        "/data/barri/value",
        token=None,
        headers={"IDENTITY-KEY": TOKEN},
    )


def _timestamps() -> Iterator[Case]:
    for number, text in enumerate(TIMESTAMPS):
        sensor = f"time{number}"
        yield _put(f"timestamp {text!r}", sensor, observations({"value": "1", "timestamp": text}))
        yield _read_all(f"what became of {text!r}", sensor)
    yield _put(
        "one bad timestamp refuses all",
        "time_one",
        observations(
            {"value": "1", "timestamp": "17/09/2012T12:34:45"},
            {"value": "2", "timestamp": "17/09/2012T12:34:45Z"},
            {"value": "3", "timestamp": "17/09/2012T12:34:46"},
        ),
    )
    yield _read_all("nothing of it was stored", "time_one")
    yield _put(
        "timestamp error before location error",
        "time_one",
        observations({"value": "1", "timestamp": "bad", "location": "bad"}),
    )
    yield _put(
        "timestamp error before a missing value",
        "time_one",
        observations({"timestamp": "17/09/2012T12:34:45"}, {"value": "2", "timestamp": "bad"}),
    )


def _json() -> Iterator[Case]:
    for text in JSON_ROWS:
        yield _put(f"JSON row {text}", "json", raw_observations(text))
    yield Case("what the rows left", "GET", "/data/barri/json?limit=200")
    for text in WHOLE_BODIES:
        yield _put(f"JSON body {text!r}", "json", text.encode())
    yield Case("what the bodies left", "GET", "/data/barri/json?limit=200")
    yield _put("deeply nested", "json", b"[" * 5000 + b"]" * 5000)
    yield _put("bytes that are no UTF-8", "json", b'{"observations":[{"value":"\xe9"}]}')
    yield Case("what they became", "GET", "/data/barri/json?limit=1")


def _places() -> Iterator[Case]:
    for text in LOCATIONS:
        yield _put(f"location {text!r}", "place", observations({"value": text, "location": text}))
    yield _put(
        "a row's location goes before the body's",
        "place",
        observations({"value": "row", "location": "1 1"}, {"value": "body"}, location="2 2"),
    )
    yield _put(
        "one bad location refuses all",
        "place",
        observations({"value": "kept out"}, {"value": "x", "location": "2,15"}),
    )
    yield Case("what was stored with locations", "GET", "/data/barri/place?limit=200")


def _values() -> Iterator[Case]:
    yield _put("a text for a number sensor", "value", observations({"value": "abc"}))
    yield _put("a long value", "value", observations({"value": "v" * 5000}))
    yield _put(
        "the same twice in one request",
        "value",
        observations(*[{"value": "7", "timestamp": "17/09/2012T12:34:45"}] * 2),
    )
    for attempt in ("first", "second"):
        yield _put(
            f"the same in two requests, {attempt}",
            "value",
            observations({"value": "7", "timestamp": "17/09/2012T12:34:45"}),
        )
    yield Case(
        "duplicates are all there",
        "GET",
        "/data/barri/value?from=17/09/2012T12:34:45&to=17/09/2012T12:34:45&limit=200",
    )
    yield _read_all("and the others", "value")


def _many() -> Iterator[Case]:
    for text in MANY_BODIES:
        yield Case(f"many {text!r}", "PUT", "/data/barri", text.encode())
    for sensor in ("many_a", "many_b"):
        yield Case(f"what {sensor} holds", "GET", f"/data/barri/{sensor}?limit=200")


def _partial() -> Iterator[Case]:
    yield Case(
        "partial 404: the rest is stored",
        "PUT",
        "/data/barri",
        json.dumps(
            {
                "sensors": [
                    {"sensor": name, "observations": [{"value": f"{name} {n}"} for n in range(2)]}
                    for name in ("ghost9", "partial", "off", "ghost1", "ghost9", "off2", "kept")
                ]
            }
        ).encode(),
    )
    yield Case("stored of it: partial", "GET", "/data/barri/partial?limit=200")
    yield Case("stored of it: kept", "GET", "/data/barri/kept?limit=200")
    names = [f"sensor-{n:02d}" for n in range(30)] + ["Ünï", "s", "", "a b"]
    yield Case(
        "the order of many rejected",
        "PUT",
        "/data/barri",
        json.dumps(
            {"sensors": [{"sensor": name, "observations": [{"value": "1"}]} for name in names]}
        ).encode(),
    )
    yield _put("unknown sensor", "ghost", observations({"value": "1"}))
    yield _put("offline sensor", "off", observations({"value": "1"}))
    yield Case("an offline sensor can be read", "GET", "/data/barri/off?limit=5")
    yield _put("bad JSON before an unknown sensor", "ghost", b"{")


def _paths() -> Iterator[Case]:
    for target in PUT_PATHS:
        yield Case(f"PUT {target}", "PUT", target, b"")
    yield Case("what the paths stored", "GET", "/data/barri/path?limit=200")
    yield Case("a body beside a value in the path", "PUT", "/data/barri/path/9", b"{")
    yield Case("no length at all", "PUT", "/data/barri/path/10")


def _posts() -> Iterator[Case]:
    body = observations({"value": "1", "timestamp": "17/09/2012T12:34:45"})
    for query in (
        "?method=put",
        "?method=PUT",
        "",
        "?method=delete",
        "?method=post&method=put",
        "?method=",
    ):
        yield Case(f"POST {query}", "POST", f"/data/barri/post{query}", body)
    yield Case("POST of a value", "POST", "/data/barri/post/5?method=put", b"")
    yield Case(
        "POST of many",
        "POST",
        "/data/barri?method=put",
        json.dumps({"sensors": [{"sensor": "post", "observations": [{"value": "2"}]}]}).encode(),
    )
    yield Case("405 before the path", "POST", "/data/barri/post/5/6", b"")
    yield Case("405 before the right", "POST", "/data/other/S", body)
    yield Case("PUT with method=delete stores", "PUT", "/data/barri/post?method=delete", body)
    yield Case("what POST stored", "GET", "/data/barri/post?limit=200")


def _methods() -> Iterator[Case]:
    for method in ("HEAD", "PATCH", "OPTIONS", "TRACE", "get", "FOO"):
        body = b"" if method in ("PATCH", "FOO") else None
        yield Case(f"method {method}", method, "/data/barri/value", body)
    yield Case("wrong method before 401", "OPTIONS", "/data/barri/value", token="wrong")
    yield Case("GET with too many parts", "GET", "/data/barri/value/5")
    yield Case("DELETE with too many parts", "DELETE", "/data/barri/value/5")
    yield Case("GET of nothing", "GET", "/data")


def _reading() -> Iterator[Case]:
    rows = [
        {"value": f"d{day}", "timestamp": f"{day:02d}/01/2020T00:00:00"}
        for day in (12, 9, 11, 10, 13, 11)
    ]
    yield _put("out of order", "window", observations(*rows))
    for query in READS:
        yield Case(f"read {query}", "GET", f"/data/barri/window{query}")
    rows = [
        {"value": str(n), "timestamp": f"01/01/2021T{n // 60:02d}:{n % 60:02d}:00"}
        for n in range(210)
    ]
    yield _put("210 observations", "limit", observations(*rows))
    for limit in (199, 200, 201, 5000):
        yield Case(f"200 of 210, limit {limit}", "GET", f"/data/barri/limit?limit={limit}")
    yield Case("unknown sensor reads empty", "GET", "/data/barri/unknown?limit=5")
    yield Case("another's data", "GET", "/data/other?limit=5")
    yield Case("unknown provider", "GET", "/data/nobody?limit=5")
    yield Case("bad limit before the right", "GET", "/data/other?limit=x")
    yield Case(
        "all of the provider, 50 each",
        "GET",
        "/data/barri?limit=200&from=01/01/2020T00:00:00&to=31/12/2021T23:59:59",
    )
    yield Case(
        "all of the provider, newest of a time", "GET", "/data/barri?to=31/12/2021T23:59:59"
    )


def _ties() -> Iterator[Case]:
    for first in range(0, 110, 22):
        rows = [
            {"value": str(n), "timestamp": "01/01/2022T00:00:00"} for n in range(first, first + 22)
        ]
        yield _put(f"ties from {first}", "tie", observations(*rows))
    yield Case("ties are ordered by the text of the id", "GET", "/data/barri/tie?limit=200")


def _far_times() -> Iterator[Case]:
    yield _put(
        "far future",
        "future",
        observations(
            {"value": "future", "timestamp": "25/12/2099T00:00:00"},
            {"value": "today", "timestamp": "01/01/2024T00:00:00"},
        ),
    )
    yield Case("the future is not seen", "GET", "/data/barri/future?limit=5")
    yield Case("unless asked for", "GET", "/data/barri/future?limit=5&to=31/12/2100T00:00:00")
    yield _put(
        "before 1970",
        "past",
        observations(
            {"value": "old", "timestamp": "31/12/1969T23:59:59"},
            {"value": "year 12", "timestamp": "17/09/12T12:34:45"},
            {"value": "epoch", "timestamp": "01/01/1970T00:00:00"},
        ),
    )
    yield Case("before 1970 is not seen either", "GET", "/data/barri/past?limit=5")
    yield _read_all("unless asked for, old", "past")


def _deleting() -> Iterator[Case]:
    yield _put(
        "three to delete from",
        "delete",
        observations(
            {"value": "newest", "timestamp": "03/01/2020T00:00:00"},
            {"value": "oldest", "timestamp": "01/01/2020T00:00:00"},
            {"value": "last to come", "timestamp": "02/01/2020T00:00:00"},
        ),
    )
    for round_ in range(4):
        yield Case(f"delete {round_}", "DELETE", "/data/barri/delete")
        yield Case(f"left after delete {round_}", "GET", "/data/barri/delete?limit=5")
    yield Case("delete of an unknown sensor", "DELETE", "/data/barri/unknown")
    yield Case("delete of another's", "DELETE", "/data/other/S")
    yield Case("delete with a query is the same", "DELETE", "/data/barri/window?from=bad")
    yield _read_all("window lost its newest", "window")
    yield Case("delete for the whole provider", "DELETE", "/data/barri")
    for sensor in ("window", "limit", "future", "off"):
        yield Case(
            f"{sensor} after it", "GET", f"/data/barri/{sensor}?limit=3&to=31/12/2100T00:00:00"
        )


def _types() -> Iterator[Case]:
    body = observations({"value": "é", "timestamp": "17/09/2012T12:34:45"})
    for sent in (
        "application/json",
        "application/json; charset=UTF-8",
        "text/plain",
        "nonsense",
        "application/json;charset=UTF-8",
        "application/json ; a=b ;c = d",
        "application/json;charset=bogus",
        'application/json; charset="utf-8"',
        "",
    ):
        yield _put(f"type {sent!r}", "type", body, headers={"Content-Type": sent})
    yield _put(
        "Latin-1 body",
        "type",
        '{"observations":[{"value":"é"}]}'.encode("latin-1"),
        headers={"Content-Type": "application/json; charset=ISO-8859-1"},
    )
    yield Case(
        "GET echoes the type too",
        "GET",
        "/data/barri/type?limit=1",
        headers={"Content-Type": "text/x-anything"},
    )
    for sent in ("close", "Keep-Alive", "keep-alive", "CLOSE", "upgrade"):
        yield _put(f"connection {sent}", "type", body, headers={"Connection": sent})
    yield _put("connection close on 400", "type", b"{", headers={"Connection": "keep-alive"})
    yield _put("chunked body", "type", None, chunked=body)


def _rights() -> Iterator[Case]:
    body = observations({"value": "1"})
    for who in ("reader", "writer", "other"):
        token = f"token-of-{who}"
        yield Case(f"{who} reads", "GET", "/data/barri/many_a?limit=1", token=token)
        yield Case(f"{who} writes", "PUT", "/data/barri/kept", body, token=token)
        yield Case(f"{who} deletes", "DELETE", "/data/barri/kept", token=token)
        yield Case(f"{who} manages", "GET", "/catalog/barri", token=token)
    yield Case("bad JSON hides a missing right", "PUT", "/data/other/S", b"{")
    yield Case("admin is closed", "GET", "/admin/stats")
    yield Case("admin save is closed", "POST", "/admin/save", b'{"sensors":[]}')
    yield Case("https needed", "GET", "/data/secure/S", token="token-of-secure")
    yield Case(
        "https told by the proxy",
        "GET",
        "/data/secure/S",
        token="token-of-secure",
        headers={"X-Forwarded-Proto": "https"},
    )
    yield Case("https needed before the path", "GET", "/nope", token="token-of-secure")


def _limits() -> Iterator[Case]:
    body = observations({"value": "1", "timestamp": "17/09/2012T12:34:45"})
    padded = body + b" " * (MAX_BODY_BYTES - len(body))
    yield _put("exactly the payload limit", "size", padded)
    yield _put("one byte more", "size", padded + b" ")
    yield _put("too long before bad JSON", "size", b"x" * (MAX_BODY_BYTES + 1))
    yield Case("too long before a wrong path", "PUT", "/nope", b"x" * (MAX_BODY_BYTES + 1))
    yield Case(
        "401 before too long",
        "PUT",
        "/data/barri/size",
        b"x" * (MAX_BODY_BYTES + 1),
        token="wrong",
    )
    yield _put("the limit does not see chunks", "size", None, chunked=padded + b" ")
    yield _read_all("what the limit let in", "size")
    for number in range(QUOTA + 2):
        yield Case(f"quota {number}", "PUT", "/data/limited/S", body, token="token-of-limited")
    yield Case("quota before a wrong path", "GET", "/nope", token="token-of-limited")


def _catalogue_at_the_door() -> Iterator[Case]:
    """What the API server decides itself, before it asks the catalogue."""
    for text in (
        "",
        "{}",
        "[]",
        "null",
        "{",
        '{"sensors":[]}',
        '{"sensors":null}',
        '{"x":1}',
        '{"sensors":[{"sensor":"a","x":1}]}',
        '{"sensors":[{"sensor":"a","ttl":"x"}]}',
        '{"sensors":[{"sensor":"a","publicAccess":"yes"}]}',
        '{"sensors":[{"sensor":"a","publicAccess":1.5}]}',
        '{"sensors":[{"sensor":"a","state":"sleeping"}]}',
        '{"sensors":[{"sensor":"a","additionalInfo":[]}]}',
        '{"sensors":[{"sensor":"a","additionalInfo":{"k":{}}}]}',
        '{"sensors":[{"sensor":"a","technicalDetails":{"x":1}}]}',
    ):
        yield Case(f"POST catalogue {text}", "POST", "/catalog/barri", text.encode())
    yield Case("POST catalogue, no provider", "POST", "/catalog", b"{}")
    yield Case("POST catalogue, two parts", "POST", "/catalog/barri/x", b"{}")
    one = b'{"sensors":[{"sensor":"a"}]}'
    yield Case("POST another's catalogue", "POST", "/catalog/other", one)
    yield Case("PUT another's catalogue", "PUT", "/catalog/other", one)
    yield Case("DELETE another's catalogue", "DELETE", "/catalog/other")
    yield Case("PUT bad JSON", "PUT", "/catalog/barri", b'{"components":[{"x":1}]}')
    yield Case(
        "PUT delete of objects",
        "PUT",
        "/catalog/barri?method=delete",
        b'{"sensors":[{"sensor":"a"}]}',
    )
    yield Case("GET catalogue, two parts", "GET", "/catalog/barri/x")
    yield Case("GET an empty catalogue", "GET", "/catalog/barri")
    yield Case("GET an empty catalogue without provider", "GET", "/catalog")
