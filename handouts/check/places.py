"""Where a finding stands: the line of its sentence, or of its part, in the file that it names.

A sentence is looked for by its words, so marks, references and line breaks between them don't matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from handouts.check.findings import Finding
from handouts.check.reading import WORD

_REFERENCE = re.compile(r"\{[^}\s]*\}")
_RUNS = (8, 4, 2, 1)
"""How many words in a row are looked for, the longest first: a number from topic.yaml parts those of the file."""


def located(findings: Iterable[Finding], content: Path, topic: str = "") -> Iterator[Finding]:
    """``findings`` in files under ``content``, or of a ``topic`` in it, with the paths of their files; those that are
    not well with their lines, too.
    """
    paths: dict[str, Path | None] = {}
    files: dict[Path, _Text] = {}
    for finding in findings:
        name, parted, part = finding.where.partition(": ")
        if name not in paths:
            paths[name] = _find(name, content, topic)
        path = paths[name]
        if path is None:
            missing = topic and name.startswith(f"{topic}/")
            yield replace(finding, where=f"topics/{finding.where}") if missing else finding
            continue
        finding = replace(finding, where=f"{path.relative_to(content).as_posix()}{parted}{part}")
        if finding.level == "ok" or finding.line:
            yield finding
            continue
        text = files.get(path) or files.setdefault(path, _Text(path))
        start = text.part(part)
        yield replace(finding, line=text.sentence(finding.sentence, start) or start)


def _find(name: str, content: Path, topic: str) -> Path | None:
    """The file that a finding names, from the content folder, from ``topics`` or from its topic's own folder."""
    candidates = (content / name, content / "topics" / name, content / "topics" / topic / name)
    return next((path for path in candidates if path.is_file()), None)


class _Text:
    """A file's lines and words."""

    def __init__(self, path: Path) -> None:
        try:
            self.lines = path.read_text(encoding="utf-8").split("\n")
        except (OSError, UnicodeDecodeError):  # a stray file, or one that went away: a finding without its line
            self.lines = []
        self.words = [(word, number) for number, line in enumerate(self.lines, 1) for word in _words(line)]

    def part(self, name: str) -> int:
        """The line of a heading, or of a key (the last of ``a.b``); 0 where there is none."""
        key = re.compile(rf"\s*(?:- )?[\"']?{re.escape(name.rpartition('.')[2])}[\"']?:(?:\s|$)")
        for wanted in (lambda line: line.strip() == f"## {name}", key.match):
            for number, line in enumerate(self.lines, 1):
                if name and wanted(line):
                    return number
        return 0

    def sentence(self, told: str, start: int) -> int:
        """The line where ``told`` begins, from line ``start`` on; 0 where it isn't."""
        words = _words(told)
        for length in dict.fromkeys(min(size, len(words)) for size in _RUNS):
            for at in range(len(words) - length + 1) if length else ():
                found = self._run(words[at : at + length], start)
                if found:
                    return found
        return 0

    def _run(self, words: list[str], start: int) -> int:
        for at, (word, number) in enumerate(self.words):
            if number >= start and word == words[0]:
                here = [word for word, _ in self.words[at : at + len(words)]]
                if here == words:
                    return number
        return 0


def _words(text: str) -> list[str]:
    return [word.lower().replace("’", "'") for word in WORD.findall(_REFERENCE.sub(" ", text))]
