"""TLS: the system's certificates and one file of the administrator's, and nothing else."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from mmapp.mattermost import retry
from mmapp.mattermost.client import Client
from mmapp.mattermost.errors import Refused, Unreachable
from mmapp.mattermost.wire import TrustAdapter
from tests.playground.recorded import recorded
from tests.playground.stub import Reply, Stub


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and self-signed certificate of 127.0.0.1, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A firm's own authority")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(
            name, name, key.public_key(), x509.random_serial_number(), now - timedelta(1), now + timedelta(1)
        )
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    encoding, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    path.write_bytes(
        key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain) + made.public_bytes(encoding)
    )
    return path


@pytest.fixture
def https(certificate: Path) -> Iterator[str]:
    with Stub(Reply(200, recorded("e_me")["response"]["body"]), tls=certificate) as stub:
        yield stub.url.replace("http://", "https://")


def test_a_server_of_an_unknown_authority_is_refused(https: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "sleep", lambda _: None)
    client = Client(https, "token")
    with pytest.raises(Unreachable, match="certificate"):
        client.me()
    client.close()


def test_a_server_of_the_administrators_authority_is_spoken_to(https: str, certificate: Path) -> None:
    client = Client(https, "token", ca_file=str(certificate))
    assert client.me().username == "ai"
    client.close()


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_file_without_certificates_is_an_error_and_no_less_trust(
    https: str, tmp_path: Path, content: str | None
) -> None:
    path = tmp_path / "ca.pem"
    if content:
        path.write_text(content)
    with pytest.raises(Refused, match="file of certificates"):
        Client(https, "token", ca_file=str(path)).me()


def test_verification_cannot_be_switched_off() -> None:
    with requests.Session() as session:
        session.mount("https://", TrustAdapter())
        with pytest.raises(ValueError, match="always verified"):
            session.get("https://127.0.0.1:9/", verify=False, timeout=1)
