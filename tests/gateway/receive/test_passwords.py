# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Password hashes: Mosquitto's own tool is the reference for the form."""

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barri.domain import passwords
from barri.domain.passwords import (
    hash_password,
    is_password_hash,
    new_password,
    verify_password,
)


def test_a_password_fits_its_own_hash_only() -> None:
    stored = hash_password("correct horse")
    assert verify_password("correct horse", stored)
    assert not verify_password("correct horsf", stored)
    assert not verify_password("", stored)


def test_each_hash_has_its_own_salt() -> None:
    assert hash_password("same") != hash_password("same")


def test_new_passwords_are_long_and_different() -> None:
    assert len({new_password() for _ in range(100)}) == 100
    assert len(new_password()) == 32


@pytest.mark.parametrize(
    "stored",
    [
        None,
        "",
        "$7$",
        "$6$101$c2FsdA==$aGFzaA==",
        "$7$0$c2FsdA==$" + "A" * 88,
        "$7$99999999999$c2FsdA==$" + "A" * 88,
        "$7$-5$c2FsdA==$" + "A" * 88,
        "$7$\u0661$c2FsdA==$" + "A" * 88,
        "$7$101$c2FsdA==$AAAA",
        "$7$101$!$!",
        "plain",
    ],
)
def test_strangers_and_broken_hashes_are_refused(stored: str | None) -> None:
    assert not verify_password("anything", stored)
    assert stored is None or not is_password_hash(stored)


@given(st.text(max_size=60))
def test_any_text_as_hash_is_refused_without_an_error(stored: str) -> None:
    assert not verify_password("x", stored)


@given(st.text(max_size=300))
def test_any_text_as_password_is_judged_without_an_error(password: str) -> None:
    assert not verify_password(password, hash_password("something else", iterations=1))


def test_too_long_a_password_is_refused_even_if_it_fits() -> None:
    long = "x" * (passwords.LONGEST_PASSWORD_BYTES + 1)
    assert not verify_password(long, hash_password(long))


def test_a_stranger_costs_as_much_as_a_known_node(monkeypatch: pytest.MonkeyPatch) -> None:
    spent: list[int] = []
    compute = passwords._digest

    def counted(password: str, salt: bytes, iterations: int) -> bytes:
        spent.append(iterations)
        return compute(password, salt, iterations)

    stored = hash_password("p")
    monkeypatch.setattr(passwords, "_digest", counted)
    verify_password("q", stored)
    verify_password("q", None)
    assert spent == [passwords.ITERATIONS] * 2


@pytest.mark.skipif(shutil.which("mosquitto_passwd") is None, reason="mosquitto_passwd is missing")
def test_mosquittos_own_hashes_are_understood(tmp_path: Path) -> None:
    file = tmp_path / "passwords"
    file.touch()
    subprocess.run(["mosquitto_passwd", "-b", file, "node0001", "correct-horse"], check=True)
    name, stored = file.read_text().strip().split(":", 1)
    assert name == "node0001"
    assert is_password_hash(stored)
    assert verify_password("correct-horse", stored)
    assert not verify_password("wrong-horse", stored)
