"""Readers and renderer under arbitrary input: only the documented errors, and never past a budget."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from handouts.errors import ContentFault, Fault, RequestFault
from handouts.load.layers import lay_over
from handouts.load.library import load_library
from handouts.load.markdown import MarkdownFault, sections
from handouts.load.requests import parse_request
from handouts.load.yamlfile import Parsed, Unreadable, parse
from handouts.merge.details import details
from handouts.merge.merge import merge
from handouts.model.content import NEEDED_WORDS, Library
from handouts.model.doses import safe_dose
from tests.conftest import CONTENT, PATIENCE, ROOT, TODAY, TOPIC
from tests.rounds import rounds

QUICK = settings(max_examples=150)
LONG = settings(max_examples=rounds(600, release=2000))

EXAMPLE = (ROOT / "examples" / "request.yaml").read_text(encoding="utf-8")
SNIPPETS = [
    *("---", "{", "}", "[", "]", ": ", "- ", "\t", "\n", "  ", "&a", "*a", "!!x", "|", ">", "#", "'", '"', "\\", "%"),
    *("? ", "<<", "~", "\u2028", "\ufeff", "\x00", "\x85", "0", "-1", "1e999", "{{", "\ud800", "=", ","),
]
OTHERS = st.text(alphabet=st.characters(exclude_categories=[]), max_size=40)


@st.composite
def mutated(draw: st.DrawFn, text: str) -> str:
    """``text`` with some stretches cut out, doubled, or replaced by signs that mean something to a parser."""
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 12)))
        filling = draw(st.one_of(st.sampled_from(SNIPPETS), OTHERS, st.just(text[start:end] * 2)))
        text = text[:start] + filling + text[end:]
    return text


values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        OTHERS,
        st.sampled_from(["botox", TOPIC, "left", "200 mg"]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(OTHERS, inner, max_size=4)),
    max_leaves=8,
)
KEYS = ["topic", "options", "patient", "clinic", "format", "paper", "stage", "side", "clinician", "visit_date",
        "medicines", "next_steps", "appointment", "note", "language", "with_english"]  # fmt: skip
requests = st.dictionaries(st.sampled_from(KEYS), values, max_size=6)


Told = RequestFault | ContentFault | None


@contextmanager
def in_time(seconds: float = 2) -> Iterator[None]:
    """Held to the processor's time: what else the machine does meanwhile is not counted."""
    start = time.thread_time()
    yield
    assert time.thread_time() - start < seconds


def outcome(text: str, library: Library) -> Told:
    """Read and merge: None when it worked, since a request that is accepted can also be merged, whatever it holds."""
    try:
        with in_time():
            request = parse_request(text, "request")
            merged = merge(library, request, TODAY)
            details(library.wording, request, "CODE")
    except (RequestFault, ContentFault) as error:
        return error
    assert merged.handout.options
    return None


def readable(text: str, library: Library) -> None:
    told = outcome(text, library)
    assert told is None or (len(told.message) < 20_000 and "\x1b" not in told.message)


def read_arbitrary(text: str, library: Library) -> None:
    faults: tuple[Fault, ...] = ()
    try:
        with in_time():
            assert isinstance(parse(text, "f"), Parsed)
    except Unreadable as error:
        faults = error.faults
    assert all(0 <= fault.line <= len(text) + 1 for fault in faults)
    readable(text, library)


@QUICK
@given(text=st.one_of(OTHERS, st.lists(st.sampled_from(SNIPPETS), max_size=30).map("".join)))
@example(text="\ufeff")
@example(text="a: \x85")
@example(text="? a\n: b")
@example(text="!<")
@example(text="%YAML 9.9\n---\na: 1")
def test_any_text_is_read_or_refused(library: Library, text: str) -> None:
    read_arbitrary(text, library)


@QUICK
@given(text=mutated(EXAMPLE))
def test_a_damaged_request_is_read_or_refused(library: Library, text: str) -> None:
    readable(text, library)


@QUICK
@given(data=requests)
def test_json_of_any_shape_is_read_or_refused(library: Library, data: dict[str, Any]) -> None:
    least = {"topic": TOPIC, "options": ["botox"], "patient": {"name": "X"}}
    readable(json.dumps(lay_over(least, data)), library)


@pytest.mark.heavy
@LONG
@given(text=st.one_of(mutated(EXAMPLE), OTHERS, st.lists(st.sampled_from(SNIPPETS), max_size=60).map("".join)))
def test_many_damaged_requests_are_read_or_refused(library: Library, text: str) -> None:
    read_arbitrary(text, library)


@QUICK
@given(
    text=st.one_of(OTHERS, mutated("## One\n\nA **b** {mvd-relief}.\n\n- a\n- b\n\n![x](a.svg)\n"), mutated(EXAMPLE))
)
@example(text="[a]: <b>")
@example(text="*a* _b_ ~~c~~ `d` <e> [f](g)")
@example(text="\\")
@example(text="-\n\n-")
@example(text="1)\n2)")
def test_any_markdown_is_prose_or_a_fault(text: str) -> None:
    found, lines = (), [1]
    try:
        with in_time():
            found = sections(text, "f.md")
    except MarkdownFault as error:
        lines = [fault.line for fault in error.faults]
    assert lines
    assert all(1 <= line <= text.count("\n") + text.count("\r") + 2 for line in lines)
    assert all(section.heading or section.blocks for section in found)


@QUICK
@given(text=st.one_of(st.text(max_size=60), st.from_regex(r"[0-9., ]{0,6}(mg|mcg|mL|units?)? ?(daily|twice a day)?")))
def test_a_dose_is_taken_unchanged_or_refused(text: str) -> None:
    told = "is easy to misread; write "
    try:
        with in_time():
            assert safe_dose(text) == text
    except ValueError as error:
        told = str(error)
    assert told.startswith("is easy to misread; write ")


FILES = [
    *(f"topics/{TOPIC}/{name}" for name in ("topic.yaml", "en/botox.md", "en/overview.md", "en/medicines/baclofen.md")),
    *("clinics/cohen/clinic.yaml", "words/en.yaml", "settings.yaml"),
]


def loads_or_tells(content: Path, name: str, data: bytes) -> None:
    path = content / name
    before = path.read_bytes()
    path.write_bytes(data)
    try:
        with in_time():
            library = load_library(content, TOPIC)
            merge(library, parse_request(EXAMPLE, "request"), TODAY)
    except (ContentFault, RequestFault):
        pass  # told; anything else fails the test
    finally:
        path.write_bytes(before)


@settings(QUICK, max_examples=60)
@given(data=st.data())
def test_a_damaged_content_file_is_loaded_or_told(content: Path, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(FILES))
    text = data.draw(mutated((CONTENT / name).read_text(encoding="utf-8")))
    loads_or_tells(content, name, text.encode("utf-8", "surrogatepass"))


@pytest.mark.heavy
@settings(LONG, max_examples=rounds(150, release=600))
@given(data=st.data())
def test_many_damaged_content_files_are_loaded_or_told(content: Path, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(FILES))
    text = data.draw(mutated((CONTENT / name).read_text(encoding="utf-8")))
    loads_or_tells(content, name, text.encode("utf-8", "surrogatepass"))


@QUICK
@given(junk=st.binary(max_size=200))
def test_bytes_in_the_place_of_a_file_are_told(content: Path, junk: bytes) -> None:
    loads_or_tells(content, f"topics/{TOPIC}/topic.yaml", junk)


BUDGET = """
import json, resource, sys
resource.setrlimit(resource.RLIMIT_AS, (2_000_000_000, 2_000_000_000))
resource.setrlimit(resource.RLIMIT_CPU, (120, 120))
from datetime import date
from pathlib import Path
import page
from handouts import load_library, make
from handouts.errors import HandoutError
from handouts.load.requests import parse_request
from handouts.model.recorder import NullRecorder

library = load_library(Path("content"), "hemifacial-spasm")
for line in sys.stdin:
    try:
        made = make(library, parse_request(line, "request"), key=b"k" * 32, today=date(2026, 11, 22),
                    recorder=NullRecorder())
        reports = [page.validate_pdf_bytes(made.pdf, profile=profile) for profile in ("ua1", "3a")]
        print("made" if all(report.is_compliant for report in reports) else f"invalid {reports}", flush=True)
    except HandoutError as error:
        print("told", error.exit_code, flush=True)
"""


@st.composite
def printable_requests(draw: st.DrawFn) -> dict[str, Any]:
    """Requests as long and as odd as the model lets through."""
    words = st.text(
        alphabet=st.sampled_from("abcXYZ éÑ<>&{}()\\/%$#@*_-.,;:'\"\u00a0\u00ad\u200b0123456789\u0301\u0627"),
        max_size=200,
    )
    line = words.filter(str.strip)
    note = draw(
        st.one_of(
            st.just(""), words, st.just("W" * 4000), st.just("w " * 2000), st.just("\n".join("abcd" * 500)[:4000])
        )
    )
    medicines = draw(st.lists(st.fixed_dictionaries({"name": line, "times": st.lists(
        st.sampled_from(["morning", "noon", "evening", "night"]), unique=True)}), max_size=12))  # fmt: skip
    options = ["medicines", "botox", "microvascular-decompression", "radiosurgery", "no-treatment"]
    return {
        "topic": TOPIC,
        "options": draw(st.lists(st.sampled_from(options), min_size=1, max_size=5, unique=True)),
        "patient": {"name": draw(line)},
        "format": draw(st.sampled_from(["standard", "large-print"])),
        "note": note,
        "next_steps": draw(st.lists(line, max_size=6)),
        "medicines": medicines,
    }


@pytest.mark.heavy
@pytest.mark.skipif(sys.platform == "win32", reason="resource limits are POSIX's")
@settings(max_examples=rounds(2, release=3))
@given(batch=st.lists(printable_requests(), min_size=3, max_size=3))
def test_the_renderer_stays_within_its_time_and_memory(batch: list[dict[str, Any]]) -> None:
    lines = "".join(json.dumps(request) + "\n" for request in batch)
    command = [sys.executable, "-c", BUDGET]
    done = subprocess.run(command, cwd=ROOT, input=lines, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr[-2000:]
    answers = [line.split()[0] for line in done.stdout.splitlines()]
    assert len(answers) == len(batch)
    assert set(answers) <= {"made", "told"}


@pytest.mark.heavy
@pytest.mark.parametrize(
    "note",
    ["W" * 4000, "w " * 2000, "\n".join("a" * 2000)[:4000], "( " * 2000, "\u00ad" * 3999 + "x", "a\u0301" * 2000],
)
def test_the_longest_notes_are_set_or_refused_in_time(note: str) -> None:
    request = {"topic": TOPIC, "options": ["botox"], "patient": {"name": "X"}, "note": note}
    command = [sys.executable, "-c", BUDGET]
    done = subprocess.run(
        command, cwd=ROOT, input=json.dumps(request) + "\n", capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.split()[0] in {"made", "told"}


@pytest.mark.parametrize("word", NEEDED_WORDS)
def test_a_word_that_the_program_asks_for_is_told_when_it_is_missing(content: Path, word: str) -> None:
    path = content / "words" / "en.yaml"
    text, found = re.subn(rf"(?m)^  {word}:.*\n", "", path.read_text(encoding="utf-8"))
    assert found == 1
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ContentFault) as caught:
        load_library(content, TOPIC)
    assert f"page.{word}" in str(caught.value) + caught.value.message
