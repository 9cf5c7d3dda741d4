"""Pictures of 100 people stand where the author put them, and no page denies a number that it has."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from handouts.errors import ContentFault
from handouts.load.library import load_library
from handouts.merge.merge import merge
from handouts.model.handout import Handout
from handouts.model.request import Request
from handouts.model.sheets import PeoplePair
from tests.conftest import TODAY
from tests.laid_out import html_of
from tests.topics import CHOICE, CHOICE_FILES, write_topic

NUMBERS = """\
numbers:
  calm: {count: 70, out_of: 100, over: six months, picture: true, source: one}
  cold: {count: 5, out_of: 100, over: six months, picture: true, source: one}
sources: {one: {cite: One}}
"""
BENEFIT = '![calm / not calm](people:calm "Of 100 people, after six months")\n'
HARM = '![cold hands / warm hands](people:cold "Of 100 people, after six months")\n'
Drawn = Callable[..., PeoplePair]


@pytest.fixture
def made(content: Path) -> Callable[..., Handout]:
    """A handout on drops, in a topic that has headings of its own; ``files``: texts after their headings."""

    def of(helps: str = "It helps.", harms: str | None = "It may sting.", head: str = "", rows: str = "") -> Handout:
        asked = "Does it help?", "What may go wrong?"
        headings = "What is it?, Does it help?" + (f", {asked[1]}" if harms is not None else "")
        files = dict(CHOICE_FILES)
        files["topic.yaml"] += NUMBERS
        files["en/words.yaml"] = (
            f"rows: {{relief: Does it help?, cost: What does it cost?, {rows}}}\n"
            f"headings:\n  option: [{headings}]\n  medicine: [What is it for?, What should you look out for?]\n"
            + CHOICE_FILES["en/words.yaml"].partition("diary:")[1]
            + CHOICE_FILES["en/words.yaml"].partition("diary:")[2]
        )
        for name in ("drops", "tablets", "plugs"):
            told = helps if name == "drops" else "It helps."
            end = "" if harms is None else f"\n## {asked[1]}\n\n{harms if name == 'drops' else 'It may sting.'}\n"
            text = files[f"en/{name}.md"].replace("Most people feel better.\n", f"{told}\n{end}")
            files[f"en/{name}.md"] = text.replace("ask:", f"{head}\nask:", 1) if name == "drops" else text
        write_topic(content, CHOICE, files)
        request = Request.model_validate({"topic": CHOICE, "options": ["drops"], "patient": {"name": "Maria"}})
        return merge(load_library(content, CHOICE), request, TODAY).handout

    return of


HARMS_ROW = "harms: What may go wrong?"


def people(handout: Handout) -> PeoplePair:
    return handout.options[0].people


def test_a_picture_under_a_heading_of_the_topics_own_is_printed_under_that_heading(made: Callable[..., Handout]):
    found = people(made(f"{{calm}} were calm.\n\n{BENEFIT}", rows=HARMS_ROW))
    assert found.benefit is not None
    assert (found.benefit.counts, found.benefit.title) == ((70, 30), "Does it help?")
    assert found.after == 2, "beside the harms"


def test_it_is_called_the_benefit_where_its_heading_asks_how_well_the_option_works(made: Callable[..., Handout]):
    found = people(made(BENEFIT, rows=f"{HARMS_ROW}, works: Does it help?"))
    assert found.benefit is not None
    assert found.benefit.title == "How many it helps"


def test_a_picture_of_harms_is_called_lasting_only_where_the_harms_say_so(made: Callable[..., Handout]):
    lasting = people(made(harms=HARM, head="harms: [{what: cold hands, stays: cold}]", rows=HARMS_ROW))
    assert lasting.harm is not None
    assert lasting.harm.title == "How many have a harm that stays"
    other = people(made(harms=HARM, head="harms: [{what: cold hands, passes: cold}]", rows=HARMS_ROW))
    assert other.harm is not None
    assert other.harm.title == "What may go wrong?"


def test_without_a_heading_of_harms_a_picture_stands_after_its_own_section(made: Callable[..., Handout]):
    found = people(made(BENEFIT, harms=None))
    assert (found.after, found.benefit_unknown, found.harm_unknown) == (1, False, False)
    assert found.benefit is not None
    assert people(made(harms=None)).shown is False


@pytest.mark.parametrize(
    ("told", "benefit", "harm"),
    [
        ({}, True, True),
        ({"helps": "{calm} were calm."}, False, True),
        ({"helps": "- {calm.count} were calm"}, False, True),
        ({"harms": "{cold} had cold hands."}, True, False),
        ({"head": "harms: [{what: cold hands, number: cold}]"}, True, False),
        ({"head": "harms: [{what: cold hands, stays: cold}]"}, True, False),
        ({"head": "harms: [{what: scars, stays: true}]", "harms": "{cold} had cold hands."}, True, True),
        ({"head": 'glance: {relief: "{calm} calm."}'}, False, True),
    ],
)
def test_a_frame_says_not_known_only_where_no_number_is_told(
    made: Callable[..., Handout], told: dict[str, str], benefit: bool, harm: bool
):
    found = people(made(**told, rows=HARMS_ROW))
    assert (found.benefit_unknown, found.harm_unknown) == (benefit, harm)


def test_the_page_shows_the_picture_and_no_frame_beside_a_number(made: Callable[..., Handout], content: Path):
    handout = made(BENEFIT, head="harms: [{what: cold hands, number: cold}]", rows=HARMS_ROW)
    page = html_of(handout.options[0], handout.look, load_library(content, CHOICE))
    assert page.count('class="hundred"') == 1
    assert "We have no good numbers" not in page


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"helps": f"{BENEFIT}\n{BENEFIT}"}, "is a second picture of people outside of '## What may go wrong?'"),
        ({"harms": f"{HARM}\n{HARM}"}, "is a second picture of people under '## What may go wrong?'"),
    ],
)
def test_a_picture_for_which_there_is_no_room_is_told_when_the_text_is_read(
    made: Callable[..., Handout], told: dict[str, str], message: str
):
    with pytest.raises(ContentFault, match=message.replace("?", r"\?")):
        made(**told, rows=HARMS_ROW)


@pytest.mark.parametrize("file", ["en/overview.md", "en/medicine-safety.md", "en/medicines/steroid.md"])
def test_a_picture_in_a_file_that_is_no_options_is_told(made: Callable[..., Handout], content: Path, file: str):
    made()
    path = content / "topics" / CHOICE / file
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{BENEFIT}", encoding="utf-8")
    with pytest.raises(ContentFault, match=r"a picture of people is printed on an option's page alone"):
        load_library(content, CHOICE)
