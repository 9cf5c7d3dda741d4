"""Logging in and out at a desk on a network: the doorkeeper that knows users, and its pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, cast

from flask import Blueprint, Response, abort, current_app, g, jsonify, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from handouts.batch.lru import LRU
from handouts.desk.guard import Doorkeeper, door_of, wants_json
from handouts.desk.passwords import LONGEST, SHORTEST
from handouts.desk.roles import lacks
from handouts.desk.sessions import Session, Sessions, SlowDown
from handouts.desk.state import act_for
from handouts.desk.users import User, Users, user_id
from handouts.desk.words import _, ngettext
from handouts.errors import Refused, RequestFault

blueprint = Blueprint("login", __name__)
MOST_BEFORE = 16 * 1024
"""Bytes that somebody who is not logged in may send: reading megabytes of fields takes seconds."""
_NOTED_AGAIN = 60.0
"""Seconds after which a refusal of the same kind is noted once more."""
_LOOK_AGAIN = 5.0
"""Seconds after which it is asked again whether a user is still one."""
_NO_USE = frozenset({"login.state", "login.log_in", "handout.close", "day_list.here", "day_list.leave"})
"""Endpoints that pages call by themselves."""
_WITH_ONE_TIME_PASSWORD = frozenset({"login.choose", "login.change", "login.log_out", "login.state", "static", "fonts"})


class UserDoor(Doorkeeper):
    """Lets in who has a name and a password. ``folder``: of the users; ``now``: seconds since 1970."""

    screens = (blueprint,)
    open_to_all = frozenset({"static", "fonts", "login.log_in", "login.state", "infobutton.answer", "tongue.choose"})

    def __init__(self, hosts: Iterable[str], folder: Path, now: Callable[[], float]) -> None:
        super().__init__(hosts, "https")
        self.cookie = "__Host-desk"
        self.folder, self.now = folder, now
        self.sessions, self.slow_down = Sessions(), SlowDown()
        self.places = set[str]()
        """Addresses from which somebody has logged in."""
        self._refused: LRU[tuple[str, str], float] = LRU()
        with Users(folder) as users:
            users.prepare()

    def admits(self) -> bool:
        """Whether the request comes from somebody who is logged in; what it does is then done by that user."""
        g.user = None
        act_for(None)
        session = self.session()
        if session is None:
            request.max_content_length = MOST_BEFORE
            return False
        g.user = session.user
        act_for(session.user.name)
        if _is_use():
            session.used = self.now()
        return True

    def turns_away(self) -> AnyResponse | None:
        """Where a user may not go: to their own password first, or without the role for it."""
        user: User | None = g.user
        if user is None or request.endpoint in self.open_to_all:
            return None
        if user.once and request.endpoint not in _WITH_ONE_TIME_PASSWORD:
            if wants_json():
                raise Refused(_("Choose your own password first: reload the page."))
            return redirect("/password", 303)
        if lacks(current_app, request, user):
            self._note_refusal(user, request.endpoint or "")
            abort(403)
        return None

    def _note_refusal(self, user: User, endpoint: str) -> None:
        """Once a minute: nobody can push what they did before out of the log."""
        noted = self._refused.recall((user.name, endpoint))
        if noted is None or self.now() - noted > _NOTED_AGAIN:
            self._refused.keep((user.name, endpoint), self.now())
            self.note(f"refused {endpoint}", user.name)

    def note(self, what: str, who: str) -> None:
        """A line of the log about the request that is answered."""
        with Users(self.folder) as users:
            users.note(self.now(), what, who, _place())

    def locked(self) -> Response:
        """The page to log in, or for a script that one has to."""
        if wants_json():
            return make_response(jsonify(error=_("You are logged out. Log in to go on."), faults=[]), 401)
        return _page("")

    def session(self) -> Session | None:
        """The session of the request, if its user is still one and has the same password and role."""
        cookie, now = request.cookies.get(self.cookie), self.now()
        found = self.sessions.find(cookie, now)
        if found and now - found.checked > _LOOK_AGAIN:
            with Users(self.folder) as users:
                user = users.get(found.user.name)
            if user is None or user.stamp != found.user.stamp:
                self.sessions.end(cookie)
                return None
            found.checked = now
        return found

    def let_in(self, response: AnyResponse, user: User) -> AnyResponse:
        """A new session, and the cookie that stands for it."""
        self.sessions.end(request.cookies.get(self.cookie))
        cookie = self.sessions.begin(user, self.now())
        self.places.add(_place())
        response.set_cookie(self.cookie, cookie, secure=True, httponly=True, samesite="Strict", path="/")
        return response


def _door() -> UserDoor:
    return cast(UserDoor, door_of(current_app))


def _is_use() -> bool:
    """Whether a person did something: not what a page asks for by itself, such as how a job goes, or a picture."""
    if request.endpoint in _NO_USE:
        return False
    if request.method not in {"GET", "HEAD"}:
        return True
    mode = request.headers.get("Sec-Fetch-Mode")
    return mode == "navigate" if mode else not wants_json()


def _place() -> str:
    return request.remote_addr or ""


def _page(why: str, status: int = 401) -> Response:
    return make_response(render_template("login.html.j2", why=why, longest=LONGEST), status)


@blueprint.route("/login", methods=["GET", "POST"])
def log_in() -> AnyResponse:
    """The page; with a name and a password, a new session."""
    door = _door()
    request.max_content_length = MOST_BEFORE
    if request.method == "GET":
        return _page("", 200)
    name, password = _typed("name"), _typed("password")
    seconds = door.slow_down.wait(user_id(name), _place(), door.now())
    if seconds:
        return _not_in(_wait(seconds), 429)
    with Users(door.folder) as users:
        user = users.check(name, password, door.now(), _place())
    if user is None:
        return _not_in(_("The name or the password is wrong."), 401)
    door.slow_down.succeeded(user_id(name), _place())
    told = jsonify(user=user.name, once=user.once)
    return door.let_in(told if wants_json() else redirect("/password" if user.once else "/", 303), user)


def _wait(seconds: float) -> str:
    return ngettext(
        "Too many tries failed. Try again in %(num)s second.", "Too many tries failed. Try again in %(num)s seconds.",
        int(seconds) + 1,
    )  # fmt: skip


def _not_in(why: str, status: int) -> AnyResponse:
    if wants_json():
        return make_response(jsonify(error=why, faults=[]), status)
    return _page(why, status)


def _typed(name: str) -> str:
    """A field of a form or of a script's JSON; empty for what is no text, or too long to be one of ours."""
    body: Any = request.get_json(silent=True) if request.is_json else request.form
    value = body.get(name) if isinstance(body, Mapping) else None
    return value if isinstance(value, str) and len(value) <= 2 * LONGEST else ""


@blueprint.get("/session")
def state() -> Response:
    """Who is logged in, and for how many seconds if nothing is done. Asking is no use."""
    door = _door()
    session = door.session()
    if session is None:
        return make_response(jsonify(user=None, seconds=0))
    return make_response(jsonify(user=session.user.name, seconds=int(session.left(door.now()))))


@blueprint.post("/session/used")
def used() -> Response:
    """Somebody types or points, though nothing else is sent."""
    return Response(status=204)


@blueprint.post("/logout")
def log_out() -> AnyResponse:
    """End the session, and forget what its windows showed if it was the user's last."""
    door, user = _door(), g.user
    door.sessions.end(request.cookies.get(door.cookie))
    if not door.sessions.has(user.name):
        for kept in ("desk-windows", "desk-lists"):
            if windows := current_app.extensions.get(kept):
                windows.close_all(user.name)
    door.note("logged out", user.name)
    response = redirect("/login", 303)
    response.delete_cookie(door.cookie, secure=True, httponly=True, samesite="Strict", path="/")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@blueprint.get("/password")
def choose() -> str:
    """The page to change one's password."""
    return _password_page("")


@blueprint.post("/password")
def change() -> AnyResponse | str:
    """Change it: all other sessions of the user end."""
    door, user, new = _door(), g.user, request.form.get("new", "")
    if new != request.form.get("again", ""):
        return make_response(_password_page(_("The new password was not typed the same way twice.")), 422)
    if seconds := door.slow_down.wait(user_id(user.name), _place(), door.now()):
        return make_response(_password_page(_wait(seconds)), 429)
    try:
        with Users(door.folder) as users:
            changed = users.change_password(user.name, request.form.get("old", ""), new, door.now(), _place())
    except RequestFault as fault:
        door.slow_down.was_none(user_id(user.name), _place())
        return make_response(_password_page(fault.message), 422)
    if changed is None:
        return make_response(_password_page(_("That is not your present password.")), 422)
    door.slow_down.succeeded(user_id(user.name), _place())
    door.sessions.end_all(user.name)
    return door.let_in(redirect("/", 303), changed)


def _password_page(why: str) -> str:
    return render_template("password.html.j2", why=why, shortest=SHORTEST, longest=LONGEST)
