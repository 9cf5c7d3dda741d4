"""Who may work at a desk on a network: added and reset at the server, checked in even time, logged without patients."""

from __future__ import annotations

import re
import stat
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from click.testing import CliRunner, Result

from handouts.cli import cli
from handouts.desk.passwords import Passwords
from handouts.desk.users import MOST_LOGGED, ONCE, User, Users
from handouts.errors import Refused, RequestFault

OWN = "correct horse battery"
NOW = 1_790_000_000.0
HERE = "192.0.2.7"


@pytest.fixture
def users(tmp_path: Path) -> Iterator[Users]:
    with Users(tmp_path) as there:
        yield there


@pytest.fixture
def anna(users: Users) -> User:
    """An administrator with a password of her own."""
    once = users.add("Anna", "administrator", NOW, "root")
    changed = users.change_password("anna", once, OWN, NOW, HERE)
    assert changed is not None
    return changed


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Result]:
    """`desk users`, with that folder."""
    return lambda *args: CliRunner().invoke(cli, ["desk", "users", *args, "--data", str(tmp_path)])


def test_the_first_password_lets_in_once_and_has_to_be_replaced(users: Users):
    once = users.add("Anna", "administrator", NOW, "root")
    user = users.check("anna", once, NOW + ONCE - 1, HERE)
    assert user is not None
    assert user.once
    changed = users.change_password("anna", once, OWN, NOW, HERE)
    assert changed is not None
    assert not changed.once
    assert changed.stamp != user.stamp
    assert users.check("anna", once, NOW, HERE) is None
    assert users.check("ANNA", OWN, NOW + 10 * ONCE, HERE) == changed


@pytest.mark.parametrize("meanwhile", ["changed", "reset"])
def test_of_two_who_change_a_password_at_once_the_second_gets_nothing(
    users: Users, anna: User, monkeypatch: pytest.MonkeyPatch, meanwhile: str
):
    """Both knew the old one when they asked; a session of the second would outlive the change of the first."""
    real = users.passwords.hash

    def slowly(password: str) -> str:
        monkeypatch.setattr(users.passwords, "hash", real)
        if meanwhile == "changed":
            assert users.change_password("anna", OWN, "orange bicycle river", NOW, HERE)
        else:
            users.reset("anna", NOW, "root")
        return real(password)

    monkeypatch.setattr(users.passwords, "hash", slowly)
    assert users.change_password("anna", OWN, "window kettle purple", NOW, HERE) is None
    assert users.check("anna", "window kettle purple", NOW, HERE) is None
    assert [line.what for line in users.log()][-2:] == ["failed to change the password", "failed"]
    assert (users.check("anna", "orange bicycle river", NOW, HERE) is None) is (meanwhile == "reset")
    assert anna.stamp != (users.get("anna") or anna).stamp


def test_a_first_password_that_nobody_used_in_three_days_lets_nobody_in(users: Users):
    once = users.add("Anna", "administrator", NOW, "root")
    assert users.check("anna", once, NOW + ONCE, HERE) is None
    assert users.log()[-1].what == "one-time password too old"


@pytest.mark.parametrize(
    "bad", ["short", "x" * 129, "aaaaaaaaaaaabb", "my Password is it", "qwertyuiop asdf", "I am called anna"]
)
def test_a_password_that_would_be_guessed_is_refused(users: Users, anna: User, bad: str):
    with pytest.raises(RequestFault):
        users.change_password("anna", OWN, bad, NOW, HERE)
    assert users.check("anna", OWN, NOW, HERE) == anna


@pytest.mark.parametrize(
    "good", ["correct horse battery", "una frase larga con ñ", "密码是这个很长的句子不会忘", "x9! kL0? " * 8]
)
def test_a_password_may_hold_any_characters(users: Users, good: str):
    once = users.add("Anna", "administrator", NOW, "root")
    assert users.change_password("anna", once, good, NOW, HERE)
    assert users.check("anna", good, NOW, HERE)


@pytest.mark.usefixtures("anna")
def test_what_is_kept_is_argon2id_with_the_parameters_of_owasp_and_no_use_without_the_key(users: Users, tmp_path: Path):
    kept = users.look("SELECT hash FROM users")[0]["hash"]
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert users.passwords.fits(kept, OWN)
    assert not Passwords(b"another key of this length").fits(kept, OWN)
    for file in tmp_path.iterdir():
        assert OWN.encode() not in file.read_bytes()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_hash_of_earlier_parameters_is_renewed_when_its_user_logs_in(users: Users, anna: User):
    old = Passwords(users.key, PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)).hash(OWN)
    with users.change() as connection:
        connection.execute("UPDATE users SET hash = ?", (old,))
    assert users.check("anna", "wrong", NOW, HERE) is None
    assert users.look("SELECT hash FROM users")[0]["hash"] == old
    assert users.check("anna", OWN, NOW, HERE) == anna
    assert "m=19456,t=2" in users.look("SELECT hash FROM users")[0]["hash"]
    assert users.check("anna", OWN, NOW, HERE) == anna


@pytest.mark.usefixtures("anna")
def test_an_unknown_name_takes_as_long_as_a_wrong_password(users: Users):
    users.prepare()

    def seconds(name: str) -> float:
        start = time.process_time()
        assert users.check(name, "a wrong password", NOW, HERE) is None
        return time.process_time() - start

    known, unknown = [], []
    for _ in range(15):
        known.append(seconds("anna"))
        unknown.append(seconds("nobody"))
    ratio = statistics.median(unknown) / statistics.median(known)
    assert 0.7 < ratio < 1.4


@pytest.mark.usefixtures("anna")
def test_the_log_says_who_came_from_where_and_not_what_a_stranger_typed(users: Users):
    users.check("anna", "wrong", NOW, HERE)
    users.check("my password by mistake", "wrong", NOW, HERE)
    users.check("anna", OWN, NOW, HERE)
    told = [(line.what, line.who, line.where) for line in users.log()]
    assert told[:2] == [("added as administrator", "Anna", "by root"), ("password changed", "Anna", HERE)]
    assert told[2] == ("failed", "Anna", HERE)
    assert re.fullmatch(r"unknown [0-9a-f]{8}", told[3][1])
    assert told[4] == ("logged in", "Anna", HERE)


def test_the_log_is_bounded_and_the_oldest_lines_go_first(users: Users, monkeypatch: pytest.MonkeyPatch):
    assert MOST_LOGGED == 100_000
    monkeypatch.setattr("handouts.desk.users.MOST_LOGGED", 5)
    for number in range(9):
        users.note(NOW + number, "tested", "", "")
    assert [line.at for line in users.log()] == [NOW + 4, NOW + 5, NOW + 6, NOW + 7, NOW + 8]


@pytest.mark.usefixtures("anna")
def test_the_last_administrator_stays(users: Users):
    with pytest.raises(Refused, match="last administrator"):
        users.remove("anna", NOW, "root")
    users.add("Ben", "administrator", NOW, "root")
    assert users.remove("ANNA", NOW, "root") == "Anna"
    assert users.check("anna", OWN, NOW, HERE) is None


def test_who_comes_first_is_an_administrator_and_nobody_comes_twice(users: Users):
    with pytest.raises(Refused, match="--may administer"):
        users.add("Ben", "staff", NOW, "root")
    users.add("Anna", "administrator", NOW, "root")
    for same in ("anna", " ANNA ", "Ａｎｎａ"):
        with pytest.raises(Refused, match="already"):
            users.add(same, "staff", NOW, "root")


@pytest.mark.parametrize("name", ["", "  ", "x" * 65, "a\x00b", "-x"])
def test_what_is_no_name_is_refused(users: Users, name: str):
    with pytest.raises(RequestFault):
        users.add(name, "administrator", NOW, "root")


def test_roles_allow_what_they_say(users: Users):
    users.add("Anna", "administrator", NOW, "root")
    users.add("Ben", "approver", NOW, "root")
    users.add("Cleo", "staff", NOW, "root")
    may = {user.name: (user.may("approve"), user.may("administer")) for user in users.all()}
    assert may == {"Anna": (True, True), "Ben": (True, False), "Cleo": (False, False)}


def test_the_commands_add_list_reset_and_remove(run: Callable[..., Result]):
    added = run("add", "anna", "--may", "administer", "--by", "root")
    assert added.exit_code == 0, added.output
    assert len(added.stdout.split()) == 4
    assert run("add", "ben", "--may", "approve").exit_code == 0
    assert run("add", "cleo").exit_code == 0
    assert run("list").stdout.splitlines() == [
        "anna  administrator, has a one-time password",
        "ben  approver, has a one-time password",
        "cleo  staff, has a one-time password",
    ]
    again = run("reset", "anna")
    assert again.stdout.strip() != added.stdout.strip()
    assert run("reset", "nobody").exit_code == RequestFault.exit_code
    assert run("remove", "anna").exit_code == Refused.exit_code
    assert run("remove", "cleo").exit_code == 0
    told = run("log").stdout.splitlines()
    assert "added as administrator: anna  by root" in told[0]
    assert len(told) == 5
    assert not any(added.stdout.strip() in line for line in told)


def test_the_folder_may_stand_before_the_command(tmp_path: Path):
    done = CliRunner().invoke(cli, ["desk", "--data", str(tmp_path), "users", "add", "anna", "--may", "administer"])
    assert done.exit_code == 0, done.output
    with Users(tmp_path) as there:
        assert there.get("anna")
