"""`mail login`, `mail logout`, and everything that mails, where the clinic's provider takes no passwords.

The provider is oidc-provider-mock over TLS; the mail server asks it whether a token is good.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import icalendar
import pytest
import trustme
from click.testing import CliRunner, Result
from keyring.backends.fail import Keyring as NoKeyring

from handouts.cli import cli
from handouts.cli import mail as logging_in
from handouts.typeset.cache import SheetCache
from tests.conftest import KEY, PATIENCE, ROOT, TOPIC
from tests.identityprovider import (
    ACCOUNT,
    BUSY,
    DENIED,
    EXPIRED,
    NO_CONSENT,
    SLOW_DOWN,
    USER_CODE,
    Provider,
    provide,
)
from tests.keyrings import Filed, Memory, use
from tests.mailing import outbox_in, set_up_clinic
from tests.mailserver import TOKENS, Running, serve
from tests.waiting import until

Run = Callable[..., Result]
REQUEST = f"""topic: {TOPIC}
options: [botox]
patient: {{name: Xanthippe Quill, identifier: MRN 00417, birth_date: 1961-04-09, email: x.quill@example.org}}
appointment: {{at: 2026-12-04T14:30}}
"""
MAKE = ("make", "request.yaml", "--email", "--allow-unapproved", "--yes")


@pytest.fixture
def provider(ca: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    monkeypatch.setenv("HANDOUTS_SMTP_PASSWORD", "no way in")
    with provide(ca) as running:
        yield running


@pytest.fixture
def keys() -> Memory:
    made = use(Memory)
    assert isinstance(made, Memory)
    return made


@pytest.fixture
def server(ca: trustme.CA, provider: Provider, content: Path) -> Iterator[Running]:
    """A mail server that takes tokens alone, and the clinic set up to send there."""
    with serve(ca, ways=TOKENS, takes=provider.takes) as running:
        set_up(content, running, provider)
        yield running


def set_up(content: Path, running: Running, provider: Provider, more: str = "", oauth: str = "") -> None:
    addresses = (
        oauth
        or f"device_url: {provider.url}/device, token_url: {provider.url}/oauth2/token, "
        f"revoke_url: {provider.url}/revoke, "
    )
    extra = f", auth: oauth, oauth: {{client_id: handouts-at-cohen, {addresses}scopes: [openid, email]}}{more}"
    set_up_clinic(content, running.server.port, extra)
    clinic = content / "clinics" / "cohen" / "clinic.yaml"
    clinic.write_text(clinic.read_text().replace("user: clinic,", f"user: {ACCOUNT},"))


@pytest.fixture
def run(
    here: Path,
    server: Running,
    keys: Memory,
    content: Path,
    sheets: SheetCache,
    tmp_path: Path,
    data: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Run:
    (tmp_path / "key").write_bytes(KEY)
    assert here.is_dir()
    assert (server.server.port > 0, keys.kept) == (True, {})
    quick = SimpleNamespace(monotonic=time.monotonic, sleep=lambda _seconds: None)
    monkeypatch.setattr(logging_in, "time", quick)  # no waiting between two looks for somebody's yes

    def invoke(*args: str, answer: str | None = None) -> Result:
        command = ["--content", str(content), "--today", "2026-11-22", *args]
        if {"make", "batch"} & {*args}:
            command += ["--key-file", str(tmp_path / "key"), "--cache", str(sheets.folder)]
        if {"make", "batch", "email", "outbox"} & {*args}:
            command += ["--data", str(data)]
        return CliRunner().invoke(cli, command, input=answer, prog_name="handouts")

    return invoke


@pytest.fixture
def logged_in(run: Run, provider: Provider) -> Result:
    provider.agreed = True
    done = run("mail", "login")
    assert done.exit_code == 0, done.output
    return done


def queued(run: Run) -> None:
    done = run(*MAKE)
    assert done.exit_code == 0, done.output


def test_from_the_login_to_the_patients_mailbox(
    run: Run, provider: Provider, server: Running, logged_in: Result, data: Path, keys: Memory
):
    assert f"open {provider.url}/enter-code\nand type the code {USER_CODE}. Sign in as {ACCOUNT}" in logged_in.output
    assert "Logged in: cohen sends as" in logged_in.output
    queued(run)
    sent = run("outbox", "run")
    assert (sent.exit_code, sent.stdout.splitlines()[-1]) == (0, "1 sent, 0 to be tried again, 0 failed, 0 unknown")
    assert [to for to, _ in server.mailbox.kept] == ["x.quill@example.org"]
    [(place, kept)] = keys.kept.items()
    assert place == ("handouts login localhost", ACCOUNT)
    everything = (
        logged_in.output
        + sent.output
        + "".join(path.read_bytes().decode("latin-1") for path in data.rglob("*") if path.is_file())
    )
    assert len(provider.given) >= 3
    assert not [secret for secret in provider.given if secret in everything]
    assert any(secret in kept for secret in provider.given)


def test_a_login_waits_for_somebodys_yes(run: Run, provider: Provider):
    provider.at["token"] = [SLOW_DOWN, None, DENIED]
    no = run("mail", "login", "cohen")
    assert (no.exit_code, "refused in the browser" in no.output) == (8, True)
    assert provider.seen["token"] == 3


def test_without_a_login_the_run_ends_with_7_and_loses_nothing(run: Run, server: Running):
    queued(run)
    none = run("outbox", "run")
    assert (none.exit_code, "`mail login cohen`" in none.output) == (7, True)
    assert "queued" in run("outbox", "list").output
    assert server.plan.seen["CONNECT"] == 0


@pytest.mark.usefixtures("logged_in")
@pytest.mark.parametrize(
    ("fault", "word"),
    [
        ("revoked", "has expired or was revoked (invalid_grant): run `mail login cohen`"),
        (EXPIRED, "has expired or was revoked (invalid_grant): run `mail login cohen`"),
        (NO_CONSENT, "Have an administrator give it, then run `mail login cohen`"),
    ],
    ids=["revoked", "expired", "no consent"],
)
def test_a_login_that_no_longer_counts_pauses_the_queue_until_the_next_one(
    run: Run, provider: Provider, server: Running, fault: Any, word: str
):
    queued(run)
    if fault == "revoked":
        provider.revoke()
    else:
        provider.at["token"] = [fault]
    paused = run("outbox", "run")
    assert paused.exit_code == 6, paused.output
    assert "The queue of cohen is paused" in paused.output
    assert word in paused.output
    assert "paused" in run("outbox", "list").output
    assert run("outbox", "run").exit_code == 6
    assert run("mail", "login").exit_code == 0
    assert run("outbox", "retry").exit_code == 0
    assert run("outbox", "run").exit_code == 0
    assert len(server.mailbox.kept) == 1


@pytest.mark.usefixtures("logged_in")
def test_a_tenant_that_has_smtp_switched_off_is_told_in_so_many_words(run: Run, server: Running):
    queued(run)
    server.plan.at["AUTH"] = [
        "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit https://x"
    ] * 2
    off = run("outbox", "run")
    assert off.exit_code == 6
    assert "535 5.7.139" in off.output
    assert "sending by SMTP (SMTP AUTH) is switched off for the whole organization" in off.output
    told = run("doctor", "--email", "me@clinic.example")
    assert (told.exit_code, "switched off for the whole organization" in told.output) == (6, True)
    assert run("outbox", "retry").exit_code == 0
    assert run("outbox", "run").exit_code == 0


@pytest.mark.usefixtures("logged_in")
@pytest.mark.parametrize("fault", [BUSY, 503, "drop"], ids=["busy", "503", "drop"])
def test_a_provider_that_is_down_costs_a_try_and_pauses_nothing(run: Run, provider: Provider, fault: Any):
    queued(run)
    provider.at["token"] = [fault]
    later = run("outbox", "run")
    assert (later.exit_code, later.stdout.splitlines()[-1]) == (0, "0 sent, 1 to be tried again, 0 failed, 0 unknown")
    assert "paused" not in run("outbox", "list").output


@pytest.mark.heavy
@pytest.mark.usefixtures("logged_in")
def test_a_run_that_is_killed_while_it_waits_for_a_token_loses_no_message_and_sends_none_twice(
    run: Run, provider: Provider, server: Running, keys: Memory, content: Path, data: Path, tmp_path: Path
):
    queued(run)
    Filed.write(tmp_path / "keyring.json", keys)
    before = provider.seen["token"]
    provider.at["token"] = ["stall"]
    line = [sys.executable, str(ROOT / "generate.py"), "--content", str(content), "outbox", "run", "--data", str(data)]
    backend = {"PYTHON_KEYRING_BACKEND": "tests.keyrings.Filed", "TEST_KEYRING": str(tmp_path / "keyring.json")}
    waiting = subprocess.Popen(line, env=os.environ | backend | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE)
    until(lambda: provider.seen["token"] != before or waiting.poll() is not None)
    waiting.kill()
    waiting.communicate()
    assert waiting.returncode == -9, "it was still waiting"
    assert server.plan.seen["CONNECT"] == 0
    with outbox_in(data).database as database, database.change() as connection:
        connection.execute("UPDATE messages SET lease = 1")  # half an hour later
    assert run("outbox", "run").exit_code == 0
    assert len(server.mailbox.kept) == 1


@pytest.mark.usefixtures("logged_in")
def test_the_doctor_tells_each_step(run: Run, server: Running):
    done = run("doctor", "--email", "me@clinic.example")
    assert done.exit_code == 0, done.output
    assert f"ok        login of {ACCOUNT}: the provider gave a new token, for 60 minutes" in done.output
    assert "ok        connection, certificate, sign-in" in done.output
    assert len(server.mailbox.kept) == 1


def test_the_doctor_tells_that_nobody_has_logged_in(run: Run, provider: Provider, logged_in: Result):
    provider.revoke()
    revoked = run("doctor", "--email", "me@clinic.example")
    assert (revoked.exit_code, "has expired or was revoked" in revoked.output) == (6, True)
    assert logged_in.exit_code == run("mail", "logout").exit_code
    none = run("doctor", "--email", "me@clinic.example")
    assert (none.exit_code, "`mail login cohen`" in none.output) == (7, True)


@pytest.mark.usefixtures("logged_in")
def test_a_logout_leaves_nothing_here_and_ends_it_at_the_provider(run: Run, provider: Provider, keys: Memory):
    out = run("mail", "logout", "cohen")
    assert (out.exit_code, "The provider has revoked it" in out.output, keys.kept) == (0, True, {})
    assert not provider.takes(ACCOUNT, provider.given[-2])
    again = run("mail", "logout")
    assert (again.exit_code, "Nobody was logged in" in again.output) == (0, True)


@pytest.mark.usefixtures("logged_in")
def test_a_provider_that_is_down_does_not_keep_anybody_logged_in(run: Run, provider: Provider, keys: Memory):
    provider.at["revoke"] = [503, {"error": "invalid_token"}]
    out = run("mail", "logout")
    assert (out.exit_code, keys.kept) == (0, {})
    assert "the provider has not revoked it. That did not succeed" in out.output
    assert run("mail", "login").exit_code == 0
    assert "The provider has revoked it" in run("mail", "logout").output, "it knew the token no longer"


@pytest.mark.usefixtures("logged_in")
def test_a_provider_that_revokes_nothing_is_told(
    run: Run, provider: Provider, server: Running, content: Path, keys: Memory
):
    set_up(
        content, server, provider, oauth=f"device_url: {provider.url}/device, token_url: {provider.url}/oauth2/token, "
    )
    out = run("mail", "logout")
    assert (out.exit_code, keys.kept) == (0, {})
    assert "remove the application's access on the account's page" in out.output


def test_a_provider_that_does_not_agree_is_told_and_nothing_is_kept(run: Run, provider: Provider, keys: Memory):
    provider.at["device"] = [{"error": "invalid_client"}]
    no = run("mail", "login")
    assert (no.exit_code, "does not take this application (invalid_client)" in no.output) == (6, True)
    assert keys.kept == {}


def test_without_a_keyring_nobody_is_asked_to_log_in(run: Run, provider: Provider):
    use(NoKeyring)
    provider.agreed = True
    none = run("mail", "login")
    assert (none.exit_code, "keyring diagnose" in none.output) == (7, True)
    assert provider.visited == []


def test_a_clinic_with_a_password_has_nothing_to_log_in_to(run: Run, server: Running, content: Path):
    set_up_clinic(content, server.server.port)
    no = run("mail", "login", "cohen")
    assert (no.exit_code, "email.auth: oauth" in no.output) == (3, True)


def test_a_flag_of_the_other_way_to_log_in_is_refused(run: Run, provider: Provider):
    for flags, word in ((("--port", "20000"), "--port needs --browser"), (("--browser",), "authorize_url")):
        no = run("mail", "login", *flags)
        assert (no.exit_code, word in no.output, provider.visited) == (2, True, [])


def test_a_login_in_the_browser_asks_for_the_clients_secret_and_keeps_it_in_the_keyring(
    run: Run,
    provider: Provider,
    server: Running,
    content: Path,
    keys: Memory,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    import threading

    import requests

    set_up(
        content,
        server,
        provider,
        oauth=f"authorize_url: {provider.url}/oauth2/authorize, token_url: {provider.url}/oauth2/token, ",
    )
    no_terminal = run("mail", "login")
    assert (no_terminal.exit_code, "at a terminal" in no_terminal.output) == (2, True)
    monkeypatch.setattr(logging_in, "at_terminal", lambda: True)
    echo, people = logging_in.click.echo, []

    def agree(text: str) -> None:
        authority = str(tmp_path / "ca.pem")
        requests.post(text, data={"sub": ACCOUNT}, verify=authority, timeout=PATIENCE)

    def show(message: object = None, **kind: object) -> None:
        echo(message, **kind)  # type: ignore[arg-type]
        for address in re.findall(r"https://\S+/authorize\S+", str(message)):
            people.append(threading.Thread(target=agree, args=(address,)))
            people[-1].start()

    monkeypatch.setattr(logging_in.click, "echo", show)
    done = run("mail", "login", answer="sesame\n")
    people[0].join(PATIENCE)
    assert done.exit_code == 0, done.output
    assert "sesame" not in done.output
    assert provider.forms[-1]["client_secret"] == "sesame"
    [kept] = keys.kept.values()
    assert "sesame" in kept
    queued(run)
    assert run("outbox", "run").exit_code == 0
    assert (len(server.mailbox.kept), provider.forms[-1]["client_secret"]) == (1, "sesame")


# ---------------------------------------------------------------- the appointment


@pytest.mark.usefixtures("logged_in")
@pytest.mark.parametrize(("calendar", "count"), [("true", 2), ("false", 1)])
def test_the_appointment_goes_along_if_the_clinic_wants_it(
    run: Run, provider: Provider, server: Running, content: Path, calendar: str, count: int
):
    set_up(content, server, provider, f", calendar: {calendar}")
    queued(run)
    run("outbox", "run")
    [(_, body)] = server.mailbox.kept
    files = list(message_from_bytes(body, policy=default).iter_attachments())  # type: ignore[attr-defined]
    assert len(files) == count
    if count == 2:
        [event] = icalendar.Calendar.from_ical(files[1].get_payload(decode=True)).events
        assert (event.start.isoformat(), str(event["SUMMARY"])) == ("2026-12-04T14:30:00", "Dr. Cohen")
        told = files[1].get_payload(decode=True).decode()
        assert not [word for word in ("Quill", "spasm", "botox", "00417") if word in told]


@pytest.mark.usefixtures("logged_in")
def test_each_appointment_of_a_list_goes_along(
    run: Run, provider: Provider, server: Running, content: Path, here: Path
):
    set_up(content, server, provider, ", calendar: true")
    (here / "list.csv").write_text(
        "patient.name,patient.birth_date,patient.email,appointment.at,appointment.where\n"
        "Ypsilon Fjord,1960-01-01,p1@example.org,2026-12-04T09:00,\n"
        "Zebulon Vexley,1960-01-02,p2@example.org,2026-12-04T10:00,The other house\n"
        "Wanda Umber,1960-01-03,p3@example.org,,\n"
    )
    flags = ("--topic", TOPIC, "--option", "botox", "--allow-unapproved", "--jobs", "1", "--email", "--yes")
    done = run("batch", "list.csv", "-d", "out", *flags)
    assert done.exit_code == 0, done.output
    run("outbox", "run")
    found = {}
    for to, body in server.mailbox.kept:
        files = list(message_from_bytes(body, policy=default).iter_attachments())  # type: ignore[attr-defined]
        events = [icalendar.Calendar.from_ical(file.get_payload(decode=True)).events[0] for file in files[1:]]
        found[to] = [(event.start.hour, "LOCATION" in event) for event in events]
    assert found == {"p1@example.org": [(9, True)], "p2@example.org": [(10, False)], "p3@example.org": []}
