"""The rows of JSON Lines, of a JSON array and of a folder of requests, whose keys are already those of a request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from handouts.errors import HandoutError, RequestFault
from handouts.lists.decoding import DecodedLines
from handouts.lists.json_array import split_array
from handouts.lists.row import Listing, Row, checked, one_line
from handouts.load.requests import read_request, read_text
from handouts.load.yamlfile import Unreadable, parse_json

_SUFFIXES = (".yaml", ".yml", ".json")


def require_no_mapping(mapped: Mapping[str, str]) -> None:
    """RequestFault for --map where nothing has columns."""
    if mapped:
        raise RequestFault("--map is for the columns of CSV; the keys of requests have their own names.")


def json_array(texts: Iterable[str], lines: DecodedLines) -> Iterator[Row]:
    """The items of an array that comes in pieces."""
    return _json_rows(enumerate(split_array(iter(texts)), 1), lines)


def json_lines(texts: Iterable[str], lines: DecodedLines, above: int) -> Iterator[Row]:
    """An object on each line; ``above``: how many blank lines went before."""
    return _json_rows(((number, text) for number, text in enumerate(texts, above + 1) if text.strip()), lines)


def require_json_lines(head: str) -> None:
    """RequestFault for an object that goes over several lines."""
    try:
        parse_json(head, "")
    except Unreadable:
        if not head.rstrip().endswith("}"):
            raise RequestFault(
                "The list begins with a JSON object that goes over several lines. Write each request on one line "
                "(JSON Lines), or all of them into one array: [{...}, {...}]."
            ) from None


def _json_rows(numbered: Iterable[tuple[int, str]], lines: DecodedLines) -> Iterator[Row]:
    for number, text in numbered:
        try:
            yield checked(Row(number, parse_json(text, "").data, at=lines.passed))
        except Unreadable as error:
            yield Row(number, None, "; ".join(fault.message for fault in error.faults), lines.passed)


def folder(source: Path) -> Listing:
    """The requests in a folder, sorted by name. OSError when it may not be looked into."""
    paths = sorted(path for path in source.iterdir() if path.suffix.lower() in _SUFFIXES and path.is_file())
    if not paths:
        raise RequestFault("The folder holds no request (.yaml, .yml or .json).")
    return Listing(_folder_rows(paths), size=len(paths))


def _folder_rows(paths: list[Path]) -> Iterator[Row]:
    for number, path in enumerate(paths, 1):
        try:
            yield Row(number, read_request(read_text(path), "the request").data, at=number)
        except HandoutError as error:
            yield Row(number, None, one_line(error, path.name), number)
