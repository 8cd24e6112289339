# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The broker's own key and certificate, made once; nodes know its fingerprint and nothing else.

No authority vouches for it and none has to: a node is told the SHA-256 of this very certificate
when it is provisioned. It is valid from 2000 on, since boards wake up believing it is that year.
"""

import hashlib
import os
import ssl
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from barri.errors import ConfigError

CERTIFICATE, KEY = "broker.crt", "broker.key"
_NAME = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "barri gateway")])
_VALID = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2099, 12, 31, tzinfo=UTC))


def make_certificate(directory: Path) -> Path:
    """The certificate's path; key and certificate are made if they are not there yet."""
    certificate, key = directory / CERTIFICATE, directory / KEY
    if certificate.exists() and key.exists():
        return certificate
    private = ec.generate_private_key(ec.SECP256R1())
    made = (
        x509.CertificateBuilder()
        .subject_name(_NAME)
        .issuer_name(_NAME)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_VALID[0])
        .not_valid_after(_VALID[1])
        .sign(private, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    _write(key, private.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain), 0o600)
    _write(certificate, made.public_bytes(pem), 0o644)
    return certificate


def fingerprint(certificate: Path) -> str:
    """SHA-256 of the certificate as it is sent (DER), 64 hex digits."""
    try:
        der = ssl.PEM_cert_to_DER_cert(certificate.read_text())
    except (OSError, ValueError) as error:
        raise ConfigError(str(certificate), "is no certificate: remove it and start again") from (
            error
        )
    return hashlib.sha256(der).hexdigest()


def server_context(certificate: Path) -> ssl.SSLContext:
    """What the embedded broker listens with."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, certificate.with_name(KEY))
    return context


def client_context(certificate: Path) -> ssl.SSLContext:
    """What the gateway connects to its own Mosquitto with: this certificate and no other."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.load_verify_locations(certificate)
    return context


def _write(path: Path, content: bytes, mode: int) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
