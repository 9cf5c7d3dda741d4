"""A desk that other machines reach: only with TLS and users, under its own names, with a certificate that holds."""

from __future__ import annotations

import http.client
import json
import ssl
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from click.testing import CliRunner
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from handouts.cli import cli
from handouts.desk.network import Listening
from handouts.desk.server import running
from handouts.desk.tls import tls_adapter
from handouts.errors import Refused, RequestFault, SystemMissing
from tests.conftest import PATIENCE
from tests.desk.clinic import OWN, add_users, write_certificate
from tests.desk.conftest import SettingsOf

ANY = "0.0.0.0"


@pytest.fixture
def secured(tmp_path: Path, data: Path) -> Listening:
    add_users(data)
    certificate, key, _ = write_certificate(tmp_path / "tls")
    return Listening(certificate=certificate, key=key)


def test_on_a_network_the_desk_needs_tls_and_users(tmp_path: Path, data: Path):
    with pytest.raises(Refused, match="only with TLS and users"):
        Listening("192.0.2.10").require_possible(data)
    certificate, key, _ = write_certificate(tmp_path / "tls")
    with pytest.raises(Refused, match="no users yet"):
        Listening("192.0.2.10", certificate=certificate, key=key).require_possible(data)
    add_users(data)
    Listening("192.0.2.10", certificate=certificate, key=key).require_possible(data)


@pytest.mark.parametrize(
    ("at", "why"),
    [
        (Listening("desk.clinic.example"), "in numbers"),
        (Listening(names=("desk/..",)), "small letters"),
        (Listening(names=("evil.example:80",)), "small letters"),
        (Listening(certificate=Path("c.pem")), "go together"),
        (Listening(key=Path("k.pem")), "go together"),
        (Listening(ANY, certificate=Path("c.pem"), key=Path("k.pem")), "--name"),
    ],
)
def test_what_can_not_be_listened_to_is_told(at: Listening, why: str, data: Path):
    with pytest.raises(RequestFault, match=why):
        at.require_possible(data)


def test_the_command_refuses_a_network_without_tls(data: Path):
    done = CliRunner().invoke(cli, ["desk", "--listen", "192.0.2.10", "--data", str(data)])
    assert done.exit_code == Refused.exit_code
    assert "only with TLS and users" in done.output


def test_the_server_answers_to_its_names_and_to_no_other():
    named = Listening("192.0.2.10", ("desk.clinic.example",), Path("c"), Path("k"))
    assert named.hosts(8443) == ["desk.clinic.example:8443", "192.0.2.10:8443"]
    assert named.hosts(443)[:2] == ["desk.clinic.example", "192.0.2.10"]
    assert Listening("2001:db8::1", certificate=Path("c")).hosts(8443) == ["[2001:db8::1]:8443"]
    assert Listening().hosts(8765) == ["127.0.0.1:8765", "localhost:8765"]


def connect(address: str, authority: trustme.CA, version: ssl.TLSVersion | None = None) -> http.client.HTTPSConnection:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    if version:
        context.minimum_version = context.maximum_version = version
    return http.client.HTTPSConnection(address.removeprefix("https://"), context=context, timeout=PATIENCE)


def test_a_browser_on_the_network_logs_in_over_tls_1_2_or_newer(tmp_path: Path, data: Path, settings_of: SettingsOf):
    add_users(data)
    certificate, key, authority = write_certificate(tmp_path / "tls")
    at = Listening(certificate=certificate, key=key)
    with running(settings_of(), 0, background=False, at=at) as desk:
        assert desk.address.startswith("https://127.0.0.1:")
        assert not (data / "desk.json").exists(), "nobody is invited"
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            there = connect(desk.address, authority, version)
            there.request("GET", "/login")
            assert there.getresponse().read().startswith(b"<!doctype html>")
            body = json.dumps({"name": "cleo", "password": OWN["cleo"]})
            head = {"Content-Type": "application/json", "Accept": "application/json", "Origin": desk.address}
            there.request("POST", "/login", body, head)
            answer = there.getresponse()
            assert json.loads(answer.read()) == {"user": "cleo", "once": False}
            assert answer.getheader("Server") in {None, "desk"}
            there.close()
        assert desk.server.ssl_adapter.context.minimum_version is ssl.TLSVersion.TLSv1_2
        plain = http.client.HTTPConnection(desk.address.removeprefix("https://"), timeout=PATIENCE)
        plain.request("GET", "/login")
        with pytest.raises((http.client.HTTPException, ConnectionError)):
            plain.getresponse()


def test_a_certificate_that_ended_or_has_not_begun_is_told(secured: Listening):
    assert secured.certificate
    assert secured.key
    with pytest.raises(SystemMissing, match="ended on 3000-01-01"):
        tls_adapter(secured.certificate, secured.key, datetime(3000, 1, 2, tzinfo=UTC).timestamp())
    with pytest.raises(SystemMissing, match="begins on"):
        tls_adapter(secured.certificate, secured.key, (datetime.now(UTC) - timedelta(days=90 * 365)).timestamp())


def test_a_key_that_is_not_the_certificates_or_can_not_be_used_is_told(secured: Listening, tmp_path: Path):
    assert secured.certificate
    _, other, _ = write_certificate(tmp_path / "other")
    with pytest.raises(SystemMissing, match="not the certificate's"):
        tls_adapter(secured.certificate, other, time.time())
    of_another_kind = ed25519.Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "ed25519.key").write_bytes(of_another_kind)
    with pytest.raises(SystemMissing, match="not the certificate's"):
        tls_adapter(secured.certificate, tmp_path / "ed25519.key", time.time())
    with pytest.raises(SystemMissing, match="The key can't be read: No such file"):
        tls_adapter(secured.certificate, tmp_path / "none", time.time())
    with pytest.raises(SystemMissing, match="The certificate can't be read: Is a directory"):
        tls_adapter(tmp_path, other, time.time())
    (tmp_path / "text").write_text("no PEM")
    with pytest.raises(SystemMissing, match="has to be PEM"):
        tls_adapter(tmp_path / "text", other, time.time())
    with pytest.raises(SystemMissing, match="without a passphrase"):
        tls_adapter(secured.certificate, tmp_path / "text", time.time())


def test_a_key_with_a_passphrase_is_told_and_asks_for_none(secured: Listening, tmp_path: Path):
    assert secured.certificate
    assert secured.key
    plain = serialization.load_pem_private_key(secured.key.read_bytes(), None)
    locked = tmp_path / "locked.key"
    locked.write_bytes(
        plain.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"a passphrase"),
        )
    )
    with pytest.raises(SystemMissing, match="without a passphrase"):
        tls_adapter(secured.certificate, locked, time.time())


def test_the_key_becomes_its_owners_alone(secured: Listening):
    assert secured.certificate
    assert secured.key
    secured.key.chmod(0o644)
    tls_adapter(secured.certificate, secured.key, time.time())
    assert secured.key.stat().st_mode & 0o777 == 0o600


def test_an_address_of_another_machine_is_told(secured: Listening, settings_of: SettingsOf):
    at = Listening("192.0.2.10", certificate=secured.certificate, key=secured.key)
    with pytest.raises(SystemMissing, match="does not have the address"), running(settings_of(), 0, at=at):
        pass
