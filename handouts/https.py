"""One question to a server by TLS, and an answer that has an end in bytes and in time. An edge module.

The certificate is checked against the system's authorities. No redirect is followed: what is secret goes to the address
that a person has named, and to no other. No password is taken from ~/.netrc.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar

if TYPE_CHECKING:
    import requests

Why = Literal["late", "no connection", "certificate", "endless", "lost"]
Result = TypeVar("Result")


class Patience(NamedTuple):
    """Seconds: for the connection, for a part of the answer, and for the whole question."""

    connect: float = 15
    reply: float = 30
    whole: float = 60


class NoAnswer(Exception):
    """There was no usable answer. ``why``: "late" and "lost" after the question may have arrived."""

    def __init__(self, why: Why) -> None:
        self.why: Why = why
        super().__init__(why)


@dataclass(frozen=True)
class Answer:
    """``status``: of HTTP; ``headers``: their names in small letters."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Answer({self.status})"


def ask(
    method: str,
    url: str,
    body: bytes | Mapping[str, str] | None = None,
    *,
    headers: Mapping[str, str],
    most: int,
    patience: Patience,
) -> Answer:
    """The answer, of ``most`` bytes at most. NoAnswer. ``body``: a mapping is sent as a form."""
    return _within(patience.whole, lambda: _ask(method, url, body, headers, most, patience))


def _within(seconds: float, work: Callable[[], Result]) -> Result:
    """What ``work`` comes to; NoAnswer when it takes longer. It is then left alone, and ends by itself: neither the
    look-up of a name nor a server that sends a byte now and then can be hurried.
    """
    done: list[Result] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(work())
        except BaseException as error:  # raised where it was waited for
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if failed:
        raise failed[0]
    if not done:
        raise NoAnswer("late")
    return done[0]


def _ask(
    method: str,
    url: str,
    body: bytes | Mapping[str, str] | None,
    headers: Mapping[str, str],
    most: int,
    patience: Patience,
) -> Answer:
    import requests

    try:
        with _session(url) as session, session.request(
            method,
            url,
            data=body,
            headers=dict(headers),
            auth=_no_password,
            timeout=(patience.connect, patience.reply),
            allow_redirects=False,
            stream=True,
        ) as response:  # fmt: skip
            text = response.raw.read(most + 1, decode_content=True)
            if len(text) > most:
                raise NoAnswer("endless")
            return Answer(response.status_code, text, {name.lower(): one for name, one in response.headers.items()})
    except requests.exceptions.SSLError as error:
        raise NoAnswer("certificate" if "CERTIFICATE_VERIFY_FAILED" in str(error) else "lost") from None
    except requests.exceptions.ConnectTimeout:
        raise NoAnswer("no connection") from None
    except requests.exceptions.Timeout:
        raise NoAnswer("late") from None
    except requests.exceptions.ConnectionError as error:
        never = "NewConnectionError" in repr(error) or "NameResolutionError" in repr(error)
        raise NoAnswer("no connection" if never else "lost") from None
    except (requests.exceptions.RequestException, OSError, ValueError):
        raise NoAnswer("lost") from None
    except NoAnswer:
        raise
    except Exception as error:  # urllib3's own, while the body is read
        if type(error).__module__.partition(".")[0] != "urllib3":
            raise
        raise NoAnswer("lost") from None


def _session(url: str) -> requests.Session:
    import requests
    from requests.adapters import HTTPAdapter

    class SystemTrust(HTTPAdapter):
        """TLS by the system's authorities, and not by those that requests brings: a clinic's proxy has its own, and an
        administrator may have taken one out.
        """

        def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # requests' own
            super().init_poolmanager(*args, ssl_context=ssl.create_default_context(), **kwargs)

        def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:  # requests' own
            return super().proxy_manager_for(*args, ssl_context=ssl.create_default_context(), **kwargs)

        def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:  # noqa: ARG002  requests' own
            conn.cert_reqs = "CERT_REQUIRED"

    session = requests.Session()
    if not url.startswith("http:"):  # to this machine alone: see `handouts.fhir.endpoint`
        session.mount("https://", SystemTrust())
    return session


def _no_password(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """In place of a password for this host in somebody's ~/.netrc, which requests would add by itself."""
    return request
