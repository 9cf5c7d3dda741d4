"""SMART Backend Services: the program proves who it is with its own key, and its token stays in memory."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest
from keyring.backends.null import Keyring

from handouts.errors import ContentFault, SystemMissing
from handouts.fhir.key import forget_key, keep_key, new_key, public_set, read_key
from handouts.fhir.server import RecordFault
from handouts.fhir.settings import HealthRecord
from handouts.fhir.smart import SmartTokens
from tests.fhirs import MARIA, QUICK
from tests.fhirserver import CLIENT, Running, serve
from tests.keyrings import Memory, use
from tests.mailing import Clock


def record_of(server: Running, key: str | None = "fhir.key") -> HealthRecord:
    return HealthRecord("cohen", server.endpoint, CLIENT, key, ("system/Patient.rs",))


def signed_up(server: Running, data: Path, kind: str = "EC") -> HealthRecord:
    record, key = record_of(server), new_key(kind)
    keep_key(record, data, key)
    server.chart.registered = json.loads(json.dumps(public_set(key)))
    server.chart.add(MARIA)
    return record


@pytest.mark.parametrize("kind", ["EC", "RSA"])
def test_a_registered_key_opens_the_record(tmp_path: Path, kind: str):
    with serve() as server:
        record = signed_up(server, tmp_path, kind)
        client = SmartTokens(time.time, tmp_path, QUICK).client(record)
        assert client.read("Patient/maria").resource["id"] == "maria"
        assert client.read("Patient/maria").status == 200
    assert server.seen["token"] == 1, "one token does for both"


def test_a_token_is_renewed_before_its_end_and_when_it_was_revoked(tmp_path: Path):
    clock = Clock(time.time())
    with serve() as server:
        tokens = SmartTokens(clock.now, tmp_path, QUICK)
        record = signed_up(server, tmp_path)
        client = tokens.client(record)
        client.read("Patient/maria")
        server.chart.tokens.clear()
        assert client.read("Patient/maria").status == 200
        clock.sleep(241)
        server.chart.ahead = 241
        client.read("Patient/maria")
    assert server.seen["token"] == 3


def test_another_key_is_refused_without_the_servers_words(tmp_path: Path):
    with serve() as server:
        record = signed_up(server, tmp_path)
        server.chart.registered = public_set(new_key("EC"))
        with pytest.raises(RecordFault, match="invalid_client") as caught:
            SmartTokens(time.time, tmp_path, QUICK).token(record)
    assert caught.value.means == "ours"
    assert "Maria" not in caught.value.message


@pytest.mark.parametrize(
    ("stage", "fault", "means"),
    [
        ("token", "503", "later"),
        ("token", "drop", "later"),
        ("token", "html", "ours"),
        ("token", "redirect", "ours"),
        ("token", '{"access_token": "a b", "token_type": "bearer"}', "ours"),
        ("token", '{"access_token": "x", "token_type": "mac"}', "ours"),
        (".well-known/smart-configuration", "404", "ours"),
        (".well-known/smart-configuration", "503", "later"),
        (".well-known/smart-configuration", "redirect", "ours"),
        (".well-known/smart-configuration", '{"token_endpoint": "http://elsewhere.example/token"}', "ours"),
        (".well-known/smart-configuration", '{"token_endpoint": 7}', "ours"),
    ],
)
def test_a_sign_in_that_goes_wrong_is_told(tmp_path: Path, stage: str, fault: str, means: str):
    with serve(**{stage: fault}) as server:
        record = signed_up(server, tmp_path)
        with pytest.raises(RecordFault) as caught:
            SmartTokens(time.time, tmp_path, QUICK).token(record)
    assert caught.value.means == means
    assert "Maria" not in caught.value.message


def test_without_a_key_it_says_how_to_make_one(tmp_path: Path):
    with serve() as server, pytest.raises(SystemMissing, match="fhir login"):
        SmartTokens(time.time, tmp_path, QUICK).token(record_of(server))


def test_a_key_file_is_its_owners_alone(tmp_path: Path):
    with serve() as server:
        record = signed_up(server, tmp_path)
        assert (tmp_path / "fhir.key").stat().st_mode & 0o777 == 0o600
        (tmp_path / "fhir.key").chmod(0o640)
        with pytest.raises(ContentFault, match="chmod 600"):
            read_key(record, tmp_path)


def test_a_key_may_be_in_the_keyring(tmp_path: Path):
    with serve() as server:
        record = replace(record_of(server), key=None)
        use(Memory)
        key = new_key("EC")
        keep_key(record, tmp_path, key)
        found = read_key(record, tmp_path)
        assert found is not None
        assert found.thumbprint() == key.thumbprint()
        assert forget_key(record, tmp_path)
        assert read_key(record, tmp_path) is None
        assert not forget_key(record, tmp_path)
        use(Keyring)
        with pytest.raises(SystemMissing, match="keyring"):
            keep_key(record, tmp_path, key)


def test_openssls_pem_is_a_key_too_and_a_public_one_is_none(tmp_path: Path):
    with serve() as server:
        record, key = record_of(server), new_key("EC")
        file = tmp_path / "fhir.key"
        for content, good in ((key.as_pem(private=True), True), (key.as_pem(private=False), False), (b"{}", False)):
            file.write_bytes(content)
            file.chmod(0o600)
            if good:
                assert read_key(record, tmp_path)
            else:
                with pytest.raises(ContentFault):
                    read_key(record, tmp_path)


def test_what_is_shown_to_others_is_the_public_half(tmp_path: Path):
    [told] = public_set(new_key("EC"))["keys"]
    assert "d" not in told
    assert (told["alg"], told["kty"], told["use"]) == ("ES384", "EC", "sig")
    assert told["kid"]
    assert list(tmp_path.iterdir()) == []
