"""Only who has a name and a password gets in, for as long as they use it; what they do is done in their name."""

from __future__ import annotations

import io
import threading
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from handouts.codes import parse_code
from handouts.desk.guard import Doorkeeper
from handouts.desk.jobs import Job
from handouts.desk.login import UserDoor
from handouts.desk.sessions import IDLE, LONGEST, SlowDown
from handouts.desk.state import Desk
from handouts.desk.users import Users
from handouts.desk.windows import Windows
from handouts.record.recorder import open_store
from tests.conftest import PATIENCE, TOPIC
from tests.desk import conftest
from tests.desk.clinic import HOST, OWN, SITE, Clock, add_users, visitor
from tests.desk.conftest import JSON

COOKIE = "__Host-desk"
FIELDS = {"topic": [TOPIC], "options": ["botox"], "patient.name": ["Maria Gonzalez"], "allow_unapproved": ["yes"]}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def door(data: Path, clock: Clock) -> UserDoor:
    add_users(data)
    return UserDoor([HOST], data, clock)


@pytest.fixture
def client(desk: Desk, door: UserDoor) -> FlaskClient:
    return visitor(desk, door)


def log_in(client: FlaskClient, name: str = "anna", password: str | None = None) -> TestResponse:
    return client.post("/login", data={"name": name, "password": password or OWN[name]})


def cookie_of(answer: TestResponse) -> str:
    return answer.headers["Set-Cookie"].partition("=")[2].partition(";")[0]


def with_cookie(client: FlaskClient, value: str) -> FlaskClient:
    client.set_cookie(COOKIE, value, domain="desk.clinic.example", secure=True)
    return client


def test_without_logging_in_every_page_asks_for_it(client: FlaskClient):
    for path in ("/", "/handout/printers", "/nowhere", "/password"):
        answer = client.get(path)
        assert answer.status_code == 401
        assert "Log in to the desk" in answer.text
    told = client.post("/handout/preview", json={"window": "w", "number": 1, "fields": {}}, headers=JSON)
    assert (told.status_code, told.is_json) == (401, True)


def test_the_cookie_stays_with_this_host_and_is_no_use_to_scripts_or_other_sites(client: FlaskClient):
    answer = log_in(client)
    assert (answer.status_code, answer.location) == (303, "/")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert all(f"; {part}" in f"; {cookie}" for part in ("Secure", "HttpOnly", "Path=/", "SameSite=Strict"))
    assert "Domain" not in cookie
    assert "Expires" not in cookie
    assert "Max-Age" not in cookie
    assert client.get("/").status_code == 200


def test_each_log_in_begins_a_session_that_no_browser_can_choose(client: FlaskClient):
    with_cookie(client, "chosen-by-an-attacker")
    first = cookie_of(log_in(client))
    second = cookie_of(log_in(client))
    assert len({"chosen-by-an-attacker", first, second}) == 3
    client.delete_cookie(COOKIE, domain="desk.clinic.example")
    assert with_cookie(client, first).get("/").status_code == 401, "the session before ended"
    assert with_cookie(client, second).get("/").status_code == 200


@pytest.mark.parametrize(("name", "password"), [("anna", "wrong"), ("nobody", OWN["anna"]), ("", ""), ("anna", "")])
def test_a_wrong_name_and_a_wrong_password_are_told_alike(client: FlaskClient, name: str, password: str):
    answer = client.post("/login", data={"name": name, "password": password})
    assert answer.status_code == 401
    assert "The name or the password is wrong." in answer.text
    assert "Set-Cookie" not in answer.headers


def test_what_is_no_text_is_no_password(client: FlaskClient):
    half = rb'{"name": "anna", "password": "\ud800"}'
    assert client.post("/login", data=half, content_type="application/json", headers=JSON).status_code == 401
    for body in ({"name": "anna", "password": ["x"]}, ["anna"], {"name": {"$ne": ""}}, None):
        assert client.post("/login", json=body, headers=JSON).status_code == 401


@pytest.mark.parametrize(
    "kind", ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"]
)
def test_a_stranger_can_send_little(client: FlaskClient, kind: str):
    for path in ("/login", "/handout/preview", "/logout"):
        assert client.post(path, data=b"a=1&" * 5000, content_type=kind, headers=JSON).status_code in {401, 413}
    assert client.post("/login", data=b"a=1&" * 5000, content_type=kind, headers=JSON).status_code == 413
    assert client.post("/login", data=b"[" * 10_000, content_type=kind, headers=JSON).status_code == 401


def test_whoever_fails_has_to_wait_longer_each_time_and_a_minute_at_most(client: FlaskClient, clock: Clock):
    for _ in range(5):
        assert log_in(client, password="wrong").status_code == 401
    waits = []
    for _ in range(9):
        seconds = 0
        while log_in(client, password="wrong").status_code == 429:
            clock.at += 1
            seconds += 1
        waits.append(seconds)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert log_in(client).status_code == 429, "the right password has to wait as well"
    clock.at += 60
    assert log_in(client).status_code == 303
    assert log_in(client).status_code == 303


def test_one_name_can_not_be_guessed_from_many_addresses(desk: Desk, door: UserDoor):
    answers = [
        log_in(visitor(desk, door, f"192.0.2.{number}"), password="wrong").status_code for number in range(1, 12)
    ]
    assert answers == [401] * 5 + [429] * 6


def test_a_name_in_letters_that_only_look_different_is_the_same_name(desk: Desk, door: UserDoor):
    written = ("anna", "ANNA", "\uff41nna", "a\uff4ena", "an\U0001d427a", " anna ", "ann\u24d0")
    answers = [
        log_in(visitor(desk, door, f"192.0.2.{number}"), name, "wrong").status_code
        for number, name in enumerate(written, 1)
    ]
    assert answers == [401] * 5 + [429] * 2


def test_thousands_of_names_that_are_refused_push_no_other_out_of_the_count():
    slow_down = SlowDown()
    for _ in range(5):
        assert slow_down.wait("anna", "192.0.2.1", 0) == 0
    waits = [slow_down.wait(f"user{number}", "192.0.2.2", 0) for number in range(12_000)]
    assert sum(seconds == 0 for seconds in waits) == 20
    assert slow_down.wait("anna", "192.0.2.3", 0) > 0


def test_whoever_guesses_a_name_elsewhere_locks_nobody_out_of_their_usual_machine(desk: Desk, door: UserDoor):
    usual, elsewhere = visitor(desk, door, "192.0.2.1"), visitor(desk, door, "192.0.2.2")
    assert log_in(usual).status_code == 303
    for _ in range(8):
        log_in(elsewhere, password="wrong")
    assert log_in(elsewhere).status_code == 429
    assert log_in(usual).status_code == 303
    assert log_in(elsewhere).status_code == 429, "what was tried there still counts"
    answers = [log_in(usual, password="wrong").status_code for _ in range(6)]
    assert answers == [401] * 5 + [429], "and here it is counted as well"


def test_a_new_password_that_is_no_good_does_not_wipe_out_what_was_tried_before(client: FlaskClient):
    log_in(client)
    good = {"new": "some other passphrase", "again": "some other passphrase"}
    answers = [client.post("/password", data={"old": f"guess {n}"} | good).status_code for n in range(4)]
    answers.append(client.post("/password", data={"old": "", "new": "short", "again": "short"}).status_code)
    answers += [client.post("/password", data={"old": f"guess {n}"} | good).status_code for n in range(4, 7)]
    assert answers == [422] * 6 + [429] * 2


def test_many_names_can_not_be_tried_from_one_address(client: FlaskClient):
    answers = [log_in(client, f"user{number}", "wrong").status_code for number in range(30)]
    assert answers == [401] * 20 + [429] * 10


def test_a_session_ends_when_nobody_uses_it_and_asking_how_it_stands_is_no_use(client: FlaskClient, clock: Clock):
    log_in(client)
    for _ in range(3):
        clock.at += IDLE - 1
        assert client.get("/session").get_json() == {"user": "anna", "seconds": 1}
        assert client.get("/handout/job/none", headers={**JSON, "Sec-Fetch-Mode": "cors"}).status_code == 404
        assert client.post("/session/used").status_code == 204
    clock.at += IDLE
    assert client.get("/session").get_json() == {"user": None, "seconds": 0}
    assert client.get("/").status_code == 401


def test_a_session_ends_after_twelve_hours_however_much_it_is_used(client: FlaskClient, clock: Clock):
    log_in(client)
    for _ in range(int(LONGEST / 600) - 1):
        clock.at += 600
        assert client.post("/session/used").status_code == 204
    clock.at += 600
    assert client.post("/session/used").status_code == 401


def test_logging_out_ends_the_session_at_the_server(client: FlaskClient):
    cookie = cookie_of(log_in(client))
    answer = client.post("/logout")
    assert (answer.status_code, answer.location) == (303, "/login")
    assert with_cookie(client, cookie).get("/").status_code == 401


def test_another_site_can_neither_log_in_nor_out(client: FlaskClient):
    log_in(client)
    evil = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert client.post("/logout", headers=evil).status_code == 403
    assert client.post("/login", data={"name": "ben", "password": OWN["ben"]}, headers=evil).status_code == 403
    assert client.get("/session").get_json()["user"] == "anna"


def test_a_one_time_password_leads_nowhere_but_to_ones_own(client: FlaskClient, data: Path, clock: Clock):
    with Users(data) as users:
        once = users.reset("cleo", clock(), "root")
    assert log_in(client, "cleo", once).location == "/password"
    assert client.get("/").location == "/password"
    assert client.post("/handout/preview", json={}, headers=JSON).status_code == 409
    same = {"old": once, "new": "a sentence of my own", "again": "a sentence of my own"}
    assert "same way twice" in client.post("/password", data={**same, "again": "x"}).text
    assert "12 to 128" in client.post("/password", data={**same, "new": "x", "again": "x"}).text
    assert client.post("/password", data=same).location == "/"
    assert client.get("/").status_code == 200


def test_a_changed_password_ends_all_other_sessions(desk: Desk, door: UserDoor, client: FlaskClient):
    other = visitor(desk, door)
    log_in(other)
    log_in(client)
    new = {"old": OWN["anna"], "new": "another sentence of mine", "again": "another sentence of mine"}
    assert client.post("/password", data={**new, "old": "wrong"}).status_code == 422
    assert client.post("/password", data=new).status_code == 303
    assert client.get("/").status_code == 200
    assert other.get("/").status_code == 401


@pytest.mark.parametrize("end", ["remove", "reset"])
def test_who_is_removed_or_reset_at_the_server_is_out_within_seconds(
    client: FlaskClient, data: Path, clock: Clock, end: str
):
    log_in(client, "cleo")
    with Users(data) as users:
        getattr(users, end)("cleo", clock(), "root")
    clock.at += 6
    assert client.get("/").status_code == 401


def test_yesterdays_cookie_and_one_of_another_start_let_nobody_in(desk: Desk, data: Path, clock: Clock, door: UserDoor):
    client = visitor(desk, door)
    cookie = cookie_of(log_in(client))
    clock.at += 24 * 3600
    assert client.get("/").status_code == 401
    clock.at -= 24 * 3600
    assert with_cookie(visitor(desk, UserDoor([HOST], data, clock)), cookie).get("/").status_code == 401


def test_the_key_of_a_desk_on_one_machine_is_no_way_in(client: FlaskClient, door: UserDoor):
    client.get(f"/enter/{door.invite()}")
    assert client.get("/").status_code == 401
    assert client.post("/invite", headers={"Authorization": f"Bearer {door.secret}"}).status_code == 401


def test_what_needs_a_role_is_refused_to_others_and_logged(desk: Desk, door: UserDoor, data: Path):
    sheet = f"/library/{TOPIC}/front"
    client = visitor(desk, door)
    told = {}
    for name in OWN:
        log_in(client, name)
        assert client.get(sheet).status_code == 200
        assert ("You are logged in without that role" in client.get(sheet).text) is (name == "cleo")
        told[name] = client.post(sheet).status_code
    assert told == {"anna": 200, "ben": 200, "cleo": 403}
    with Users(data) as users:
        assert [line.who for line in users.log() if line.what == "refused library.approve"] == ["cleo"]


def test_a_refusal_is_logged_once_a_minute_and_pushes_nothing_out_of_the_log(
    client: FlaskClient, data: Path, clock: Clock
):
    log_in(client, "cleo")
    for _ in range(3):
        assert {client.post(f"/library/{TOPIC}/front").status_code for _ in range(20)} == {403}
        clock.at += 61
    with Users(data) as users:
        assert [line.what for line in users.log()].count("refused library.approve") == 3


def test_nobody_pushes_the_windows_of_others_out_of_memory(desk: Desk, door: UserDoor):
    client = visitor(desk, door)
    log_in(client, "cleo")
    empty = {"number": 1, "fields": FIELDS}
    client.post("/handout/preview", json=empty | {"window": "w", "wait": "whole"})
    log_in(client, "ben")
    for number in range(Windows.MOST + 1):
        client.post("/handout/preview", json={"window": f"w{number}", "number": 1, "fields": {}})
    log_in(client, "cleo")
    assert client.get("/handout/page/w/1/1/320").status_code == 200


def test_a_desk_without_users_asks_for_no_role(desk: Desk):
    client = conftest.client_of(desk, Doorkeeper([conftest.HOST]))
    assert client.post(f"/library/{TOPIC}/front").status_code == 200


def test_what_users_do_is_recorded_with_their_names(desk: Desk, door: UserDoor, data: Path):
    codes = {}
    for name in ("anna", "cleo"):
        client = visitor(desk, door)
        log_in(client, name)
        fields = FIELDS | {"patient.identifier": [name]}
        saved = client.post("/handout/save", json={"window": "w", "fields": fields})
        codes[name] = parse_code(saved.headers["X-Document-Code"])
    with open_store(data) as store:
        for name, code in codes.items():
            assert {(event.by, event.what, event.channel) for event in store.of_code(str(code))} == {
                (name, "made", "browser")
            }


def test_a_job_works_for_who_asked_for_it(desk: Desk, door: UserDoor):
    """Also after that thread serves somebody else."""
    client = visitor(desk, door)
    go, whose = threading.Event(), list[str]()

    def work(_: Job) -> str:
        go.wait(PATIENCE)
        whose.append(desk.by)
        return "done"

    @client.application.post("/begin")
    def begin() -> str:
        return desk.jobs.start("job", work).id

    log_in(client, "cleo")
    job = desk.jobs.get(client.post("/begin").text)
    log_in(client, "ben")
    client.get("/")
    go.set()
    while job and job.state == "running":
        threading.Event().wait(0.01)
    assert whose == ["cleo"]


def test_a_window_is_its_users_alone(desk: Desk, door: UserDoor):
    cleo = visitor(desk, door)
    ben = cleo.application.test_client()
    ben.environ_base.update(cleo.environ_base)
    log_in(cleo, "cleo")
    log_in(ben, "ben")
    body = {"window": "w", "number": 1, "wait": "whole", "fields": FIELDS}
    assert cleo.post("/handout/preview", json=body).get_json()["shows"]
    assert cleo.get("/handout/page/w/1/1/320").status_code == 200
    assert ben.get("/handout/page/w/1/1/320").status_code == 404
    ben.post("/handout/close", json={"window": "w"})
    assert cleo.get("/handout/page/w/1/1/320").status_code == 200
    cleo.post("/logout")
    log_in(cleo, "cleo")
    assert cleo.get("/handout/page/w/1/1/320").status_code == 404, "logging out forgets it"


def test_a_list_is_its_users_alone(desk: Desk, door: UserDoor):
    client = visitor(desk, door)
    log_in(client, "cleo")
    rows = f"topic,options,name\n{TOPIC},botox,Maria Gonzalez\n".encode()
    opened = client.post("/list", data={"file": (io.BytesIO(rows), "list.csv")})
    assert opened.status_code == 303
    assert "Maria" in client.get(opened.location).text
    log_in(client, "ben")
    for answer in (client.get(opened.location), client.post(f"{opened.location}/close")):
        assert "Maria" not in answer.text
    assert client.get(opened.location).status_code == 404
    log_in(client, "cleo")
    assert "Maria" in client.get(opened.location).text
    client.post("/logout")
    log_in(client, "cleo")
    assert client.get(opened.location).status_code == 404, "logging out drops it"


def test_what_one_user_typed_last_is_not_offered_to_another(desk: Desk, door: UserDoor):
    cleo = visitor(desk, door)
    log_in(cleo, "cleo")
    fields = FIELDS | {"clinician": ["Dr. Quill"]}
    assert cleo.post("/handout/save", json={"window": "w", "fields": fields}).status_code == 200
    assert "Dr. Quill" in cleo.get("/").text
    log_in(cleo, "ben")
    assert 'value="Dr. Quill"' not in cleo.get("/").text


def test_the_page_says_who_is_logged_in_and_browsers_keep_to_tls(client: FlaskClient):
    log_in(client, "cleo")
    answer = client.get("/")
    assert 'data-user="cleo"' in answer.text
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "://" not in answer.text


def test_a_name_in_the_page_can_not_become_markup(desk: Desk, door: UserDoor, data: Path, clock: Clock):
    name = '"><script>alert(1)</script>{{ 7 * 7 }}'
    with Users(data) as users:
        once = users.add(name, "staff", clock(), "root")
        assert users.change_password(name, once, "some words of mine", clock(), "")
    client = visitor(desk, door)
    assert log_in(client, name, "some words of mine").status_code == 303
    page = client.get("/").text
    assert "<script>alert" not in page
    assert "49" not in page.partition("<main")[0]


def test_another_name_for_the_server_is_refused(client: FlaskClient):
    for host in ("evil.example", "desk.clinic.example", "desk.clinic.example:8443.evil.example", "192.0.2.10:8443"):
        assert client.get("/login", headers={"Host": host}).status_code == 421
    assert client.get("/login", headers={"Host": HOST, "Origin": SITE}).status_code == 200
