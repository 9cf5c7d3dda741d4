"""Step 1, load, for one patient: the text of a request, a clinic's preset under it, flags over it -> a Request."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

from handouts.errors import ContentFault, Fault, RequestFault, count_problems, nearest, quote_if_known
from handouts.load.collector import Reader
from handouts.load.layers import lay_over
from handouts.load.library import clinic_ids, unknown
from handouts.load.validation import validate
from handouts.load.yamlfile import MAX_BYTES, Parsed, Unreadable, parse
from handouts.model.request import Request

_LEAST = {"topic": "any", "options": ["any"], "patient": {"name": "any"}}
"""What a partial request lacks, so that the rest of it can be looked at."""


def parse_request(text: str, file: str) -> Request:
    """YAML or JSON text -> a Request; ``file`` names it in messages. RequestFault with every fault at once."""
    return build_request(read_request(text, file))


def read_request(text: str, file: str) -> Parsed:
    """The keys and values of a request, not yet validated: flags and presets lie over and under them. RequestFault."""
    try:
        return _mapping(text, file)
    except Unreadable as error:
        raise RequestFault("The request can't be read:", faults=error.faults) from None


def build_request(parsed: Parsed) -> Request:
    """The validated request; RequestFault with every fault at once, and no value of it in the message."""
    try:
        return validate(Request, parsed)
    except Unreadable as error:
        raise RequestFault(f"The request has {count_problems(error.faults)}:", faults=error.faults) from None


def load_preset(content: Path, clinic: Any, name: str) -> dict[str, Any]:
    """The values of a clinic's preset, a partial request.

    RequestFault for an unknown clinic or preset, ContentFault with every fault in the preset's file.
    """
    if clinic not in clinic_ids(content):
        raise RequestFault(unknown("clinic", clinic, clinic_ids(content)))
    folder = content / "clinics" / clinic / "presets"
    known = sorted(path.stem for path in folder.glob("*.yaml"))
    if name not in known:
        hint = nearest(name, known, what="presets")
        raise RequestFault(f"There is no preset{quote_if_known(name, known)} for {clinic}. {hint}")
    path = folder / f"{name}.yaml"
    file = path.relative_to(content).as_posix()
    reader = Reader(content)
    text = reader.text(path) or ""
    reader.raise_if_any("The preset can't be used. Fix these:")
    try:
        parsed = _mapping(text, file)
        validate(Request, replace(parsed, data=lay_over(_LEAST, parsed.data)))
    except Unreadable as error:
        raise ContentFault(f"The preset has {count_problems(error.faults)}:", faults=error.faults) from None
    return dict(parsed.data)


def check_flags(over: Mapping[str, Any]) -> None:
    """RequestFault with every fault in the flags that lie over a request, told apart from the request's own."""
    try:
        validate(Request, Parsed(lay_over(_LEAST, over), {}, "the command line"))
    except Unreadable as error:
        raise RequestFault(f"The flags have {count_problems(error.faults)}:", faults=error.faults) from None


def _mapping(text: str, file: str) -> Parsed:
    parsed = parse(text, file)
    if not isinstance(parsed.data, dict):
        raise Unreadable(Fault(file, 0, "must hold keys and values, such as 'topic: hemifacial-spasm'"))
    return parsed


def read_text(path: Path) -> str:
    """A request file's text. RequestFault when it isn't there, is a folder, or is not UTF-8."""
    try:
        if stat.S_ISDIR(path.stat().st_mode):
            raise RequestFault(f"{path.name or path} is a folder. Name the file of the request.")
        with path.open("rb") as file:
            return read_stream(file, path.name)
    except (FileNotFoundError, NotADirectoryError):
        raise RequestFault(f"There is no file {path.name}. Check the name, or use - to read standard input.") from None
    except OSError as error:
        raise RequestFault(f"{path.name} can't be read: {error.strerror}.") from None


def read_stream(stream: BinaryIO, name: str) -> str:
    """The text of a stream, no more of it than a request may hold. RequestFault when it is not UTF-8, or too long."""
    data = stream.read(4 * MAX_BYTES + 1)
    if len(data) > 4 * MAX_BYTES:
        raise RequestFault(f"{name} is too large to be a request.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RequestFault(f"{name} is not UTF-8 text; save it as UTF-8.") from None
