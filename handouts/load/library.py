"""Step 1, load: files in, models out. Every fault in the files is reported together."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from handouts import paths
from handouts.errors import ContentFault, RequestFault, nearest, plural, quote_if_known
from handouts.load.collector import Model, Reader
from handouts.load.contrast import weak_pairs
from handouts.load.digests import digest_of, list_pieces, name_beside, practice_file
from handouts.load.files import read_text
from handouts.load.known_files import CLINIC, folders_with
from handouts.load.language_files import gaps_in, languages, languages_of_topic
from handouts.load.logo import read_logo
from handouts.load.parallel import unlike
from handouts.load.people import people_without_a_place
from handouts.load.progress import SHARED, progress
from handouts.load.topic import read_topic
from handouts.load.translation import behind
from handouts.load.words import missing_words
from handouts.model.base import Frozen
from handouts.model.clinic import Clinic, ClinicFile
from handouts.model.content import Library, Topic, Words
from handouts.model.document import TitleHead
from handouts.model.language import ORIGINAL, language_name
from handouts.model.mailwords import MailWords
from handouts.model.topic_file import TopicFile
from handouts.model.topic_words import TopicWords
from handouts.paths import Program


class Settings(Frozen):
    """content/settings.yaml."""

    default_clinic: str


def topic_ids(content: Path) -> list[str]:
    """The topics in a content folder, sorted."""
    return folders_with(content / "topics", "topic.yaml")


def clinic_ids(content: Path) -> list[str]:
    """The clinics in a content folder, sorted."""
    return folders_with(content / "clinics", CLINIC)


def load_library(
    content: Path,
    topic: str,
    clinic: str | None = None,
    language: str = ORIGINAL,
    *,
    with_english: bool = False,
    program: Program | None = None,
    archived: bool = False,
) -> Library:
    """Read a topic, a clinic (None: the default of settings.yaml) and the words of the page, all in one language;
    ``with_english``: in English as well, beside a translation.

    ``program``: the templates and drawings to print with; None for those of the program that runs. ``archived``: from
    the archive of the record, where a topic is all files of its folder, and what would be refused today is read as it
    was.

    RequestFault for an unknown topic or clinic and for a language that there is nothing in, ContentFault with every
    fault in their files, such as a text that has not been translated.
    """
    if not content.is_dir():
        raise ContentFault(
            "The content folder isn't there. Name it with --content or $HANDOUTS_CONTENT, or make one with "
            "`new-folder DIRECTORY`."
        )
    if topic not in topic_ids(content):
        raise RequestFault(unknown("topic", topic, topic_ids(content)))
    clinic = clinic or default_clinic(content)
    if clinic not in clinic_ids(content):
        raise RequestFault(unknown("clinic", clinic, clinic_ids(content)))
    require_language(content, topic, language)
    program = program or paths.PROGRAM
    reader = Reader(content, archived=archived)
    words, loaded_clinic, loaded_topic = _read(reader, topic, clinic, program, language)
    if language != ORIGINAL and not archived:
        original = Reader(content)
        _read(original, topic, clinic, program, ORIGINAL)
        late = frozenset(behind(content, reader.made_from))
        reader.found.extend(original.found or unlike(original, reader, late))
    reader.raise_if_any(_refusal(reader, topic, language))
    assert words and loaded_clinic and loaded_topic  # noqa: S101, PT018  None only with a fault
    pieces = list_pieces(content, loaded_topic.files, loaded_clinic, program, language)
    hashes = {piece.name: piece.sha256 for piece in pieces}
    english = None
    if with_english and language != ORIGINAL:
        english = load_library(content, topic, clinic, program=program, archived=archived)
        beside = ((name_beside(hashes, name, sha256), sha256) for name, sha256 in english.hashes.items())
        hashes = {**hashes, **{name: sha256 for name, sha256 in beside if name}}
    return Library(loaded_topic, loaded_clinic, words, digest_of(hashes.items()), hashes, program, english)


def _refusal(reader: Reader, topic: str, language: str) -> str:
    """What the faults are told under: of a translation that is not whole, how far it is."""
    parts = [] if language == ORIGINAL or reader.archived else progress(reader.base, language, [topic])
    parts = [part for part in parts if part.part in {SHARED, topic}]
    mail = f"words/mail.{language}.yaml"  # not on a page
    names = [name for part in parts for name in part.files if name != mail]
    to_do = {name: count for part in parts for name, count in part.to_do.items() if name != mail}
    if not to_do:
        return "The content can't be used yet. Fix these:"
    done, texts = f"{len(names) - len(to_do)} of {len(names)} files are done", plural(sum(to_do.values()), "text")
    return (
        f"{language_name(language)} is not whole for {topic}: {done}, {texts} to translate. `check {topic} --language "
        f"{language} --text-only` follows it. Fix these:"
    )


def _read(
    reader: Reader, topic: str, clinic: str, program: Program, language: str
) -> tuple[Words | None, Clinic | None, Topic | None]:
    """All of a library in one language; None, and its mistakes, for what can't be used."""
    content = reader.base
    words = page_words(reader, content / "words" / f"{language}.yaml", program)
    clinic_read = _clinic(reader, content / "clinics" / clinic, language)
    return words, clinic_read, read_topic(reader, content, content / "topics" / topic, words, language)


def require_language(content: Path, topic: str, language: str) -> None:
    """RequestFault where nothing of a topic, or of the words of the page, is in a language."""
    if language == ORIGINAL:
        return
    there = languages(content)
    if language not in there:
        raise RequestFault(f"There are no texts in {_called(language)}. There are texts in {_all_called(there)}.")
    of_topic = languages_of_topic(content / "topics" / topic)
    if language not in of_topic:
        raise RequestFault(f"There are no texts in {_called(language)} of {topic}. It is in {_all_called(of_topic)}.")


def _called(language: str) -> str:
    name = language_name(language)
    return name if name == language else f"{name} ({language})"


def _all_called(tags: Iterable[str]) -> str:
    return ", ".join(map(_called, tags))


def page_words(reader: Reader, path: Path, program: Program) -> Words | None:
    """The fixed words of a page, all that ``program`` asks for; None, and their mistakes, where unusable."""
    parsed = reader.parsed(path)
    words = reader.as_model(Words, parsed)
    if parsed and words and not reader.archived:
        reader.found.extend(missing_words(parsed, words.page, program.templates))
    return words


def unknown(kind: str, name: Any, known: list[str]) -> str:
    """The message for a topic or clinic that isn't there; what is not almost a known one is not shown."""
    name = name if isinstance(name, str) else ""
    command = {"topic": "new", "clinic": "new-clinic"}[kind]
    hint = nearest(name, known, what=f"{kind}s") if known else f"There are none yet; `{command} NAME` makes one."
    return f"There is no {kind}{quote_if_known(name, known)}. {hint}"


def _clinic(reader: Reader, folder: Path, language: str = ORIGINAL) -> Clinic | None:
    reader.require_own(folder.parent, folder, folder / "presets")
    file = reader.model(ClinicFile, folder / CLINIC)
    for pair in weak_pairs(file.colors) if file else ():
        reader.add(folder / CLINIC, str(pair))
    logo = read_logo(reader, folder)
    practice_path = practice_file(folder, language)
    asked = practice_path.exists() and (language == ORIGINAL or bool(file and file.practice_page))
    practice = reader.document(TitleHead, practice_path) if asked else None
    reader.found.extend(people_without_a_place(practice, None) if practice else ())
    if file and file.practice_page and not practice_path.exists():
        reader.add(
            practice_path, f"is missing, though clinic.yaml says practice_page: true. {reader.maker(practice_path)}"
        )
    return Clinic(folder.name, folder, file.in_language(language), logo, practice) if file else None


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


def optional_section_ids(content: Path, topic: str) -> tuple[str, ...]:
    """A topic's optional sections; empty when its topic.yaml can't be read (for shell completion)."""
    file = Reader(content).model(TopicFile, content / "topics" / topic / "topic.yaml")
    return tuple(entry.id for entry in file.sections if entry.optional) if file else ()


def load_mail_words(content: Path, language: str = ORIGINAL) -> MailWords:
    """The words of messages and slips; those in English know their translations. ContentFault when a file of theirs is
    at fault; a translation that is not filled in yet is none.
    """
    words = mail_words_alone(content, language)
    if language != ORIGINAL:
        return words
    others = [tag for tag in languages(content)[1:] if _is_written(content / f"words/mail.{tag}.yaml")]
    return words.with_translations({tag: mail_words_alone(content, tag) for tag in others})


def mail_words_alone(content: Path, language: str) -> MailWords:
    """The words of messages and slips in one language. ContentFault when their file is at fault."""
    return _words(content, MailWords, f"words/mail.{language}.yaml", "of messages")


def _is_written(path: Path) -> bool:
    """Whether a translation is there, and has no gap; one that can't be read is told by whoever reads it."""
    try:
        return path.is_file() and not gaps_in(read_text(path))
    except (OSError, UnicodeDecodeError):
        return True


def load_words(content: Path, language: str = ORIGINAL) -> Words:
    """The fixed words of a page. ContentFault when their file is at fault."""
    return _words(content, Words, f"words/{language}.yaml", "of the page")


def load_defaults(content: Path, language: str = ORIGINAL) -> TopicWords:
    """What topics leave out: rows and headings. ContentFault when their file is at fault."""
    return _words(content, TopicWords, f"defaults/{language}.yaml", "that topics leave out")


def _words(content: Path, model: type[Model], name: str, which: str) -> Model:
    reader = Reader(content)
    words = reader.model(model, content / name)
    reader.raise_if_any(f"The words {which} can't be used. Fix this file:")
    assert words  # noqa: S101  None only with a fault
    return words
