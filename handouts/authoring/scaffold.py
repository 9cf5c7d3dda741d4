"""`new TOPIC`: a commented skeleton that loads and passes `check` but for notices. Returns text; writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from handouts.model.topic_words import TopicWords

_TOPIC = """\
# yaml-language-server: $schema=../../schema/topic.json
# The structure of the topic, no prose: that is in en/*.md. content/README.md explains every key.
version: "0.1"           # printed; raise it with every change of meaning
published: {today}
review_by: {review}      # the next review: yearly, three years at most
update_policy: yearly
funding:                 # who paid for this material

kind: choice             # between options; the other kind is instructions
options:                 # in the order they are printed; one file en/ID.md each
  - {{id: first-option, kind: medicines, medicines: [first-medicine]}}   # one file en/medicines/NAME.md each
  - {{id: no-treatment}}

figures: {{}}              # NAME: {{sided: true}} for figures/NAME.svg; its words: en/figures.yaml

numbers: {{}}              # the only place for outcome numbers, such as
  # relief: {{count: 80, out_of: 100, of: people, over: one year, source: first-study}}

sources: {{}}              # first-study: {{cite: "Authors. Journal year;volume:pages", doi: 10.1000/x}}

mask: []                 # names that the text explains on first use; left out of the reading grade

safety:                  # for a clinician; empty ones print a line to write on
  urgent_signs: {{urgent: true, text: }}        # what must never wait, and where to go with it; urgent: on page 1
  stopping_medicine: {{urgent: true, text: }}   # what happens when a medicine is stopped suddenly, and what to do
"""

_OVERVIEW = """\
---
name: {name}
line: Write in one short line what this illness is.
decision: Write in one short line what there is to choose.
ask:
  - What may have led to this?
teach_back:
  - Tell us in your own words what you can choose.
matters:                 # what may matter most to a reader
  - To feel well
safety:                  # what stands before each of the safety fields
  urgent_signs: Get help right away for
  stopping_medicine: If you stop a medicine at once
---
## What is it?

Write here what it is. Say what part of the body it is in. Say what goes wrong there. Use short words and
short lines. Write as you would talk to one person. If you need a hard word, say right after it what it means.

Write here how it may feel, and what it may change for a person. Be calm and kind.

## What are the signs?

- Write the sign that most people have
- Write one sign a line
- Write what a person can see or feel
- Write seven lines at most

Write here which signs come first. Say what makes them worse, and what makes them better.

## What causes it?

Write here what the cause is, the most common one first. Say how you find out, such as with a scan or a blood test.

Write here what else it may be. If no one knows the cause, say so. A person may think that it is their fault.
If it is not, say so too.

## How may it go on?

Write here what may happen with no treatment. Does it stay the same, get worse, or go away? Over what time?
Say how sure you are.

## Why does the cause matter?

Write here why it helps to know the cause. Say for which cause you would choose which treatment.

Write here what there is to choose from, in one line. More on each choice comes on the next pages. Say whom a
person can ask.
"""

_TAKEAWAYS = """\
---
name: Key points
---
- Write here what a reader must not miss.
"""

_OPTION_HEAD = """\
---
name: {name}
short: {short}           # the head of its column
one_line: Write in one line what this choice is.
takeaway: Write in one line what to keep in mind.
grid:                    # about 15 words each; a number or a bold word at the start is printed large
{grid}
harms:                   # stays, passes: a number of topic.yaml, or true where none is known
  - {{what: Write a harm here, passes: true}}
call_us:
  when: Write when a sign counts, such as After surgery
  signs:
    - Write one sign a line
ask:
  - What would you ask us?
teach_back:
  - Tell us in your own words what this choice means for you.
next_steps:
  - Write the next step
safety: []               # names of safety fields of topic.yaml that belong here
---
"""

_MEDICINE_HEAD = """\
---
name: First medicine
signs:                   # to call you about
  - Write one sign a line
urgent: []               # for the crisis line, on page 1
---
"""

_MEDICINE_SAFETY = """\
---
name: Before you start a medicine
call_us:
  when: With any medicine
  signs:
    - Write one sign a line
safety: [stopping_medicine]
---
## What should you tell us first?

- Write one thing a line.

## How is the dose adjusted?

Write here how you find the right dose.

## What if medicine is not enough?

Write here what comes next.
"""

_NAMES = {"first-option": ("First option", "First"), "no-treatment": ("No treatment for now", "No treatment")}


def skeleton(topic: str, words: TopicWords, today: date) -> Mapping[str, str]:
    """The files of a new topic: path inside its folder -> text. Headings and grid rows are those of ``words``."""
    name = topic.replace("-", " ").capitalize()
    grid = "\n".join(f"  {row}: Write a short answer here." for row in words.rows if row != "harms")
    files = {
        "topic.yaml": _TOPIC.format(today=today, review=today + timedelta(days=365)),
        "en/overview.md": _OVERVIEW.format(name=name),
        "en/takeaways.md": _TAKEAWAYS,
        "en/medicine-safety.md": _MEDICINE_SAFETY,
        "en/medicines/first-medicine.md": _MEDICINE_HEAD + _prose(words.headings.medicine),
    }
    for option, (long, short) in _NAMES.items():
        head = _OPTION_HEAD.format(name=long, short=short, grid=grid)
        files[f"en/{option}.md"] = head + _prose(words.headings.option)
    return files


def _prose(headings: tuple[str, ...]) -> str:
    return "\n".join(f"## {heading}\n\nWrite the answer here, in short plain lines.\n" for heading in headings)
