"""A topic of kind instructions, to fill in: what to do after an operation, before a test, with a device. Texts only."""

from __future__ import annotations

TOPIC = """\
# yaml-language-server: $schema=../../schema/topic.json
# The structure of the topic, no prose: that is in en/*.md. content/README.md explains every key.
made_for: "{made_for}"          # the least version of the program that prints this; leave it
kind: instructions       # what to do; the other kind is a choice between treatments
version: "0.1"           # printed; raise it with every change of meaning
published: {today}
review_by: {review}      # the next review: yearly, three years at most
update_policy: yearly
funding:                 # who paid for this material

sections:                # in the order they are printed; one file en/ID.md each. `new` again makes those you add
  - {{id: first-days}}
  - {{id: back-to-normal}}
  - {{id: stitches, optional: true}}   # printed only for whom the request names it: sections: [stitches]

figures:                 # one line each; `new` again makes the drawing and the words of its labels
  # wound: {{}}            # for figures/wound.svg; {{sided: true}} follows the patient's side

numbers:                 # the only place for outcome numbers, such as
  # healed:
  #   count: 95
  #   out_of: 100
  #   of: people
  #   over: six weeks
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
"""

OVERVIEW = """\
---
name: {name}
line: Write in one short line what this sheet helps with.
# heading: Before your test   # of the pages that say what to do; without it they are called "What to do at home"
timetable:               # what to do or expect, and when: seven lines at most
  - when: Day 1
    what: Write what to do on this day
  - when: Week 1
    what: Write what to do in this week
  - when: Week 6
    what: Write what to do by then
call_us:
  - when: Write when a sign counts, such as In the first two weeks
    signs:
      - Write one sign a line
checklist:               # to tick off: seven lines at most
  - Write one thing to have or to do a line
ask:
  - What would you ask us?
teach_back:
  - Tell us in your own words what you will do first.
next_steps:
  - Write the next step
safety:                  # what stands before each of the safety fields of topic.yaml
{safety}
---
## What happens now?

Write here what was done, or what will be done. Say what a person may feel. Say how long it may last. Use short words
and short lines. Write as you would talk to one person.
"""

SECTION = """\
---
name: {name}
timetable: []            # as in overview.md, where this part has days of its own
call_us: []              # as in overview.md, where this part has signs of its own
checklist: []            # to tick off
next_steps: []
safety: []               # names of safety fields of topic.yaml that belong here
# Below: "## Do" and "## Don't" with a list each, and headings of your own with prose, in any order.
---
## Do

- Write what to do, one thing a line
- Write when or how often

## Don't

- Write what not to do, and for how long
"""
