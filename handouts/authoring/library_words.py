"""What the library says, as messages with places, read from its sources: for the catalogues of the desk.

A message is a line of a string, or of an f-string whose values are places: ``{name} can't be read``. A place is named
after what fills it. `sayings` has every string there is; `raised` those that an error, a question or a note is made
with, which is most of what staff meet. The others are parts of messages: one stands in a catalogue when somebody put it
there.
"""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterator
from functools import lru_cache
from string import Formatter

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from handouts import paths
from handouts.authoring.po import as_po
from handouts.model.language import language_name

NOT_AT_THE_DESK = {"cli", "authoring", "check"}
"""Rooms whose messages only the command line shows."""
_LAYOUT = {"stamp", "fonts", "typeset"}
"""Rooms that yield operators of PDF, not notes."""
_TELLING = {"Fault", "Question", "NoAnswer", "set_aside", "Aside", "BadLogo", "BadPicture"}
"""What tells something beside errors."""
_TELLING_FIRST = {"Leniency"}
"""What tells its first argument alone."""
_TOLD_IN = {"fault", "why", "reason", "conflict", "notice", "told"}
"""Names of arguments and variables that are told."""
_TELLS = re.compile(r"_*(?:why|describe|tell|told)(?:_|$)")
"""How the names of functions begin that give back what is told; others say so: ``-> Why`` (`handouts.errors`)."""
_TABLES = {
    "handouts/deliver/files.py": {"_WHY"},
    "handouts/desk/measuring.py": {"_ENDED"},
    "handouts/fhir/reading.py": {"_ONE_PAGE", "_NOT_OPENED", "_EMPTY", "_WARNING"},
    "handouts/fhir/server.py": {"_REASONS"},
    "handouts/lists/dates.py": {"NO_DATE", "NO_YEAR", "IMPOSSIBLE", "ZONE"},
    "handouts/lists/records.py": {"NO_PATIENT", "BLOCKED", "HEADER_AGAIN"},
    "handouts/lists/rows.py": {"_NO_LISTS"},
    "handouts/lists/workbook_parts.py": {"_OTHERS"},
    "handouts/load/markdown.py": {"_ALLOWED", "_NO_LIST"},
    "handouts/load/yamlfile.py": {"COLOR_HINT"},
    "handouts/record/story.py": {"_OUT", "_PRINTER", "_MAIL", "_FHIR", "_NO_END"},
}
"""Constants whose words are told, where no error is made with them by name."""
_PLACE = re.compile(r"[A-Za-z_]\w*")


@lru_cache(maxsize=1)
def sayings() -> dict[str, tuple[str, ...]]:
    """Every string of the sources as a message, and the files in which it stands."""
    found: dict[str, set[str]] = {}
    for file, text in _strings():
        for line in _lines(as_message(text)):
            found.setdefault(line, set()).add(file)
    for file, tree in _trees():
        for node in ast.walk(tree):
            for counted in _counted(node):
                found.setdefault(counted, set()).add(file)
    return {message: tuple(sorted(files)) for message, files in found.items()}


def _counted(node: ast.AST) -> tuple[str, ...]:
    """What `handouts.errors.plural` gives."""
    match node:
        case ast.Call(func=ast.Name("plural"), args=[_, ast.Constant(str(word))]):
            return f"1 {word}", f"{{count}} {word}s"
    return ()


@lru_cache(maxsize=1)
def raised() -> dict[str, tuple[str, ...]]:
    """Those that an error, a question or a note is made with, outside of `NOT_AT_THE_DESK`."""
    found: dict[str, set[str]] = {}
    for file, tree in _trees():
        if file.split("/")[1] not in NOT_AT_THE_DESK:
            for text in _told(file, tree):
                for line in _lines(text):
                    found.setdefault(line, set()).add(file)
    return {message: tuple(sorted(files)) for message, files in found.items() if _says_something(message)}


def _told(file: str, tree: ast.Module) -> Iterator[str]:
    """What a module makes errors with, yields, and has in its tables."""
    constants = _constants(tree)
    for name in _TABLES.get(file, ()):
        yield from (as_message(one) for one in ast.walk(constants[name]) if isinstance(one, ast.expr) and _is_text(one))
    for node in ast.walk(tree):
        for argument in _arguments(node):
            constant = constants.get(argument.id) if isinstance(argument, ast.Name) else None
            yield "\n".join(map(as_message, _texts(constant or argument)))
        if isinstance(node, ast.Yield) and node.value and file.split("/")[1] not in _LAYOUT:
            noted = node.value.elts[-1] if isinstance(node.value, ast.Tuple) else node.value
            yield from map(as_message, _texts(noted))


def _arguments(node: ast.AST) -> list[ast.expr]:
    """What a call, an assignment or a function tells."""
    if isinstance(node, ast.Call):
        name = _name(node.func)
        telling = name in _errors() or ast.unparse(node.func) == "super().__init__"
        told = node.args if telling else node.args[:1] if name in _TELLING_FIRST else ()
        return [*told, *(one.value for one in node.keywords if one.arg in _TOLD_IN)]
    if isinstance(node, ast.Assign):
        return [node.value] if {_name(one) for one in node.targets} & _TOLD_IN else []
    if isinstance(node, ast.FunctionDef) and (_TELLS.match(node.name) or _gives_why(node)):
        return [one.value for one in ast.walk(node) if isinstance(one, ast.Return) and one.value]
    return []


def _gives_why(function: ast.FunctionDef) -> bool:
    returns = ast.walk(function.returns) if function.returns else ()
    return any(isinstance(one, ast.Name) and one.id == "Why" for one in returns)


def _constants(tree: ast.Module) -> dict[str, ast.expr]:
    """The values of a module's constants by their names."""
    found: dict[str, ast.expr] = {}
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            found[node.target.id] = node.value
        elif isinstance(node, ast.Assign):
            found |= {one.id: node.value for one in node.targets if isinstance(one, ast.Name)}
    return found


def _lines(message: str) -> list[str]:
    return [line for line in map(str.strip, message.split("\n")) if line]


@lru_cache(maxsize=1)
def _errors() -> frozenset[str]:
    """The names of what errors are made with: their classes, wherever these are, and what else tells."""
    kin = {"HandoutError", "ValueError"}
    classes = [node for _file, tree in _trees() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    while more := {one.name for one in classes if {_name(base) for base in one.bases} & kin} - kin:
        kin |= more
    return frozenset(kin | _TELLING)


def _says_something(message: str) -> bool:
    """Whether it is a sentence, or part of one, and no name of a file or a key."""
    plain = "".join(text for text, *_place in Formatter().parse(message))
    return len(re.findall(r"[A-Za-z]{2,}", plain)) > 1 and " " in plain.strip()


def _texts(node: ast.expr) -> Iterator[ast.expr]:
    """The strings that an argument may be, or is put together from."""
    if isinstance(node, ast.IfExp):
        yield from [*_texts(node.body), *_texts(node.orelse)]
    elif _is_text(node):
        yield node


def _is_text(node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Add) and (_is_text(node.left) or _is_text(node.right))
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def as_message(node: ast.expr) -> str:
    """A string of the source as a message: places named, braces that are none doubled."""
    if isinstance(node, ast.Constant):
        return _template(str(node.value)) or str(node.value).replace("{", "{{").replace("}", "}}")
    names: dict[str, str] = {}
    return "".join(part if isinstance(part, str) else f"{{{_place(part, names)}}}" for part in _parts(node))


def _parts(node: ast.expr) -> Iterator[str | ast.expr]:
    """The texts of a string, and what fills its places."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value.replace("{", "{{").replace("}", "}}")
    elif isinstance(node, ast.JoinedStr):
        for value in node.values:
            yield from _parts(value)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        yield from [*_parts(node.left), *_parts(node.right)]
    else:
        yield node.value if isinstance(node, ast.FormattedValue) else node


def _template(text: str) -> str | None:
    """A plain string that `str.format` fills in, with every place named; None for any other."""
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        return None
    names = [name for _text, name, *_rest in parts if name is not None]
    if not names or not all(name == "" or _PLACE.fullmatch(name) for name in names):
        return None
    numbers = iter(["value", *(f"value{number}" for number in range(2, len(names) + 1))])
    return "".join(
        plain.replace("{", "{{").replace("}", "}}") + (f"{{{name or next(numbers)}}}" if name is not None else "")
        for plain, name, *_rest in parts
    )


def _place(value: ast.expr, names: dict[str, str]) -> str:
    """The name of a place: of the variable, attribute or function that fills it; the same for the same."""
    source = ast.unparse(value)
    if source not in names:
        name = (_name(value) or "value").lower().strip("_")
        same = sum(1 for one in names.values() if one.rstrip("0123456789") == name)
        names[source] = f"{name}{same + 1}" if same else name
    return names[source]


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    return (
        _name(node.func if isinstance(node, ast.Call) else node.value)
        if isinstance(node, ast.Call | ast.Subscript)
        else ""
    )


def _strings() -> Iterator[tuple[str, ast.expr]]:
    for file, tree in _trees():
        waiting: list[ast.AST] = [tree]
        while waiting:
            node = waiting.pop()
            if isinstance(node, ast.expr) and _is_text(node):
                yield file, node
            if isinstance(node, ast.JoinedStr):
                waiting += [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
            else:
                waiting += [child for child in ast.iter_child_nodes(node) if not _is_docstring(child)]


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


@lru_cache(maxsize=1)
def _trees() -> tuple[tuple[str, ast.Module], ...]:
    return tuple(
        (f"handouts/{path.relative_to(paths.PACKAGE).as_posix()}", ast.parse(path.read_text(encoding="utf-8")))
        for path in sorted(paths.PACKAGE.rglob("*.py"))
    )


def up_to_date(text: bytes, language: str) -> bytes:
    """A catalogue with what is raised today, and what it had beside that and is still said; translations stay.

    ``text``: of the catalogue as it is, empty to begin one.
    """
    old = read_po(io.BytesIO(text), locale=language) if text else Catalog(locale=language)
    made = Catalog(locale=language, header_comment=_HEAD.format(name=language_name(language)), fuzzy=False)
    known = {str(one.id): one for one in old if one.id and one.string}
    for message, files in sorted({**raised(), **{one: sayings()[one] for one in known if one in sayings()}}.items()):
        had = known.get(message)
        made.add(message, had.string if had else "", locations=[(file, 0) for file in files])
    return as_po(made)


_HEAD = """# What the library says at the desk, in {name}. A message is also the pattern that finds it again:
# {{name}} stands for a value. {{name!t}} in a translation: the value is a message itself.
#"""
