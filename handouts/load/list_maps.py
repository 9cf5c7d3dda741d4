"""A clinic's maps of lists: what the columns of each kind of list mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from handouts.errors import Fault
from handouts.load.collector import Reader
from handouts.load.known_files import LISTS
from handouts.model.list_map import ListMap


def load_list_maps(content: Path, clinic: str) -> Mapping[str, ListMap]:
    """By name. ContentFault with every fault in their files."""
    reader = Reader(content)
    found: dict[str, ListMap] = {}
    for path in list_maps(content, clinic):
        made = reader.model(ListMap, path)
        if made is not None:
            found[path.stem] = made
    reader.raise_if_any("The clinic's maps of lists can't be used yet. Fix these:")
    return found


def twin_maps(content: Path, clinic: str) -> Iterator[Fault]:
    """Maps for the columns that another one is for; of lists with these columns, and of no others, none can be read."""
    reader, first = Reader(content), dict[str, str]()
    for path in list_maps(content, clinic):
        made = reader.model(ListMap, path)
        if made and first.setdefault(made.fingerprint, path.stem) != path.stem:
            yield Fault(reader.name(path), 0, same_header(first[made.fingerprint]))


def same_header(other: str) -> str:
    """What is wrong with a map whose columns another one is for."""
    return f"is for the same header as {other}.yaml; delete one of the two"


def list_maps(content: Path, clinic: str) -> Iterator[Path]:
    """Their files, sorted."""
    yield from sorted((content / "clinics" / clinic / LISTS).glob("*.yaml"))
