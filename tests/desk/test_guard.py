"""Nobody comes in but the browser that was invited, from the desk's own page."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from handouts.desk.guard import HEADERS, Doorkeeper
from handouts.desk.state import Desk
from tests.desk.conftest import HOST, JSON, stranger_of


@pytest.fixture
def stranger(desk: Desk, door: Doorkeeper) -> FlaskClient:
    return stranger_of(desk, door)


def test_without_the_key_every_page_is_locked(stranger: FlaskClient):
    for path in ("/", "/handout/printers", "/nowhere"):
        answer = stranger.get(path)
        assert answer.status_code == 403
        assert b"locked" in answer.data


def test_a_key_lets_one_browser_in_once(stranger: FlaskClient, desk: Desk, door: Doorkeeper):
    key = door.invite()
    first = stranger.get(f"/enter/{key}")
    assert first.status_code == 200
    cookie = first.headers["Set-Cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=Strict", "Path=/"))
    assert key not in cookie
    assert stranger.get("/").status_code == 200
    other = stranger_of(desk, door)
    assert other.get(f"/enter/{key}").status_code == 403
    assert other.get("/").status_code == 403


def test_the_key_of_another_start_is_none(stranger: FlaskClient):
    assert stranger.get(f"/enter/{Doorkeeper([HOST]).invite()}").status_code == 403


@pytest.mark.parametrize("host", ["evil.example:8765", "127.0.0.1:80", "", "127.0.0.1:8765.evil.example"])
def test_another_name_for_this_machine_is_refused(client: FlaskClient, host: str):
    """DNS rebinding: the address is ours, the name is the attacker's."""
    assert client.get("/", headers={"Host": host}).status_code == 421


@pytest.mark.parametrize(
    ("origin", "site"),
    [
        ("https://evil.example", "cross-site"),
        ("http://127.0.0.1:9999", "same-site"),
        ("null", "cross-site"),
        (f"http://{HOST}", "cross-site"),
        ("https://evil.example", None),
        (None, None),
    ],
)
def test_a_change_that_another_site_sends_is_refused(
    stranger: FlaskClient, door: Doorkeeper, origin: str | None, site: str | None
):
    stranger.get(f"/enter/{door.invite()}")
    headers = {name: value for name, value in (("Origin", origin), ("Sec-Fetch-Site", site)) if value}
    assert stranger.post("/handout/close", json={"window": "w"}, headers=headers).status_code == 403


def test_another_site_can_not_load_parts_of_a_page(client: FlaskClient):
    answer = client.get("/static/desk.js", headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"})
    assert answer.status_code == 403


def test_every_answer_says_what_a_browser_may_do(client: FlaskClient, stranger: FlaskClient):
    for answer in (client.get("/"), client.get("/nowhere"), stranger.get("/"), client.get("/static/desk.css")):
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
        answer.close()
    assert "unsafe-inline" not in HEADERS["Content-Security-Policy"]


def test_a_page_has_no_script_or_style_in_it_and_nothing_from_another_host(client: FlaskClient):
    page = client.get("/").text
    for part in ("<style", " style=", "<script>", " onclick", "://"):
        assert part not in page


def test_a_bug_is_told_by_a_number_that_the_log_has(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def break_down(*_: object) -> None:
        raise ZeroDivisionError("Maria Gonzalez")

    monkeypatch.setattr("handouts.desk.making.read", break_down)
    answer = client.post("/handout/preview", json={"window": "w", "number": 1, "fields": {}}, headers=JSON)
    assert answer.status_code == 500
    number = answer.get_json()["error"].rpartition(" ")[2].rstrip(".")
    assert number in caplog.text
    assert "Maria" not in caplog.text + answer.text


def test_what_is_sent_is_bounded(client: FlaskClient):
    large = b"x" * (17 * 1024 * 1024)
    answer = client.post("/handout/preview", data=large, content_type="application/json", headers=JSON)
    assert answer.status_code == 413


def test_only_what_takes_files_takes_much(client: FlaskClient):
    typed = b"&a" * (2 * 1024 * 1024)
    for path in ("/given/find", "/given/document", "/given/void"):
        assert client.post(path, data=typed, content_type="application/x-www-form-urlencoded").status_code == 413
    large = {"window": "w", "number": 1, "fields": {"note": ["x" * len(typed)]}}
    assert client.post("/handout/preview", json=large, headers=JSON).status_code in {400, 413}
    file = b'--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n' + typed + b"\r\n--b--\r\n"
    answer = client.post("/given/check", data=file, content_type="multipart/form-data; boundary=b")
    assert answer.status_code == 422, "it is no PDF"


NO_JSON = {
    "nested without end": b'{"window":"w","number":1,"fields":' + b"[" * 100_000,
    "half a character": rb'{"window":"w","code":"\ud800","fields":{"\ud800":[]}}',
    "half a character as it is": b'{"window":"w","fields":{"note":["\xed\xa0\x80"]}}',
    "a number of 5000 digits": b'{"window":"w","number":' + b"9" * 5000 + b"}",
}


@pytest.mark.parametrize("body", NO_JSON.values(), ids=NO_JSON)
def test_what_is_no_json_is_a_bad_request_wherever_it_is_sent(client: FlaskClient, body: bytes):
    handout = ("preview", "save", "print", "close", "email", "email/look", "email/shown", "email/back")
    for path in (*(f"/handout/{name}" for name in handout), "/given/again/compare", "/given/again/save"):
        assert client.post(path, data=body, content_type="application/json", headers=JSON).status_code == 400, path


def test_the_program_of_the_same_user_may_invite_another_window(stranger: FlaskClient, door: Doorkeeper):
    own = {"Origin": f"http://{HOST}"}
    assert stranger.post("/invite", headers=own).status_code == 403
    assert stranger.post("/invite", headers={**own, "Authorization": "Bearer wrong"}).status_code == 403
    answer = stranger.post("/invite", headers={**own, "Authorization": f"Bearer {door.secret}"})
    assert stranger.get(f"/enter/{answer.text}").status_code == 200
