# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The sandbox answers as the real Sentilo API server does, request by request.

Two proofs: live against the real server where it can be had, and against its recorded answers
everywhere. BARRI_RECORD_SENTILO=1 writes the record anew from the live server. Calls that reach
the real catalogue are not here: it needs MongoDB; they are tested on the sandbox alone.
"""

import json
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sentilo_comparison import Masked, ask
from sentilo_requests import (
    ENTITIES,
    GLOBAL_QUOTA,
    MAX_BODY_BYTES,
    SENSORS,
    all_cases,
)
from sentilo_server import RealSentilo

from barri_tools.sandbox.sentilo import Entity, SandboxServer, SentiloSandbox, Settings

RECORDED = Path(__file__).parent / "sentilo" / "answers.jsonl"
CASES = all_cases()


@pytest.fixture(scope="module")
def sandbox_answers() -> Iterator[list[Masked]]:
    """The sandbox's answers to all requests, over real sockets."""
    entities = [
        Entity(one.name, one.token, one.quota, one.https_only, rights=one.rights)
        for one in ENTITIES
    ]
    settings = Settings(max_body_bytes=MAX_BODY_BYTES, global_quota=GLOBAL_QUOTA)
    sandbox = SentiloSandbox(entities, settings)
    for provider, name, state in SENSORS:
        sandbox.load_sensor(provider, name, state)
    with SandboxServer(sandbox, time.time) as server:
        yield [ask(server.port, case) for case in CASES]


@pytest.fixture(scope="module")
def real_answers(sentilo: RealSentilo) -> list[Masked]:
    """The real server's answers to all requests."""
    answers = [ask(sentilo.port, case) for case in CASES]
    if os.environ.get("BARRI_RECORD_SENTILO") == "1":
        RECORDED.write_text("".join(one.line() + "\n" for one in answers))
    return answers


def differences(left: list[Masked], right: list[Masked]) -> list[str]:
    """One text for each answer that is not equal."""
    assert len(left) == len(right) == len(CASES)
    return [
        f"{case.name}\n  sandbox: {one}\n  real:    {other}"
        for case, one, other in zip(CASES, left, right, strict=True)
        if one != other
    ]


def test_the_names_of_the_requests_are_distinct() -> None:
    assert len({case.name for case in CASES}) == len(CASES)


def test_a_planted_difference_is_found(sandbox_answers: list[Masked]) -> None:
    planted = list(sandbox_answers)
    planted[7] = replace(planted[7], status=418)
    assert len(differences(sandbox_answers, planted)) == 1


def test_sandbox_agrees_with_the_recorded_answers(sandbox_answers: list[Masked]) -> None:
    recorded = [Masked(**json.loads(line)) for line in RECORDED.read_text().splitlines()]
    found = differences(sandbox_answers, recorded)
    assert not found, f"{len(found)} of {len(CASES)} differ:\n" + "\n".join(found[:20])


def test_sandbox_agrees_with_the_live_server(
    sandbox_answers: list[Masked], real_answers: list[Masked]
) -> None:
    found = differences(sandbox_answers, real_answers)
    assert not found, f"{len(found)} of {len(CASES)} differ:\n" + "\n".join(found[:20])


def test_the_recorded_answers_are_those_of_the_live_server(real_answers: list[Masked]) -> None:
    recorded = [Masked(**json.loads(line)) for line in RECORDED.read_text().splitlines()]
    assert recorded == real_answers
