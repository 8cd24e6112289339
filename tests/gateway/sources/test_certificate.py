# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The broker's own certificate: made once, kept, and what nodes are told of it."""

import asyncio
import ssl
import stat
import subprocess
from pathlib import Path

import pytest

from barri.adapters.sources.certificate import (
    KEY,
    client_context,
    fingerprint,
    make_certificate,
    server_context,
)
from barri.errors import ConfigError


def openssl(*arguments: str) -> str:
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=True)
    return done.stdout


def test_it_is_made_once_and_its_key_is_for_the_owner_alone(tmp_path) -> None:
    made = make_certificate(tmp_path)
    before = made.read_bytes()
    assert make_certificate(tmp_path).read_bytes() == before
    assert stat.S_IMODE((tmp_path / KEY).stat().st_mode) == 0o600


def test_the_fingerprint_is_the_one_that_openssl_finds(tmp_path) -> None:
    made = make_certificate(tmp_path)
    said = openssl("x509", "-in", str(made), "-noout", "-fingerprint", "-sha256")
    assert fingerprint(made) == said.split("=")[1].strip().replace(":", "").lower()


def test_it_holds_for_a_board_that_believes_it_is_the_year_2000(tmp_path) -> None:
    dates = openssl("x509", "-in", str(make_certificate(tmp_path)), "-noout", "-dates")
    assert "notBefore=Jan  1 00:00:00 2000" in dates
    assert "2099" in dates


async def shake_hands(served: Path, trusted: Path) -> None:
    async def serve(reader, writer) -> None:
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=server_context(served))
    async with server:
        port = server.sockets[0].getsockname()[1]
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client_context(trusted))
        writer.close()


def test_the_gateway_trusts_this_certificate_and_no_other(tmp_path) -> None:
    ours, other = (tmp_path / name for name in ("ours", "other"))
    ours.mkdir()
    other.mkdir()
    asyncio.run(shake_hands(make_certificate(ours), make_certificate(ours)))
    with pytest.raises(ssl.SSLCertVerificationError):
        asyncio.run(shake_hands(make_certificate(ours), make_certificate(other)))


def test_a_spoilt_file_is_named(tmp_path) -> None:
    make_certificate(tmp_path).write_text("not a certificate")
    with pytest.raises(ConfigError, match="remove it"):
        fingerprint(tmp_path / "broker.crt")
