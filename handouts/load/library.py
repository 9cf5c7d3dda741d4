"""Step 1, load: files in, models out. Every fault in the files is reported together."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from handouts import paths
from handouts.errors import ContentFault, Fault, RequestFault, nearest, quote_if_known, shown
from handouts.load.approvals import read_approvals
from handouts.load.collector import Model, Reader
from handouts.load.contrast import weak_pairs
from handouts.load.digests import digest_each, digest_of, files_in, list_pieces, practice_file
from handouts.load.known_files import APPROVALS, CLINIC, FIGURE_WORDS, LANGUAGE, OLD_APPROVAL, topic_files
from handouts.model.base import Frozen
from handouts.model.clinic import Clinic, ClinicFile
from handouts.model.content import Drawings, FigureWords, Library, Topic, TopicFile, Words
from handouts.model.document import Document, MedicineHead, MedicineSafetyHead, OptionHead, OverviewHead, TitleHead
from handouts.model.mailwords import MailWords
from handouts.model.prose import Figure, People
from handouts.paths import Program


class Settings(Frozen):
    """content/settings.yaml."""

    default_clinic: str


def topic_ids(content: Path) -> list[str]:
    """The topics in a content folder, sorted."""
    return _folders(content / "topics", "topic.yaml")


def clinic_ids(content: Path) -> list[str]:
    """The clinics in a content folder, sorted."""
    return _folders(content / "clinics", CLINIC)


def _folders(parent: Path, marker: str) -> list[str]:
    return sorted(path.parent.name for path in parent.glob(f"*/{marker}"))


def load_library(
    content: Path, topic: str, clinic: str | None = None, *, program: Program | None = None, archived: bool = False
) -> Library:
    """Read a topic, a clinic (None: the default of settings.yaml) and the words of the page.

    ``program``: the templates and drawings to print with; None for those of the program that runs. ``archived``: from
    the archive of the record, where a topic is all files of its folder, and what would be refused today is read as it
    was.

    RequestFault for an unknown topic or clinic, ContentFault with every fault in their files.
    """
    if not content.is_dir():
        raise ContentFault("The content folder isn't there. Name it with --content or $HANDOUTS_CONTENT.")
    if topic not in topic_ids(content):
        raise RequestFault(unknown("topic", topic, topic_ids(content)))
    clinic = clinic or default_clinic(content)
    if clinic not in clinic_ids(content):
        raise RequestFault(unknown("clinic", clinic, clinic_ids(content)))
    program = program or paths.PROGRAM
    reader = Reader(content, archived=archived)
    words_path = content / "words" / f"{LANGUAGE}.yaml"
    words = reader.model(Words, words_path)
    loaded_clinic = _clinic(reader, content / "clinics" / clinic)
    loaded_topic = _topic(reader, content / "topics" / topic, words, words_path)
    reader.raise_if_any("The content can't be used yet. Fix these:")
    assert words and loaded_clinic and loaded_topic  # noqa: S101, PT018  None only with a fault
    pieces = list_pieces(content, loaded_topic.files, loaded_clinic, program)
    hashes = {piece.name: piece.sha256 for piece in pieces}
    return Library(loaded_topic, loaded_clinic, words, digest_of(hashes.items()), hashes, program)


def unknown(kind: str, name: Any, known: list[str]) -> str:
    """The message for a topic or clinic that isn't there; what is not almost a known one is not shown."""
    name = name if isinstance(name, str) else ""
    return f"There is no {kind}{quote_if_known(name, known)}. {nearest(name, known, what=f'{kind}s')}"


def _topic(reader: Reader, folder: Path, words: Words | None, words_path: Path) -> Topic | None:
    file = reader.model(TopicFile, folder / "topic.yaml")
    if file is None:
        return None
    texts = folder / LANGUAGE
    overview = reader.document(OverviewHead, texts / "overview.md")
    takeaways = reader.document(TitleHead, texts / "takeaways.md")
    options = {entry.id: reader.document(OptionHead, texts / f"{entry.id}.md") for entry in file.options}
    medicines = {name: reader.document(MedicineHead, texts / "medicines" / f"{name}.md") for name in file.medicines}
    safety = reader.document(MedicineSafetyHead, texts / "medicine-safety.md") if file.medicines else None
    approvals = read_approvals(reader, folder)
    if words:
        for document in options.values():
            _same_headings(reader, document, words.option_headings)
        for medicine in medicines.values():
            _same_headings(reader, medicine, words.medicine_headings)
    drawings = _drawings(reader, folder, file)
    for told in (*options.values(), safety):
        _known_safety(reader, told, file)
    if overview is None or takeaways is None:
        return None
    for block in (block for section in takeaways.sections for block in section.blocks):
        if isinstance(block, Figure | People):
            reader.add(texts / "takeaways.md", "key points are words alone; move the picture elsewhere", block.line)
    _same_fields(reader, folder / "topic.yaml", file, overview, [*options.values(), safety])
    if reader.found:
        return None  # before a digest of what can't be read
    left_out = (APPROVALS, OLD_APPROVAL)
    files = files_in(folder, without=left_out) if reader.archived else topic_files(folder, file)
    digests = digest_each([(folder, files), (reader.base, [words_path])])
    return Topic(
        folder.name,
        folder,
        file,
        overview,
        takeaways,
        _present(options),
        _present(medicines),
        safety,
        tuple(files),
        digests,
        approvals.of(digests),
        drawings,
    )


_LABEL = re.compile(r'<text\b[^>]*?\bid="([^"]*)"')


def _drawings(reader: Reader, folder: Path, file: TopicFile) -> Drawings:
    """The topic's drawings. Each label has its word in figures.yaml, and each word its label."""
    path = folder / LANGUAGE / FIGURE_WORDS
    words = reader.model(FigureWords, path) if file.figures else None
    drawings = Drawings(folder / "figures", file.sided, words.labels if words else {})
    for name in file.figures:
        figure = drawings.file(name)
        if not figure.exists():
            reader.add(figure, "is missing, though topic.yaml names this figure")
            continue
        there, told = set(_LABEL.findall(reader.text(figure) or "")), set(drawings.labels.get(name, ()))
        for label in sorted(there - told) if words else ():
            reader.add(path, f"has no word for '{shown(label)}', a label of {name}.svg")
        for label in sorted(told - there):
            hint = nearest(label, there, what="labels")
            reader.add(path, f"has a word for '{shown(label)}', which is no label of {name}.svg. {hint}")
    for name in drawings.labels:
        if name not in file.figures:
            hint = nearest(name, file.figures, what="figures of topic.yaml")
            reader.add(path, f"has words for '{shown(name)}', which topic.yaml does not name. {hint}")
    return drawings


def _known_safety(reader: Reader, document: Document[Any] | None, file: TopicFile) -> None:
    """A safety line may not get lost by a typing mistake."""
    if document is None:
        return
    for name in document.head.safety:
        if name not in file.safety:
            known = nearest(name, file.safety, what="safety fields of topic.yaml")
            reader.found.append(Fault(document.file, 0, f"safety names '{name}', unknown to topic.yaml. {known}"))


def _present(documents: Mapping[str, Document[Model] | None]) -> dict[str, Document[Model]]:
    return {name: document for name, document in documents.items() if document}


def _same_headings(reader: Reader, document: Document[Any] | None, wanted: tuple[str, ...]) -> None:
    """IPDAS: every option answers the same questions in the same order."""
    if document is None:
        return
    for i, heading in enumerate(wanted):
        section = document.sections[i] if i < len(document.sections) else None
        if section is None or section.heading != heading:
            line = section.line if section else 0
            message = f"the heading number {i + 1} must be '## {heading}', as in every file of its kind"
            reader.found.append(Fault(document.file, line, message))
            return
    for extra in document.sections[len(wanted) :]:
        reader.found.append(Fault(document.file, extra.line, f"has a heading too many: '{extra.heading}'"))


def _same_fields(
    reader: Reader,
    path: Path,
    file: TopicFile,
    overview: Document[OverviewHead],
    documents: list[Document[Any] | None],
) -> None:
    """A safety field that overview.md gives no label is never printed: what a clinician wrote there would be lost."""
    labels = overview.head.safety
    named = [(reader.name(path), name) for name in file.safety]
    named += [(document.file, name) for document in documents if document for name in document.head.safety]
    for place, name in named:
        if name not in labels:
            hint = nearest(name, labels, what="safety fields of overview.md")
            reader.found.append(Fault(place, 0, f"safety: overview.md has no label for '{shown(name)}'. {hint}"))


def _clinic(reader: Reader, folder: Path) -> Clinic | None:
    file = reader.model(ClinicFile, folder / CLINIC)
    for pair in weak_pairs(file.colors) if file else ():
        reader.add(folder / CLINIC, str(pair))
    logo = folder / "logo.svg"
    if logo.exists():
        reader.text(logo)
    else:
        reader.add(logo, "is missing: the clinic's mark, drawn as SVG")
    practice_path = practice_file(folder)
    practice = reader.document(TitleHead, practice_path) if practice_path.exists() else None
    if file and file.practice_page and not practice_path.exists():
        reader.add(practice_path, "is missing, though clinic.yaml says practice_page: true")
    return Clinic(folder.name, folder, file, logo, practice) if file else None


def default_clinic(content: Path) -> str:
    """The clinic that settings.yaml names. ContentFault when that file is at fault."""
    reader = Reader(content)
    settings = reader.model(Settings, content / "settings.yaml")
    if settings and settings.default_clinic not in clinic_ids(content):
        reader.add(content / "settings.yaml", unknown("clinic", settings.default_clinic, clinic_ids(content)))
    reader.raise_if_any("The settings can't be used. Fix this file:")
    return settings.default_clinic if settings else ""


def load_clinic(content: Path, clinic: str | None = None) -> ClinicFile:
    """A clinic's own file (None: the default clinic's). RequestFault for an unknown one, ContentFault for a bad one."""
    clinic = clinic or default_clinic(content)
    if clinic not in clinic_ids(content):
        raise RequestFault(unknown("clinic", clinic, clinic_ids(content)))
    reader = Reader(content)
    found = _clinic(reader, content / "clinics" / clinic)
    reader.raise_if_any("The clinic can't be used yet. Fix these:")
    assert found  # noqa: S101  None only with a fault
    return found.file


def option_ids(content: Path, topic: str) -> tuple[str, ...]:
    """A topic's options in their order; empty when its topic.yaml can't be read (for shell completion)."""
    file = Reader(content).model(TopicFile, content / "topics" / topic / "topic.yaml")
    return tuple(entry.id for entry in file.options) if file else ()


def load_mail_words(content: Path) -> MailWords:
    """The words of messages and slips. ContentFault when their file is at fault."""
    return _words(content, MailWords, f"mail.{LANGUAGE}.yaml", "of messages")


def load_words(content: Path) -> Words:
    """The fixed words of a page. ContentFault when their file is at fault."""
    return _words(content, Words, f"{LANGUAGE}.yaml", "of the page")


def _words(content: Path, model: type[Model], name: str, which: str) -> Model:
    reader = Reader(content)
    words = reader.model(model, content / "words" / name)
    reader.raise_if_any(f"The words {which} can't be used. Fix this file:")
    assert words  # noqa: S101  None only with a fault
    return words
