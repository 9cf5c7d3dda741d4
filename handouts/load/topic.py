"""A topic's folder -> `Topic`: its files, and what they have to agree on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from handouts.errors import Fault, nearest, shown
from handouts.load.approvals import read_approvals
from handouts.load.collector import Model, Reader, beside
from handouts.load.digests import digest_each, files_in
from handouts.load.headings import misplaced_headings, misshaped_lists
from handouts.load.known_files import APPROVALS, FIGURE_WORDS, OLD_APPROVAL, OWN_WORDS, topic_files
from handouts.load.people import people_without_a_place
from handouts.load.topic_yaml import read_topic_file, require_met
from handouts.load.translated_words import missing_phrases, said_in
from handouts.load.translation import behind_in_topic
from handouts.model.content import Drawings, FigureWords, Topic, Words
from handouts.model.document import (
    HARMS,
    Document,
    InstructionHead,
    MedicineHead,
    MedicineSafetyHead,
    OptionHead,
    OverviewHead,
    TitleHead,
)
from handouts.model.language import ORIGINAL
from handouts.model.number_words import NumberWords
from handouts.model.prose import Figure, People
from handouts.model.topic_file import TopicFile
from handouts.model.topic_words import OwnWords, TopicWords


def read_topic(
    reader: Reader, content: Path, folder: Path, fixed: Words | None, language: str = ORIGINAL
) -> Topic | None:
    """A topic in a language; None, and its mistakes, where it can't be used. ``fixed``: the words of the page, None
    where they can't be read.
    """
    texts = folder / language
    words_path = content / "words" / f"{language}.yaml"
    defaults_path = content / "defaults" / f"{language}.yaml"
    reader.require_own(folder.parent, folder, texts, texts / "medicines", folder / "figures")
    reader.require_own(words_path.parent, defaults_path.parent)
    parsed, file = read_topic_file(reader, folder)
    defaults = reader.model(TopicWords, defaults_path)
    own_path = texts / OWN_WORDS
    has_own = reader.has(own_path) or ((folder / ORIGINAL / OWN_WORDS).exists() and not reader.archived)
    own = reader.model(OwnWords, own_path) if has_own else None
    if file is None:
        return None
    overview = reader.document(OverviewHead, texts / "overview.md")
    takeaways = reader.document(TitleHead, texts / "takeaways.md")
    options = {entry.id: reader.document(OptionHead, texts / f"{entry.id}.md") for entry in file.options}
    sections = {entry.id: reader.document(InstructionHead, texts / f"{entry.id}.md") for entry in file.sections}
    medicines = {name: reader.document(MedicineHead, texts / "medicines" / f"{name}.md") for name in file.medicines}
    safety = reader.document(MedicineSafetyHead, texts / "medicine-safety.md") if file.medicines else None
    drawings = _drawings(reader, folder, file, language)
    approvals = read_approvals(reader, folder)
    if defaults is None:
        return None
    words = defaults.with_own(own)
    knows_words = own is not None or not has_own
    for name, document in options.items() if knows_words else ():
        _same_headings(reader, texts / f"{name}.md", words.headings.option)
        _same_rows(reader, document, file.rows or tuple(words.rows), words)
    if fixed and file.kind == "instructions" and not reader.archived:
        for name in ("overview", *sections):
            _same_lists(reader, texts / f"{name}.md", fixed)
    for name in medicines if knows_words else ():
        _same_headings(reader, texts / "medicines" / f"{name}.md", words.headings.medicine)
    require_met(reader, parsed, file)
    for name in file.rows if knows_words else ():
        if name not in words.rows:
            hint = nearest(name, words.rows, what="rows")
            message = f"rows names '{name}', which has no question in words.yaml. {hint}"
            reader.add_at(folder / "topic.yaml", message, "rows")
    if knows_words and not reader.archived:
        reader.found.extend(missing_phrases(reader, folder, file, own, own_path, language, fixed.page if fixed else {}))
    for told in (*options.values(), *sections.values(), safety):
        _known_safety(reader, told, file)
    if overview is None or takeaways is None:
        return None
    if file.kind == "choice" and not overview.head.decision:
        reader.add(texts / "overview.md", "decision is missing: a choice says what there is to choose")
    if file.kind == "choice" and overview.head.heading:
        message = "heading belongs to instructions: it heads their sheet, which a choice has not. Delete it here"
        reader.add_at(texts / "overview.md", message, "heading")
    if knows_words and _asks_for_diary(file) and not words.diary:
        hint = "" if own_path.exists() else f". {reader.maker(own_path)}"
        reader.add(own_path, f"has no diary, though topic.yaml asks for one. Write its columns, or diary: false{hint}")
    for part in options.values():
        reader.found.extend(people_without_a_place(part, words.rows.get(HARMS, "")) if part else ())
    for other in (overview, *sections.values(), *medicines.values(), safety):
        reader.found.extend(people_without_a_place(other, None) if other else ())
    for block in (block for section in takeaways.sections for block in section.blocks):
        if isinstance(block, Figure | People):
            reader.add(texts / "takeaways.md", "key points are words alone; move the picture elsewhere", block.line)
    _same_fields(reader, folder / "topic.yaml", file, overview, [*options.values(), *sections.values(), safety])
    if reader.found:
        return None  # before a digest of what can't be read
    left_out = (APPROVALS, OLD_APPROVAL)
    files = files_in(folder, without=left_out) if reader.archived else topic_files(folder, file, language)
    digests = digest_each([(folder, files), (content, [words_path, defaults_path])])
    if fixed is None:
        return None  # told already
    return Topic(
        folder.name,
        folder,
        language,
        said_in(file, own),
        overview,
        takeaways,
        words,
        _present(options),
        _present(sections),
        _present(medicines),
        safety,
        tuple(files),
        digests,
        approvals.of(digests, language),
        drawings,
        NumberWords(fixed.numbers, language, own.phrases if own else {}, own.plurals if own else {}),
        frozenset() if reader.archived else behind_in_topic(reader, digests, folder.name, file, own),
    )


_COMMENT = re.compile(r"<!--.*?-->", re.S)
_LABEL = re.compile(r'<text\b[^>]*?\bid="([^"]*)"')


def _drawings(reader: Reader, folder: Path, file: TopicFile, language: str) -> Drawings:
    """The topic's drawings. Each label has its word in figures.yaml, and each word its label."""
    path = folder / language / FIGURE_WORDS
    words = reader.model(FigureWords, path) if file.figures else None
    drawings = Drawings(folder / "figures", file.sided, words.labels if words else {}, file.timelines)
    for name in file.figures:
        figure = drawings.file(name)
        if not figure.exists():
            spare = {path.stem for path in drawings.folder.glob("*.svg")} - set(file.figures)
            hint = f". {nearest(name, spare, what='other drawings there')}" if spare else ""
            if other := beside(figure):
                hint = f", but {other.name} is there. A drawing is plain SVG, called {figure.name}"
            reader.add(figure, f"is missing, though topic.yaml names this figure{hint}")
            continue
        drawn = _COMMENT.sub("", reader.text(figure) or "")
        there, told = set(_LABEL.findall(drawn)), set(drawings.labels.get(name, ()))
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
            line = reader.line(document.file, "safety")
            reader.found.append(Fault(document.file, line, f"safety names '{name}', unknown to topic.yaml. {known}"))


def _present(documents: Mapping[str, Document[Model] | None]) -> dict[str, Document[Model]]:
    return {name: document for name, document in documents.items() if document}


def _same_headings(reader: Reader, path: Path, wanted: tuple[str, ...]) -> None:
    name = reader.name(path)
    if name in reader.prose:
        reader.found.extend(misplaced_headings(reader.prose[name], wanted, name))


def _same_lists(reader: Reader, path: Path, fixed: Words) -> None:
    name = reader.name(path)
    do, dont = fixed.page.get("do"), fixed.page.get("dont")
    if name in reader.prose and do and dont:
        reader.found.extend(misshaped_lists(reader.prose[name], do, dont, name))


def _same_rows(reader: Reader, document: Document[OptionHead] | None, rows: tuple[str, ...], words: TopicWords) -> None:
    """Every option has a cell for each row (IPDAS: equal detail); the harms' comes from its list of them."""
    if document is None:
        return
    head = document.head
    needed = [name for name in rows if name != HARMS or not head.harms]
    faults = [
        ("grid", f"grid has no cell for '{name}'; add a line '{name}: ...'") for name in needed if name not in head.grid
    ]
    for key, cells in (("grid", head.grid), ("glance", head.glance)):
        for name in (name for name in cells if name not in rows):
            hint = nearest(name, rows, what="rows")
            faults.append((key, f"{key} has a cell for '{shown(name)}', which is no row of the comparison. {hint}"))
    if head.harms and HARMS in rows and words.rows[HARMS] not in [section.heading for section in document.sections]:
        faults.append((HARMS, f"has harms, but no heading '## {words.rows[HARMS]}', under which their table stands"))
    reader.found.extend(Fault(document.file, reader.line(document.file, key), fault) for key, fault in faults)


def _asks_for_diary(file: TopicFile) -> bool:
    return file.diary or any(entry.diary for entry in file.options)


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
            line = reader.line(place, "safety", name)
            reader.found.append(Fault(place, line, f"safety: overview.md has no label for '{shown(name)}'. {hint}"))
