"""A topic of kind choice, to fill in: a choice between treatments. Texts only."""

from __future__ import annotations

from collections.abc import Sequence

from handouts.model.document import HARMS

NAMES = {"no-treatment": "No treatment for now"}
"""What is called otherwise than its file."""

TOPIC = """\
# yaml-language-server: $schema=../../schema/topic.json
# The structure of the topic, no prose: that is in en/*.md. content/README.md explains every key.
made_for: "{made_for}"          # the least version of the program that prints this; leave it
kind: choice             # between treatments; the other kind is instructions
version: "0.1"           # printed; raise it with every change of meaning
published: {today}
review_by: {review}      # the next review: yearly, three years at most
update_policy: yearly
funding:                 # who paid for this material

options:                 # in the order they are printed; one file en/ID.md each. `new` again makes those you add
  - {{id: first-option, kind: medicines, medicines: [first-medicine]}}   # one file en/medicines/NAME.md each
  # - {{id: second-option, diary: true}}     # of another kind; diary: true, in any option, adds four weeks to fill in
  - {{id: no-treatment}}                   # keep this one

figures:                 # one line each; `new` again makes the drawing and the words of its labels
  # face: {{}}             # for figures/face.svg; {{sided: true}} follows the patient's side

numbers:                 # the only place for outcome numbers, such as
  # relief:
  #   count: 80
  #   out_of: 100
  #   of: people
  #   over: one year
  #   source: first-study

sources:
  # first-study:
  #   cite: "Authors. Journal year;volume:pages"
  #   doi: 10.1000/x

mask: []                 # names that the text explains on first use; left out of the reading grade

safety:                  # for a clinician; empty ones print a line to write on
  urgent_signs:          # what must never wait, and where to go with it
    urgent: true         # on page 1
    text:
  stopping_medicine:     # what happens when a medicine is stopped suddenly, and what to do
    urgent: true
    text:
"""

OVERVIEW = """\
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
safety:                  # what stands before each of the safety fields of topic.yaml
{safety}
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

TAKEAWAYS = """\
---
name: Key points
---
- Write here what a reader must not miss.
"""

_OPTION_HEAD = """\
---
name: {name}
short: {short}           # the head of its column: one or two words
one_line: Write in one line what this choice is.
takeaway: Write in one line what to keep in mind.
grid:                    # about 15 words each; a number or a bold word at the start is printed large
{grid}
{harms}call_us:
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

_HARMS = """\
harms:                   # stays, passes: a number of topic.yaml, or true where none is known
  - what: Write a harm here
    passes: true
"""

_MEDICINE_HEAD = """\
---
name: {name}
signs:                   # to call you about
  - Write one sign a line
urgent: []               # for the crisis line, on page 1
---
"""

MEDICINE_SAFETY = """\
---
name: Before you start a medicine
call_us:
  when: With any medicine
  signs:
    - Write one sign a line
safety: [{safety}]
---
## What should you tell us first?

- Write one thing a line.

## How is the dose adjusted?

Write here how you find the right dose.

## What if medicine is not enough?

Write here what comes next.
"""

OWN_WORDS = """\
# yaml-language-server: $schema=../../../schema/topic-words.json
# What this topic says otherwise than defaults/en.yaml (rows, headings), and the columns of its diary.
diary:
  columns:                # at most four; the last alone may be for words
    - question: How strong is it?
      scale: 0 to 10
    - question: How did you sleep?
      ticks: [well, so-so, badly]
    - question: What did you do? How did you feel?
"""

FIGURE_WORDS = """\
# yaml-language-server: $schema=../../../schema/figures.json
# What the labels of the drawings say. For <text id="nerve"> in figures/face.svg, without the # signs:
labels:
  # face:
  #   nerve: facial nerve
"""

FIGURE = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 300">
  <title>Write what the drawing shows: {name}</title>
  <!-- The drawing stands in the group "art": with sided: true it is mirrored for the right side. Words stand in the
       group "labels", as <text id="nerve" x="40" y="60" font-size="26"></text>; en/figures.yaml says what each says.
       Save your own drawing as plain SVG, paths and plain colors, in place of this one. -->
  <g id="art"><rect x="2" y="2" width="396" height="296" fill="none" stroke="#17324d" stroke-width="4"/></g>
  <g id="labels"></g>
</svg>
"""


def option(name: str, rows: Sequence[str], headings: Sequence[str], *, lists_harms: bool) -> str:
    """The file of an option. ``lists_harms``: its harms stand in a list of their own, not in the grid."""
    cells = [row for row in rows if not (lists_harms and row == HARMS)]
    grid = "\n".join(f"  {row}: Write a short answer here." for row in cells)
    short = " ".join(name.split()[:2])
    harms = _HARMS if lists_harms else ""
    return _OPTION_HEAD.format(name=name, short=short, grid=grid, harms=harms) + _prose(headings)


def medicine(name: str, headings: Sequence[str]) -> str:
    """The file of a medicine."""
    return _MEDICINE_HEAD.format(name=name) + _prose(headings)


def _prose(headings: Sequence[str]) -> str:
    return "\n".join(f"## {heading}\n\nWrite the answer here, in short plain lines.\n" for heading in headings)
