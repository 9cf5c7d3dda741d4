"""Who may come in, and what a browser may do with a page.

Another user of this machine reaches the same port, and any site in the browser may send requests to it. So: a key that
an address carries once and that becomes a cookie; Host checked (DNS rebinding); Origin and Sec-Fetch-Site checked on
whatever is not a look at a page (OWASP: Cross-Site Request Forgery Prevention); a strict Content-Security-Policy.
"""

from __future__ import annotations

import hmac
import secrets
import threading
from collections.abc import Iterable

from flask import Blueprint, Flask, Response, abort, jsonify, make_response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from handouts.desk.words import N_, _

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-src blob:; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # with no-referrer, a form's POST would have the Origin "null" (Fetch, 3.1)
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}


class Doorkeeper:
    """The keys of one start. ``hosts``: what a Host header may say, such as 127.0.0.1:8765."""

    screens: tuple[Blueprint, ...] = ()
    """Pages of its own."""
    open_to_all = frozenset({"static", "fonts", "guard.enter", "guard.invite", "infobutton.answer", "tongue.choose"})
    """The endpoints that need no key."""

    def __init__(self, hosts: Iterable[str], scheme: str = "http") -> None:
        self.hosts = frozenset(hosts)
        self.origins = frozenset(f"{scheme}://{host}" for host in self.hosts)
        self.secure = scheme == "https"
        self.cookie = f"desk-{next(iter(sorted(self.hosts))).rpartition(':')[2]}"
        """Browsers send a cookie to every port of a host: its name has the port."""
        self._inside = secrets.token_urlsafe(32)
        self.secret = secrets.token_urlsafe(32)
        """Lets whoever knows it invite a browser: it stands in a file that only the desk's user can read."""
        self._once: set[str] = set()
        self._lock = threading.Lock()

    def invite(self) -> str:
        """A key that lets one browser in, once."""
        key = secrets.token_urlsafe(32)
        with self._lock:
            self._once.add(key)
        return key

    def admit(self, key: str) -> str | None:
        """The cookie's value for a key that was not used before; None for any other."""
        with self._lock:
            found = next((one for one in self._once if hmac.compare_digest(one.encode(), key.encode())), None)
            if found is None:
                return None
            self._once.remove(found)
        return self._inside

    def knows(self, cookie: str | None) -> bool:
        """Whether a cookie is the one of this start."""
        return cookie is not None and hmac.compare_digest(cookie.encode(), self._inside.encode())

    def admits(self) -> bool:
        """Whether the request comes from a browser that was let in."""
        return self.knows(request.cookies.get(self.cookie))

    def turns_away(self) -> AnyResponse | None:
        """An answer instead of the page, for one who was let in but may not go there. Here: none."""
        return None

    def note(self, what: str, who: str) -> None:
        """Something that who looks after the desk should find in its log. Here: there is none."""

    def locked(self) -> Response:
        """The answer to one who was not let in."""
        if wants_json():
            return make_response(jsonify(error=_(ANEW)), 403)
        return make_response(render_template("locked.html.j2"), 403)


def door_of(app: Flask) -> Doorkeeper:
    """The doorkeeper of an application."""
    door: Doorkeeper = app.extensions["desk-door"]
    return door


def wants_json() -> bool:
    """Whether a script asks, not a person."""
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


ANEW = N_(
    "The desk was started anew and does not know this window yet. Open it once more, as you always do, and go on here: "
    "what you typed is still here."
)
"""To a window whose cookie is of an earlier start: the new one is for all windows of the browser."""


def guard(app: Flask, door: Doorkeeper) -> None:
    """Check every request before its view, and set the headers of every answer."""

    app.extensions["desk-door"] = door
    for screen in door.screens:
        app.register_blueprint(screen)

    @app.before_request
    def check() -> AnyResponse | None:
        if request.headers.get("Host", "") not in door.hosts:
            abort(421)
        _require_own_site(door)
        if door.admits():
            return door.turns_away()
        return None if request.endpoint in door.open_to_all else door.locked()

    @app.after_request
    def protect(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers[name] = value
        if request.endpoint == "infobutton.answer":  # its address is the health record's, and holds what a patient has
            response.headers["Referrer-Policy"] = "no-referrer"
        if door.secure:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        return response

    @app.post("/invite", endpoint="guard.invite")
    def invite() -> Response:
        """A key for another window, for a program of the same user that shows the secret."""
        if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {door.secret}".encode()):
            abort(403)
        return make_response(door.invite())

    @app.get("/enter/<key>", endpoint="guard.enter")
    def enter(key: str) -> Response:
        """Not a redirect: a browser that came from elsewhere would not send the cookie along with it."""
        cookie = door.admit(key)
        if cookie is None:
            return door.locked()
        response = make_response(render_template("enter.html.j2"))
        response.set_cookie(door.cookie, cookie, httponly=True, samesite="Strict", secure=request.is_secure, path="/")
        return response


def _require_own_site(door: Doorkeeper) -> None:
    """403 for what another site sends, and for a change of which the browser does not say where it comes from."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if origin is not None and origin not in door.origins:
        abort(403)
    looks = request.method in {"GET", "HEAD"}
    if (
        looks
        and request.headers.get("Sec-Fetch-Mode") == "navigate"
        and request.headers.get("Sec-Fetch-Dest") == "document"
    ):
        return
    if site is not None and site not in {"same-origin", "none"}:
        abort(403)
    if not looks and origin is None and site != "same-origin":
        abort(403)
