"""Topics for tests that are none of a spasm: instructions, and a choice with rows, headings and a diary of its own."""

from __future__ import annotations

from pathlib import Path

GUIDE = "after-the-heart-test"
GUIDE_FILES = {
    "topic.yaml": """\
kind: instructions
version: "1.0"
published: 2026-11-01
review_by: 2027-11-01
sections:
  - {id: wound}
  - {id: stitches, optional: true}
diary: true
safety:
  urgent_signs: {urgent: true, text: }
  driving:
""",
    "en/overview.md": """\
---
name: After the heart test
line: This sheet helps you care for yourself after the test of your heart.
timetable:
  - {when: Day 1, what: Rest at home. Have someone with you.}
  - {when: Day 2, what: You may take a bath.}
  - {when: Week 1, what: Go back to light work.}
call_us:
  - {when: At any time, signs: [The spot bleeds, Your arm feels cold]}
checklist: [A driver to take me home, My pills for the night]
next_steps: [Rest today]
ask: [When may I work again?]
teach_back: [Tell us what you will do if it bleeds.]
safety:
  urgent_signs: Get help right away for
  driving: When you drive
---
## What was done?

A thin tube went from your wrist to your heart. It took pictures.
""",
    "en/takeaways.md": "---\nname: Key points\n---\n- Rest for one day.\n- Keep the spot dry.\n",
    "en/wound.md": """\
---
name: Your wrist
safety: [driving]
---
## Do

- Press on the spot if it bleeds
- Keep the band on for a day

## Don't

- Lift things that weigh more than a full cup
- Rub the spot

## How does it heal?

A blue mark is normal. It fades in some days.
""",
    "en/stitches.md": """\
---
name: Your stitches
call_us:
  - {when: With stitches, signs: [A stitch comes loose]}
timetable:
  - {when: Day 7, what: A nurse takes them out.}
checklist: [My visit with the nurse]
next_steps: [Book a visit with the nurse]
---
## Do

- Keep them dry
""",
    "en/words.yaml": """\
diary:
  columns:
    - {question: Does it hurt?, ticks: [no, some, a lot]}
    - {question: What did you do?}
""",
}
CHOICE = "dry-eye"
CHOICE_FILES = {
    "topic.yaml": """\
version: "1.0"
published: 2026-11-01
review_by: 2027-11-01
rows: [what, relief, cost]
options:
  - {id: drops, diary: true}
  - {id: tablets, kind: medicines, medicines: [pilocarpine]}
  - {id: plugs, kind: medicines, medicines: [steroid]}
""",
    "en/words.yaml": """\
rows: {relief: Does it help?, cost: What does it cost?}
headings:
  option: [What is it?, Does it help?]
  medicine: [What is it for?, What should you look out for?]
diary:
  columns:
    - {question: How dry?, scale: 0 to 5}
    - {question: Which drops?, ticks: [mine, other]}
""",
    "en/overview.md": """\
---
name: Dry eye
line: This sheet is here to help you choose.
decision: You can choose how to wet your eyes.
matters: [Less burning]
---
## What is it?

Your eyes make too few tears.
""",
    "en/takeaways.md": "---\nname: Key points\n---\n- You can ask for time.\n",
    "en/medicine-safety.md": """\
---
name: Before you start
call_us: {when: With any medicine, signs: [A rash]}
---
## What should you tell us first?

- All your pills
""",
    **{
        f"en/medicines/{name}.md": f"""\
---
name: {name.capitalize()}
---
## What is it for?

It helps your eyes.

## What should you look out for?

Call us if you sweat a lot.
"""
        for name in ("pilocarpine", "steroid")
    },
    **{
        f"en/{name}.md": f"""\
---
name: {name.capitalize()}
short: {name.capitalize()}
one_line: {name.capitalize()} wet the eye.
takeaway: {name.capitalize()} may help.
grid: {{what: "{name.capitalize()} wet the eye.", relief: "**Often** in some days.", cost: Ask us.}}
ask: [Do they sting?]
teach_back: [Tell us how you use them.]
next_steps: [Try them for a week]
---
## What is it?

They are for your eyes.

## Does it help?

Most people feel better.
"""
        for name in ("drops", "tablets", "plugs")
    },
}


def write_topic(content: Path, name: str, files: dict[str, str], **replaced: str) -> None:
    """Put a topic into a content folder; ``replaced``: a file's text by its stem ("topic", "overview")."""
    for path, text in files.items():
        stem = Path(path).stem.replace("-", "_")
        place = content / "topics" / name / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(replaced.get(stem, text), encoding="utf-8")


def edit(path: Path, old: str, new: str) -> None:
    """Replace the first ``old`` in a file, which has to be there."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
