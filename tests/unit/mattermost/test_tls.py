"""TLS: the system's certificates and one file of the administrator's, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from mmapp.mattermost import retry
from mmapp.mattermost.client import Client
from mmapp.mattermost.errors import Refused, Unreachable
from mmapp.mattermost.wire import TrustAdapter
from tests.playground.recorded import recorded
from tests.playground.stub import Reply, Stub


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
