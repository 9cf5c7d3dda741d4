"""A list by mail: patient A's file never goes to patient B, no message goes without its slip; nothing leaks."""

from __future__ import annotations

import hashlib
import io
import json
import logging
import re
import tempfile
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import keyring
import pikepdf
import pypdfium2
import pytest
import trustme
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from keyring.backends.null import Keyring

from handouts.cli import cli
from handouts.deliver.mail import lists
from handouts.deliver.mail.lists import Finished, finish_slips, plan, post
from handouts.deliver.outbox.claims import Claim, Claims
from handouts.deliver.outbox.outbox import Outbox
from handouts.errors import OutputFault
from handouts.typeset.cache import SheetCache
from tests.conftest import KEY, TOPIC
from tests.mailing import FROM, NOW, WORDS, outbox_in
from tests.mailserver import PASSWORD, Running, serve

SENDERS = {"cohen": FROM}


def small_pdf(text: str) -> bytes:
    """A file that says whose it is."""
    out = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.docinfo["/Subject"] = text
        document.save(out)
    return out.getvalue()


def finished(folder: Path, number: int, email: str, *, patient: str | None = None) -> Finished:
    pdf = small_pdf(f"patient {number}")
    path = folder / f"{number:06}-FHK8Z5DW14K.pdf"
    path.write_bytes(pdf)
    digest = hashlib.sha256(pdf).hexdigest()
    return Finished(number, "FHK8Z5DW14K", path, digest, email, patient or f"p{number}", f"Patient {number}", "cohen")


def mail(outbox: Outbox, rows: list[Finished], folder: Path) -> lists.Posted:
    return post(outbox, plan(outbox, rows).to_queue(), folder, SENDERS, WORDS, "letter", lambda: NOW)


def slips_of(folder: Path) -> dict[str, str]:
    """Whose words are which, from the pages that are handed over."""
    found = {}
    for path in sorted(folder.glob("slips-*.pdf")):
        with pypdfium2.PdfDocument(path) as document:
            for page in document:
                text = page.get_textpage().get_text_range()
                phrase = re.search(r"(?m)^([a-z]{4,8} ){3}[a-z]{4,8}", text)
                assert phrase
                found[phrase[0]] = text
    return found


def sent_by(outbox: Outbox) -> list[tuple[str, bytes]]:
    """What a runner would hand over: address and file."""
    claims, out = Claims(outbox, "one"), []
    while isinstance(claim := claims.claim(NOW + len(out), "cohen", 6000), Claim):
        message = message_from_bytes(claim.body, policy=default)
        assert message["To"] == str(claim.address)
        [part] = message.iter_attachments()  # type: ignore[attr-defined]
        out.append((str(claim.address), part.get_content()))
        claims.begin(claim, NOW + len(out))
        claims.sent(claim, NOW + len(out))
    return out


ADDRESSES = st.sampled_from(
    ["a@example.org", "b@example.org", "A@Example.org", "c@example.org", "no address", "ü@ö.example"]
)


@settings(max_examples=25)
@given(st.lists(ADDRESSES, min_size=1, max_size=8))
def test_each_file_goes_to_its_own_rows_address_alone_and_once(emails: list[str]):
    with tempfile.TemporaryDirectory() as name:
        folder, outbox = Path(name), outbox_in(Path(name) / "data")
        rows = [finished(folder, number, email) for number, email in enumerate(emails, 1)]
        done = mail(outbox, rows, folder)
        mail(outbox, rows, folder)
        phrases = list(slips_of(folder))
        sent = sent_by(outbox)
        outbox.database.connection.close()
    assert done.queued == len(sent) == len(phrases) == sum("@" in email for email in emails)
    for (to, pdf), phrase in zip(sent, phrases, strict=True):
        with pikepdf.open(io.BytesIO(pdf), password=phrase) as document:
            number = int(str(document.docinfo["/Subject"]).split()[1])
        assert to.casefold() == emails[number - 1].replace("ö.", "xn--nda.").casefold()


def test_more_than_one_group_makes_more_than_one_file_of_slips(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lists, "GROUP", 2)
    outbox = outbox_in(tmp_path / "data")
    done = mail(outbox, [finished(tmp_path, i, f"p{i}@example.org") for i in range(1, 6)], tmp_path)
    assert [path.name for path in done.slips] == ["slips-001.pdf", "slips-002.pdf", "slips-003.pdf"]
    assert len(slips_of(tmp_path)) == 5


def test_a_file_that_was_exchanged_goes_to_nobody(tmp_path: Path):
    outbox = outbox_in(tmp_path / "data")
    rows = [finished(tmp_path, i, f"p{i}@example.org") for i in (1, 2)]
    rows[0].file.write_bytes(rows[1].file.read_bytes())
    done = mail(outbox, rows, tmp_path)
    assert list(done.faults) == [1]
    assert [to for to, _ in sent_by(outbox)] == ["p2@example.org"]


def test_a_file_that_is_gone_stops_no_other(tmp_path: Path):
    outbox = outbox_in(tmp_path / "data")
    rows = [finished(tmp_path, i, f"p{i}@example.org") for i in (1, 2)]
    rows[0].file.unlink()
    assert (list(mail(outbox, rows, tmp_path).faults), len(outbox.entries())) == ([1], 1)


def test_slips_that_can_not_be_written_queue_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object, **__: object) -> None:
        raise OutputFault("The disk is full.")

    monkeypatch.setattr(lists, "write_file", full)
    outbox = outbox_in(tmp_path / "data")
    with pytest.raises(OutputFault):
        mail(outbox, [finished(tmp_path, 1, "p1@example.org")], tmp_path)
    assert outbox.entries() == []


@pytest.mark.parametrize("committed", [True, False])
def test_a_run_killed_around_the_commit_leaves_slips_for_what_was_queued_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, committed: bool
):
    outbox = outbox_in(tmp_path / "data")
    row = finished(tmp_path, 1, "p1@example.org")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        if committed:
            patch.setattr(Path, "rename", killed)
        else:
            patch.setattr(lists, "write_file", lambda path, data: (path.write_bytes(data), killed()))
        with pytest.raises(KeyboardInterrupt):
            mail(outbox, [row], tmp_path)
    assert len(list(tmp_path.glob(".slips-*.pending"))) == 1
    assert len(finish_slips(outbox, tmp_path)) == len(outbox.entries()) == int(committed)
    mail(outbox, [row], tmp_path)
    [(_, pdf)] = sent_by(outbox)
    [phrase] = slips_of(tmp_path)
    pikepdf.open(io.BytesIO(pdf), password=phrase).close()


# ---------------------------------------------------------------- nothing leaks

NAME, NICK, RECORD, BORN, LOCAL, HOST = "Xanthippe Quill", "Xanni", "MRN-00417", "1961-04-09", "xquill77", "quillhome"
GIVEN = [NAME, "Xanthippe", "Quill", NICK, RECORD, BORN, "April 9, 1961", LOCAL, HOST]
PATIENT = {
    "name": NAME, "preferred_name": NICK, "identifier": RECORD, "birth_date": BORN, "email": f"{LOCAL}@{HOST}.example",
}  # fmt: skip


def details_in(data: bytes, given: list[str]) -> list[str]:
    """Which of the patient's details stand in ``data``, in any of the ways in which text is kept."""
    low = data.lower()
    ways = (str.encode, lambda text: text.encode("utf-16-be"), lambda text: text.encode("utf-16-le"))
    return [text for text in given for way in ways if way(text.lower()) in low]


def test_the_search_finds_details_in_each_way_of_keeping_them():
    for way in ("utf-8", "utf-16-be", "utf-16-le"):
        assert details_in(b"\x01" + NAME.upper().encode(way), [NAME]) == [NAME]


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """Where somebody works: a password, a folder of their own, one for temporary files, no keyring of ours."""
    ca = trustme.CA()
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    monkeypatch.setenv("HANDOUTS_SMTP_PASSWORD", PASSWORD)
    keyring.set_keyring(Keyring())
    for name in ("here", "temporary"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    monkeypatch.setattr(tempfile, "tempdir", None)
    (tmp_path / "key").write_bytes(KEY)
    return ca


def set_up(content: Path, running: Running) -> None:
    clinic = content / "clinics" / "cohen" / "clinic.yaml"
    email = f"{{from: a@clinic.example, host: localhost, port: {running.server.port}, user: clinic, per_minute: 6000}}"
    clinic.write_text(re.sub(r"(?m)^email:.*$", "", clinic.read_text()) + f"\nemail: {email}\n")


@pytest.mark.parametrize(
    "plan_at", [{}, {"RCPT": [f"550 5.1.1 <{LOCAL}@{HOST}.example> {NAME} unknown"]}, {"END": "drop"}]
)
def test_no_log_error_file_name_or_byte_outside_the_outbox_row_holds_the_patients_details(
    tmp_path: Path,
    content: Path,
    sheets: SheetCache,
    caplog: pytest.LogCaptureFixture,
    session: trustme.CA,
    plan_at: dict[str, object],
):
    here, data = tmp_path / "here", tmp_path / "data"
    (tmp_path / "request.json").write_text(json.dumps({"topic": TOPIC, "options": ["botox"], "patient": PATIENT}))
    said = ""

    def invoke(*args: str) -> str:
        nonlocal said
        made = ["--key-file", str(tmp_path / "key"), "--cache", str(sheets.folder)]
        command = ["--content", str(content), "--today", "2026-11-22", *args, "--data", str(data)]
        result = CliRunner().invoke(cli, [*command, *(made if args[0] in {"make", "batch"} else [])])
        assert result.exception is None or isinstance(result.exception, SystemExit)
        said += result.output
        return result.stdout

    with serve(session, **plan_at) as running, caplog.at_level(logging.DEBUG):
        set_up(content, running)
        request = str(tmp_path / "request.json")
        invoke("make", request, "--email", "--allow-unapproved")
        queued = invoke("make", request, "--email", "--allow-unapproved", "--yes")
        invoke("make", request, "--email", "--allow-unapproved", "--yes")
        with outbox_in(data).database as database:
            [row] = database.look("SELECT * FROM messages")
            [kept] = database.look("SELECT * FROM contents")
        ours = [record.getMessage() for record in caplog.records if record.name.split(".")[0] == "handouts"]
        invoke("outbox", "run")
        invoke("outbox", "list")
        invoke("outbox", "show", "1")
        invoke("outbox", "cancel", "1")
    phrase = re.search(r"only once: (.*)", queued)
    assert phrase
    message = message_from_bytes(kept["body"], policy=default)
    [part] = message.iter_attachments()  # type: ignore[attr-defined]
    headers = "\n".join(f"{name}: {value}" for name, value in message.items() if name != "To")
    body = "\n".join(one.get_content() for one in message.walk() if one.get_content_maintype() == "text")
    bare = kept["body"].replace(kept["address"].encode(), b"")
    bare = re.sub(rb"(?m)^[A-Za-z0-9+/=]{20,}\r?$", b"", bare)  # a file in base64 says any five letters some day
    for place, found in (
        ("the row but for address and body", json.dumps(dict(row)).encode()),
        ("the row's message but for its address", bare),
        ("its headers", headers.encode()),
        ("its words", body.encode()),
        ("its file's name", str(part.get_filename()).encode()),
        ("its locked file", part.get_content()),
        ("what was logged", "\n".join(ours).encode()),
    ):
        assert details_in(found, GIVEN) == [], place
    # a summary shows the domain, and two letters, to whoever sits there; nothing else is ever said
    assert details_in(said.replace(f"xq...@{HOST}.example", "").encode(), GIVEN) == []
    assert phrase[1].encode() not in b"".join(path.read_bytes() for path in data.rglob("*") if path.is_file())
    for path in [*data.rglob("*"), *here.rglob("*"), *sheets.folder.rglob("*")]:
        assert details_in(path.name.encode(), GIVEN) == []
        if path.is_file():
            assert details_in(path.read_bytes(), GIVEN) == [], path.name
    assert list((tmp_path / "temporary").iterdir()) == []


def test_lists_files_drafts_and_new_words_leak_nothing_either(
    tmp_path: Path, content: Path, sheets: SheetCache, caplog: pytest.LogCaptureFixture, session: trustme.CA
):
    here, data, out = tmp_path / "here", tmp_path / "data", tmp_path / "out"
    header = ",".join(f"patient.{key}" for key in PATIENT)
    (tmp_path / "list.csv").write_text(f"{header}\n{','.join(PATIENT.values())}\n")
    made = ["--key-file", str(tmp_path / "key"), "--cache", str(sheets.folder)]
    said, address = "", PATIENT["email"]

    def invoke(*args: str) -> None:
        nonlocal said
        result = CliRunner().invoke(cli, ["--content", str(content), "--today", "2026-11-22", *args])
        assert result.exit_code == 0, result.output
        said += result.output

    with serve(session) as running, caplog.at_level(logging.DEBUG):
        set_up(content, running)
        listed = ("batch", str(tmp_path / "list.csv"), "-d", str(out), "--topic", TOPIC, "--option", "botox")
        at = ("--data", str(data))
        invoke(*listed, "--email", "--yes", "--allow-unapproved", "--jobs", "1", *made, *at)
        file = str(next(out.glob("0*.pdf")))
        code = next(out.glob("0*.pdf")).stem.split("-")[1]
        mail = ("email", file, "--to", address, "--yes", "--allow-unapproved", *at)
        invoke(*mail, "--reissue", code, "--slip", str(tmp_path / "slip.pdf"))
        invoke(*mail, "--draft", str(tmp_path / "draft.eml"), "--slip", str(tmp_path / "slip2.pdf"))
        invoke(*mail, "--again", "--no-encryption", "--warned", "--by", "Joy", "--remember")
        invoke("outbox", "run", *at)
        invoke("outbox", "list", *at)
    assert len(running.mailbox.kept) == 2
    ours = [record.getMessage() for record in caplog.records if record.name.split(".")[0] == "handouts"]
    masked = f"xq...@{HOST}.example"
    assert details_in("\n".join([said.replace(masked, ""), *ours]).encode(), GIVEN) == []
    slips = set(out.glob("slips-*.pdf"))
    for path in [*data.rglob("*"), *here.rglob("*"), *out.rglob("*"), *sheets.folder.rglob("*")]:
        assert details_in(path.name.encode(), GIVEN) == []
        if path.is_file() and path.suffix != ".pdf":
            assert details_in(path.read_bytes(), GIVEN) == [], path.name
    draft = (tmp_path / "draft.eml").read_bytes()
    assert details_in(draft.replace(address.encode(), b""), GIVEN) == []
    assert len(slips) == 1
    assert list((tmp_path / "temporary").iterdir()) == []
