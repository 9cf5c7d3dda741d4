"""Columns that nobody has described: what their usual names say that they are for. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from handouts.errors import Fault, RequestFault, shown
from handouts.lists import usual_names as usual
from handouts.lists.header import PLAIN_PATHS
from handouts.model.list_map import ORDER, plain_name
from handouts.model.request_paths import BORN, NAME, NEXT, VISIT, is_path

Targets = dict[str, tuple[int, ...]]
"""The columns that fill each path of a request."""
_ALONE = frozenset({NAME, BORN, VISIT, NEXT, "patient.identifier", "patient.email"})
"""Of these, two columns of the same rank are refused; of the others, the first is taken."""


def targets_by_usual_names(
    free: Mapping[int, str], taken: set[str], *, own: bool, first_of_two: bool = False
) -> Targets:
    """The columns whose names say what they are. RequestFault where two of them say the same."""
    found, faults = _best({n: name for n, name in free.items() if not (own and is_path(plain_name(name)))}, taken)
    if faults and not first_of_two:
        raise RequestFault("The columns of the list can't be used. Say which to take, with --map:", faults=faults)
    parts = {role: found.pop(role) for role in usual.NAME_PARTS if role in found}
    whole = found.get(NAME)
    if whole is not None and usual.LAST in parts and usual.FIRST not in parts and _is_generic(free[whole]):
        parts[usual.FIRST] = found.pop(NAME)
    targets: Targets = {role: (number,) for role, number in found.items()}
    if NAME not in targets and NAME not in taken and usual.LAST in parts:
        targets[NAME] = tuple(parts[role] for role in usual.NAME_PARTS if role in parts)
    if usual.NEXT_TIME in targets:
        at = targets.pop(usual.NEXT_TIME)
        if NEXT in targets:
            targets[NEXT] += at
    if NEXT not in targets and NEXT not in taken:
        targets = {path: numbers for path, numbers in targets.items() if not path.startswith("appointment.")}
    for role in (usual.DIAGNOSIS, usual.TREATMENTS):
        targets.pop(role, None)
    return targets


def _is_generic(name: str) -> bool:
    return usual.fold(name) in usual.GENERIC


def _best(free: Mapping[int, str], taken: set[str]) -> tuple[dict[str, int], list[Fault]]:
    """The column of each role, and columns that want the same one. Names with two meanings come last."""
    meanings = {number: _meanings(name) for number, name in free.items()}
    best: dict[str, tuple[int, int]] = {}
    tied: dict[str, int] = {}
    for number in sorted(meanings, key=lambda one: len(meanings[one])):
        for role, rank in meanings[number]:
            if role in taken:
                continue
            if role not in best or rank < best[role][0]:
                best[role] = (rank, number)
                tied.pop(role, None)
                break
            if rank == best[role][0] and len(meanings[number]) == 1:
                tied.setdefault(role, number)
                break
    faults = [
        Fault("", 0, f"column '{shown(free[number])}': a second column for {role}; to leave it out, say "
                     f"--map '{_told_apart(number, free)}='")
        for role, number in tied.items() if role in _ALONE
    ]  # fmt: skip
    return {role: number for role, (_, number) in best.items()}, faults


def _told_apart(number: int, free: Mapping[int, str]) -> str:
    """How --map names a column: with "#2" where it is the second of its name."""
    before = [one for one, name in free.items() if one <= number and plain_name(name) == plain_name(free[number])]
    return shown(free[number].strip()) + (f"#{len(before)}" if len(before) > 1 else "")


def _meanings(name: str) -> list[tuple[str, int]]:
    """What a column's name may mean; the day before the time."""
    plain = plain_name(name)
    if plain in PLAIN_PATHS and is_path(plain):
        return [(plain, -1)]
    return sorted(usual.roles(name), key=lambda pair: pair[0] == ORDER)
