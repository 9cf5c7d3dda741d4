"""A clinic's maps of lists: what the columns of each kind of list mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from handouts.load.collector import Reader
from handouts.load.known_files import LISTS
from handouts.model.list_map import ListMap


def load_list_maps(content: Path, clinic: str) -> Mapping[str, ListMap]:
    """By name. ContentFault with every fault in their files, and where two are for the same header."""
    reader = Reader(content)
    found: dict[str, ListMap] = {}
    for path in list_maps(content, clinic):
        made = reader.model(ListMap, path)
        if made is None:
            continue
        other = next((name for name, one in found.items() if one.fingerprint == made.fingerprint), None)
        if other:
            reader.add(path, f"is for the same header as {other}.yaml; delete one of the two")
        found[path.stem] = made
    reader.raise_if_any("The clinic's maps of lists can't be used yet. Fix these:")
    return found


def list_maps(content: Path, clinic: str) -> Iterator[Path]:
    """Their files, sorted."""
    yield from sorted((content / "clinics" / clinic / LISTS).glob("*.yaml"))
