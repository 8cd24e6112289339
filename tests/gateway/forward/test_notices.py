# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What is told of a sink: a code and plain values, bounded, and only while it is so."""

import asyncio
import json

import pytest
from forward_rig import TOKEN
from hypothesis import given
from hypothesis import strategies as some

from barri.adapters.sinks.exchange import Answer
from barri.adapters.sinks.sentilo_answers import check, receipt
from barri.domain.secret import Secret
from barri.errors import SinkError, SinkRefusedError
from barri.rows import NOTICE_CODES, NOTICE_VALUE_CHARS, Notice, read_notice


def shown(city):
    """Notices by what they are about."""
    return {about: read_notice(text) for about, text in city.notices().items()}


def refusal(status, message, headers=None):
    """What a Sentilo answer makes the sink raise."""
    body = json.dumps({"message": message}).encode() if message else b"<html>"
    answer = Answer(status, headers or {}, body, whole=True)
    with pytest.raises(SinkError) as caught:
        receipt(answer, Secret(TOKEN)) if status == 200 else check(answer, Secret(TOKEN))
    return caught.value


def told_of(city, error):
    """The notice that follows when the sink raises an error; what it was asked makes no matter."""

    async def no(*_arguments):
        raise error

    city.sink.known = no
    city.share()
    city.forward()
    assert city.courier.stopped == str(error)
    return shown(city)["stopped"]


@pytest.mark.parametrize(
    ("status", "message", "notice"),
    [
        (401, "Invalid credential", Notice("token", {"said": "401 Invalid credential"})),
        (403, "Not allowed", Notice("rights", {"said": "403 Not allowed"})),
        (404, "Nothing here", Notice("address", {"said": "404 Nothing here"})),
        (302, "", Notice("address")),
        (200, "", Notice("address")),
        (400, "payload size (9 bytes) exceeds the limit (5 bytes)", Notice("too_long")),
        (400, "bad (very) url", Notice("refused", {"said": "400 bad (very) url"})),
        (418, "", Notice("refused", {"said": "418"})),
    ],
)
def test_a_refusal_is_told_by_its_reason(city, status, message, notice):
    assert told_of(city, refusal(status, message)) == notice


def test_a_refusal_in_other_words_is_told_in_these(city):
    error = SinkRefusedError("we are closed on Mondays")
    assert told_of(city, error) == Notice("refused", {"said": "we are closed on Mondays"})


def test_a_limit_that_no_value_fits_in_is_told(city):
    city.meet(most_bytes=10)
    city.share()
    city.measure()
    city.forward(60)
    assert shown(city) == {"stopped": Notice("too_long")}


def test_a_token_that_a_platform_echoes_is_not_written_down(city):
    notice = told_of(city, refusal(403, f"no rights for {TOKEN}"))
    assert notice == Notice("rights", {"said": "403 no rights for ***"})
    assert TOKEN not in repr(city.notices())


def test_a_fault_of_our_own_is_told_too(city):
    async def fail(*_arguments):
        raise ZeroDivisionError(TOKEN)

    city.sink.known = fail
    city.share()

    async def until_told():
        task = asyncio.create_task(city.courier.run())
        for _ in range(500):
            await asyncio.sleep(0.01)
            if city.notices():
                break
        task.cancel()

    asyncio.run(until_told())
    assert shown(city) == {"stopped": Notice("broken", {"error": "ZeroDivisionError"})}


def test_a_short_silence_is_not_worth_a_word_a_long_one_is_and_its_end_takes_it_away(city):
    city.share()
    city.measure()
    city.server.stop_listening()
    began_s = city.clock.now_s()
    city.forward(300)
    assert city.notices() == {}
    city.forward(900)
    assert shown(city) == {"silent": Notice("silent")}
    assert city.rig.query("SELECT at_s FROM notice") == [(began_s,)]
    city.server.start()
    city.forward(600)
    assert len(city.stored()) == 1
    assert city.notices() == {}


def test_a_silence_is_nobodys_concern_once_nothing_is_shared_there(city):
    city.share()
    city.server.stop_listening()
    city.forward(900)
    assert shown(city) == {"silent": Notice("silent")}
    city.share(kind="keep")
    city.forward(900)
    assert city.notices() == {}


def test_a_silence_is_told_while_something_is_to_be_erased_there(city):
    city.share()
    city.measure()
    city.forward()
    assert len(city.stored()) == 1
    city.server.stop_listening()
    city.share(kind="keep")
    city.forward(900)
    assert shown(city) == {"silent": Notice("silent")}


def test_two_short_failures_a_day_apart_are_no_long_silence(city):
    city.share()
    city.server.stop_listening()
    city.forward()
    city.clock.s += 86_400
    city.forward(60)
    assert city.notices() == {}


def test_a_platform_that_asks_to_wait_is_told_with_the_time_it_named(city):
    city.open_city(quota=1)
    city.meet()
    city.share()
    city.measure()
    city.forward(20)
    busy = shown(city)["busy"]
    assert busy.values["until_s"] > city.clock.now_s()
    assert busy.values["until_s"] == int(city.courier._waiting.until_s)


@pytest.fixture
def parked(city):
    """A stream that the platform has forgotten."""
    era = city.share()
    city.forward()
    city.open_city()
    city.meet()
    city.measure()
    city.forward(1300)
    city.era = era
    return city


def test_a_stream_that_is_not_known_there_is_named_with_its_place(parked):
    (notice,) = shown(parked).values()
    assert notice == Notice(
        "unknown_there",
        {"thing": "balcony", "quantity": "temperature", "number": 0, "series": parked.era},
    )


def test_a_stream_that_is_known_again_is_no_longer_told_of(parked):
    parked.sandbox.load_sensor("barri", parked.era)
    parked.forward(700)
    assert len(parked.stored(parked.era)) == 1
    assert parked.notices() == {}


def test_nobody_has_to_care_for_a_stream_that_was_withdrawn(parked):
    parked.home.choose("temperature", "keep", parked.clock.now_s())
    parked.forward(20)
    assert f"parked:{parked.era}" not in parked.notices()


def test_a_type_that_is_missing_is_told_until_the_quantity_is_kept_at_home(city):
    city.share("pressure")
    city.share("temperature")
    city.measure(1, temperature=2000, pressure=10132)
    city.forward(30)
    values = {"quantity": "pressure", "setting": "types.pressure"}
    assert shown(city) == {"register:pressure": Notice("no_type", values)}
    city.home.choose("temperature", "keep", city.clock.now_s())
    city.forward(30)
    assert "register:pressure" in city.notices()
    city.home.choose("pressure", "keep", city.clock.now_s())
    city.forward(30)
    assert city.notices() == {}


words = some.text() | some.integers(0, 2**40)


@given(some.sampled_from(NOTICE_CODES), some.text(max_size=1000), some.integers())
def test_what_is_written_is_read_again(code, said, until_s):
    notice = Notice(code, {"said": said, "until_s": until_s})
    text = notice.as_text()
    text.encode()  # what a database takes
    read = read_notice(text)
    assert (read.code, read.values["until_s"]) == (code, until_s)
    assert len(read.values["said"]) <= NOTICE_VALUE_CHARS
    assert read.values["said"] == said[:NOTICE_VALUE_CHARS].encode("utf-8", "replace").decode()


def test_half_a_character_from_a_platform_can_be_stored():
    notice = Notice("refused", {"said": json.loads('"\\ud800 no"')})
    assert read_notice(notice.as_text().encode().decode()).values == {"said": "? no"}


@given(some.text() | some.recursive(words, some.lists).map(json.dumps))
def test_any_other_text_is_a_sentence_of_before(text):
    assert read_notice(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "the token is not accepted: put the right one into the token file and restart",
        '{"code": "nonsense", "values": {}}',
        '{"code": "busy", "values": {"until_s": "soon"}}',
        '{"code": "refused", "values": {"said": {"deep": 1}}}',
        '{"code": ["busy"], "values": {}}',
        '{"code": "busy", "values": []}',
        '{"code": "busy"}',
        "[" * 100_000,
    ],
)
def test_what_is_not_quite_a_notice_is_shown_as_it_stands(text):
    assert read_notice(text) is None
