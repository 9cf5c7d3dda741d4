"""Step 4, stamp: the patient's texts into the slots of a master, as one incremental update (ISO 32000-1, 7.5.6).

In: a `Master` (or its `StampPlan`) and `Details`. Out: bytes. Pure, and well under a millisecond.

- `fit`    a text -> lines of glyphs that fit a slot, or a refusal; never cut
- `stamp`  the update; the text that a screen reader gets goes into its tag
"""
