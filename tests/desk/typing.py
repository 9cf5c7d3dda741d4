"""What somebody types into the form, for tests: fields, and the requests of a browser that send them."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import TOPIC

JSON = {"Accept": "application/json"}
"""How a script asks."""
NAME = "Xanthippe Quill"
Fields = dict[str, list[str]]


def typed(**over: str | list[str] | None) -> Fields:
    """A form as a browser sends it, with what the keywords lay over the least there is; "__" stands for the dot."""
    fields: Fields = {"topic": [TOPIC], "options": ["botox"], "patient.name": [NAME]}
    for name, value in over.items():
        field = name.replace("__", ".")
        if value is None:
            fields.pop(field, None)
        else:
            fields[field] = value if isinstance(value, list) else [value]
    return fields


def send(client: FlaskClient, path: str, **body: Any) -> TestResponse:
    return client.post(f"/handout/{path}", json={"window": "w1"} | body, headers=JSON)


def preview(client: FlaskClient, number: int = 1, wait: str = "whole", window: str = "w1", **over: Any) -> Any:
    """What the desk tells of a preview."""
    answer = send(client, "preview", window=window, number=number, wait=wait, fields=typed(**over))
    assert answer.status_code == 200, answer.text
    return answer.get_json()
