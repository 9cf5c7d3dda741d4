"""Every gate of a good handout that a program can judge, with the figures it measured. Pure: nothing prints.

Sources of the gates: Flesch-Kincaid grade 6 (AMA, NIH), sentence length and lists (CDC, PEMAT-P), one denominator
and a time for every number (IPDAS), contrast (WCAG 2), type sizes (large-print guidance: 12 and 18 pt), ISMP's
list of error-prone dose notation. What only a clinician can supply is a notice.

- `findings`  what a gate found: the figure measured, the limit
- `places`    the line of each finding
- `passages`  every text that a patient reads
- `wording`   gates on words: reading grade, sentences, lists, claims, doses
- `shares`, `praise`  shares that readers misjudge; words that sell or frighten
- `facts`     gates on topic.yaml and clinic.yaml: numbers, sources, dates, what a clinician still owes
- `files`     files in the content folder that are no content
- `pictures`  gates on drawings, the words in them, and their alternative texts
- `typeset`, `pages`  gates on typeset sheets: which are measured, fonts, tags; type sizes, how full their pages are
- `reading`, `syllable_exceptions`  the reading grade of a text
- `translation`, `inflesz`  gates on a translation; how easy a Spanish text is to read
- `untranslated`  texts of a translation that are the English ones
- `sheets`    a finished PDF, measured page by page

A new gate is a function that yields `Finding`s, called from `wording_findings`, `topic_facts`, `clinic_facts`,
`picture_findings` or `typeset_findings`; `check` then shows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

from handouts.check.facts import clinic_facts, topic_facts
from handouts.check.files import stray_findings
from handouts.check.findings import Finding, worst_of_each
from handouts.check.pictures import logo_findings, picture_findings
from handouts.check.places import located
from handouts.check.translation import translation_findings
from handouts.check.wording import clinic_wording, wording_findings
from handouts.load.changes import in_words
from handouts.load.glossary import load_glossary
from handouts.load.language_files import languages
from handouts.load.library import clinic_ids, load_library
from handouts.load.progress import progress
from handouts.load.translation_faults import translation_faults
from handouts.model.clinic import Clinic
from handouts.model.content import Library, Topic
from handouts.model.language import ORIGINAL

__all__ = ["Finding", "check_clinic", "check_topic", "failures", "stray_findings", "text_findings", "worst_of_each"]


def text_findings(content: Path, topics: Sequence[str], today: date, language: str = ORIGINAL) -> list[Finding]:
    """What the gates find that need no pages: in ``topics``, in all clinics, and of files that are no content; in
    another language than English, in the translations of ``topics``.

    Faults as `load_library` raises them.
    """
    if language != ORIGINAL:
        return [finding for topic in topics for finding in _of_translation(content, topic, today, language)]
    found = [finding for topic in topics for finding in _of_files(content, topic, today)]
    found += stray_findings(content)
    found += [finding for tag in languages(content)[1:] for finding in progress_findings(content, tag, topics)]
    return list(dict.fromkeys(found))  # what belongs to a clinic is found with each topic


def _of_translation(content: Path, topic: str, today: date, language: str) -> Iterator[Finding]:
    library = load_library(content, topic, language=language)
    found = translation_findings(library, load_library(content, topic), load_glossary(content, language), today)
    yield from located(found, content, topic)


def progress_findings(content: Path, language: str, topics: Sequence[str]) -> Iterator[Finding]:
    """A notice for each part of a language that has begun and is not whole, for each file that is behind, and for each
    fault: English handouts are made all the same.
    """
    for part in progress(content, language, topics):
        if part.missing and part.there:
            told = f"{len(part.missing)} of {len(part.files)} files missing"
            yield Finding("notice", part.part, f"translation ({language})", told, f"check --language {language}")
        for name, changed in part.behind.items():
            limit = "the English it was made from"
            way_out = " | ".join(in_words(changed))
            yield Finding(
                "notice", name, f"translation ({language})", "behind: the English has changed", limit, way_out=way_out
            )
    for fault in translation_faults(content, language, topics):
        told, limit = "can't be used yet", f"check --language {language}"
        gate = f"translation ({language})"
        yield Finding("notice", fault.file, gate, told, limit, line=fault.line, way_out=fault.message)


def _of_files(content: Path, topic: str, today: date) -> Iterator[Finding]:
    library = load_library(content, topic)
    yield from check_topic(library, today)
    for clinic in clinic_ids(content):
        yield from check_clinic(load_library(content, topic, clinic).clinic, library.topic)


def failures(found: Iterable[Finding]) -> list[Finding]:
    """Those that keep a text from being approved."""
    return [finding for finding in found if finding.level == "failure"]


def check_topic(library: Library, today: date) -> list[Finding]:
    """Everything that can be judged of a topic, and of its clinic's words, without typesetting it."""
    found = [*wording_findings(library), *topic_facts(library, today), *picture_findings(library)]
    return list(located(found, library.topic.folder.parent.parent, library.topic.id))


def check_clinic(clinic: Clinic, topic: Topic | None = None) -> list[Finding]:
    """The clinic's colours, logo and empty fields; with a ``topic``, the clinic's own words too."""
    found = [*clinic_facts(clinic), *logo_findings(clinic), *(clinic_wording(clinic, topic) if topic else [])]
    return list(located(found, clinic.folder.parent.parent))
