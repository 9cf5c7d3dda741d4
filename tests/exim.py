"""Debian's mail server Exim in a temporary folder: TLS, a password, a maildir, and no connection to the outside.

`script/mail-server` fetches it into .mail-server/. It never runs as root: its folder belongs to whoever runs the tests,
or to "nobody" if that is root. It takes over a socket that Python listens on, so that no port is ever guessed, and
dies with the tests when they are killed.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import IO, Any

import trustme

from handouts.deliver.mail.settings import Security, Server
from tests.conftest import PATIENCE, ROOT
from tests.mailserver import PASSWORD, SENDER, USER

TOKEN = "EwBAAl3BAAUFFpUAo7J3Ve0bjLBWZWCclRC3EoAA" * 75
"""As long as Microsoft's are."""
FETCHED = ROOT / ".mail-server"
SETTINGS = """
primary_hostname = mail.test
spool_directory = FOLDER/spool
log_file_path = FOLDER/log/%s
pid_file_path = FOLDER/pid
log_selector = +smtp_connection
keep_environment = LD_LIBRARY_PATH : LD_PRELOAD : NSS_WRAPPER_PASSWD : NSS_WRAPPER_GROUP
host_lookup =
helo_lookup_domains =
tls_certificate = FOLDER/certificate.pem
tls_advertise_hosts = *
auth_advertise_hosts = ${if def:tls_in_cipher {*}}
message_size_limit = 2M
smtp_receive_timeout = 20s
# Taken on at once, delivered when a test asks for it.
queue_only
acl_smtp_rcpt = recipient
acl_smtp_data = content
EXTRA

begin acl
recipient:
  deny   !authenticated = *
         message = relay not permitted
  defer  condition = ${if exists{FOLDER/greylisting}}
         message = greylisted, come again later
  accept verify = recipient
content:
  warn   condition = ${if exists{FOLDER/holding}}
         logwrite = holding the answer back
         delay = 30s
  accept

begin routers
mailbox:
  driver = accept
  local_parts = ! gone
  transport = maildir

begin transports
maildir:
  driver = appendfile
  maildir_format
  directory = FOLDER/maildir
  envelope_to_add
  return_path_add
  user = UID
  group = GID

begin authenticators
"""
AUTHENTICATORS = {
    "PLAIN": """
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${if and{{eq{$auth2}{USER}}{eq{$auth3}{PASSWORD}}}}
  server_set_id = $auth2
""",
    "LOGIN": """
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${if and{{eq{$auth1}{USER}}{eq{$auth2}{PASSWORD}}}}
  server_set_id = $auth1
""",
    "XOAUTH2": """
xoauth2:
  driver = plaintext
  public_name = XOAUTH2
  server_prompts = :
  server_condition = ${if eq{$auth1}{user=USER\\x01auth=Bearer TOKEN\\x01\\x01}}
  server_set_id = USER
""",
    "OAUTHBEARER": """
oauthbearer:
  driver = plaintext
  public_name = OAUTHBEARER
  server_prompts = :
  server_condition = ${if match{$auth1}{\\N^n,a=USER,.host=localhost.port=\\d+.auth=Bearer TOKEN..$\\N}}
  server_set_id = USER
""",
}


def _owner() -> tuple[int, int]:
    if os.geteuid():
        return os.geteuid(), os.getegid()
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def _folder() -> Path:
    """A new one. Not pytest's: those are closed to everybody but root where root runs the tests."""
    folder = Path(tempfile.mkdtemp(prefix="handouts-exim-"))
    os.chown(folder, *_owner())
    return folder


@contextlib.contextmanager
def program() -> Iterator[Path]:
    """The fetched server, in a place that "nobody" can reach."""
    folder = _folder()
    try:
        yield Path(shutil.copytree(FETCHED, folder / "program", symlinks=True))
    finally:
        shutil.rmtree(folder)


@dataclass
class Exim:
    """One server. ``server`` says how a clinic reaches it: by another port after each `start`."""

    program: Path
    folder: Path
    security: Security
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    log_before: int = 0

    @property
    def server(self) -> Server:
        return Server("localhost", self.port, self.security, USER, SENDER, 6000)

    def start(self) -> None:
        self.log_before = len(self.log())
        with socket.create_server(("127.0.0.1", 0)) as listening, (self.folder / "said").open("ab") as said:
            self.port = listening.getsockname()[1]
            way = ["-tls-on-connect"] if self.security == "tls" else []
            self.process = self._exim("-bw", *way, stdin=listening.fileno(), stdout=said, stderr=said)
        self.wait_for("daemon started")

    def kill(self) -> None:
        """At once, and every process that serves a connection with it."""
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(PATIENCE)
            self.process = None

    def deliver(self) -> None:
        """All that was taken on goes into the mailbox."""
        nothing: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
        with self._exim("-qff", **nothing) as run:
            try:
                assert run.wait(PATIENCE) == 0, self.log()
            except BaseException:
                os.killpg(run.pid, signal.SIGKILL)
                raise

    def files(self) -> list[bytes]:
        """The mailbox, as it lies on the disk."""
        self.deliver()
        return [path.read_bytes() for path in sorted((self.folder / "maildir" / "new").glob("*"))]

    def messages(self) -> list[EmailMessage]:
        return [message_from_bytes(data, policy=default) for data in self.files()]  # type: ignore[misc]

    def ids(self) -> Counter[str]:
        return Counter(str(message["Message-ID"]) for message in self.messages())

    def log(self) -> str:
        path = self.folder / "log" / "main"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def connections(self) -> int:
        return self.log().count("SMTP connection from [127.0.0.1] (")

    def wait_for(self, words: str) -> None:
        """Until the log says so, since the last start."""
        end = time.monotonic() + PATIENCE
        while words not in self.log()[self.log_before :]:
            ended = self.process is not None and self.process.poll() is not None
            if ended or time.monotonic() > end:
                raise AssertionError(f"{words!r} is not in: {self.log()}{(self.folder / 'said').read_text()}")
            time.sleep(0.01)

    @contextlib.contextmanager
    def holding(self, what: str) -> Iterator[None]:
        """Meanwhile "greylisting" is on, or the answer to a message's content is being held back ("holding")."""
        sign = self.folder / what
        sign.touch()
        try:
            yield
        finally:
            sign.unlink()

    def _exim(self, *args: str, **streams: int | IO[bytes]) -> subprocess.Popen[bytes]:
        uid, gid = _owner()
        env = {
            "PATH": "/usr/bin:/bin",
            "LD_LIBRARY_PATH": str(self.program / "lib"),
            "LD_PRELOAD": "libnss_wrapper.so",
            "NSS_WRAPPER_PASSWD": str(self.folder / "passwd"),
            "NSS_WRAPPER_GROUP": str(self.folder / "group"),
        }
        become = [] if os.geteuid() else [f"--reuid={uid}", f"--regid={gid}", "--clear-groups"]
        return subprocess.Popen(
            ["setpriv", "--pdeathsig=KILL", *become, self.program / "exim4", "-C", self.folder / "settings", *args],
            cwd="/", env=env, start_new_session=True, **streams,
        )  # fmt: skip


@contextlib.contextmanager
def serve(
    program: Path, ca: trustme.CA, security: Security = "tls", *, sign_in: str = "PLAIN LOGIN", extra: str = ""
) -> Iterator[Exim]:
    """A server at work. ``sign_in``: the ways it offers; ``extra``: main settings that a test adds."""
    folder, (uid, gid) = _folder(), _owner()
    names = {
        "FOLDER": str(folder),
        "UID": str(uid),
        "GID": str(gid),
        "EXTRA": extra,
        "USER": USER,
        "PASSWORD": PASSWORD,
        "TOKEN": TOKEN,
    }
    text = SETTINGS + "".join(AUTHENTICATORS[way] for way in sign_in.split())
    for name, value in names.items():
        text = text.replace(name, value)
    (folder / "settings").write_text(text)
    (folder / "passwd").write_text(f"Debian-exim:x:{uid}:{gid}::/:\n")  # the name that is compiled in
    (folder / "group").write_text(f"Debian-exim:x:{gid}:\n")
    ca.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(folder / "certificate.pem")
    for path in folder.iterdir():
        os.chown(path, uid, gid)
    exim = Exim(program, folder, security)
    try:
        exim.start()
        yield exim
    finally:
        exim.kill()
        shutil.rmtree(folder)
