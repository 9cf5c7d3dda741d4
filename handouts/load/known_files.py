"""Which files are content. Others that lie beside them are no part of it: not printed, approved, digested or archived.

`Thumbs.db`, an editor's `botox.md~`, a request that somebody saved in the wrong folder: `check` names them. Hidden
files are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from handouts.load.collector import Reader
from handouts.load.language_files import language_of_file, languages_of_topic
from handouts.model.topic_file import TopicFile

CLINIC = "clinic.yaml"
APPROVALS = "approvals.yaml"
LISTS = "lists"
"""A clinic's folder of maps of lists."""
OLD_APPROVAL = "approval.yaml"
"""Of before each file had an approval of its own."""
FIGURE_WORDS = "figures.yaml"
LOGOS = ("logo.svg", "logo.png", "logo.jpg", "logo.jpeg")
"""A clinic has one of them."""
OWN_WORDS = "words.yaml"
REVIEW = "clinical-review.md"
_KNOWN = tuple(
    PurePosixPath(pattern)
    for pattern in (
        "README.md",
        "settings.yaml",
        "schema/*.json",
        f"clinics/*/{CLINIC}",
        *(f"clinics/*/{name}" for name in LOGOS),
        "clinics/*/presets/*.yaml",
        f"clinics/*/{LISTS}/*.yaml",
        f"topics/*/{APPROVALS}",
        f"topics/*/{OLD_APPROVAL}",
        f"topics/*/{REVIEW}",
    )
)


def topic_files(folder: Path, file: TopicFile, language: str) -> list[Path]:
    """The files of a topic that are there in a language, sorted, but its approvals."""
    texts = folder / language
    names = ["overview", "takeaways", "medicine-safety", *file.part_ids]
    found = [folder / "topic.yaml", *(texts / f"{name}.md" for name in names)]
    found += [texts / "medicines" / f"{name}.md" for name in file.medicines]
    found += [folder / "figures" / f"{name}.svg" for name in file.figures]
    found += [texts / OWN_WORDS, *([texts / FIGURE_WORDS] if file.figures else [])]
    return sorted(path for path in set(found) if path.is_file())


def folders_with(parent: Path, marker: str) -> list[str]:
    """The folders in ``parent`` that hold a file called ``marker``, sorted."""
    return sorted(path.parent.name for path in parent.glob(f"*/{marker}"))


def content_files(content: Path) -> list[Path]:
    """Every file that is content, sorted."""
    return sorted({*_files_in(content)} - {*stray_files(content)})


def stray_files(content: Path) -> list[Path]:
    """Every file in a content folder that is no content, sorted."""
    listed: set[Path] = set()
    for path in content.glob("topics/*/topic.yaml"):
        file = Reader(content).model(TopicFile, path)
        if file is None:
            listed.update(_files_in(path.parent))
            continue
        for language in languages_of_topic(path.parent):
            listed.update(topic_files(path.parent, file, language))
    return sorted(path for path in _files_in(content) if path not in listed and not _is_known(path, content))


def _is_known(path: Path, content: Path) -> bool:
    name = PurePosixPath(path.relative_to(content).as_posix())
    if name.parts[0] != "topics" and language_of_file(str(name)):
        return True
    return any(len(name.parts) == len(pattern.parts) and name.match(str(pattern)) for pattern in _KNOWN)


def _files_in(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if not path.is_dir() and not path.name.startswith("."))
