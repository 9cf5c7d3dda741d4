"""Step 4, stamp: the patient's texts into the slots of a master, as one incremental update (ISO 32000-1, 7.5.6).

In: a `Master` (or its `StampPlan`) and `Details`. Out: bytes. Pure, and well under a millisecond.

- `fit`    a text or an entry -> lines of glyphs at their places in a slot, or a refusal; never cut
- `form`   these as the content of a form
- `stamp`  the update; the text that a screen reader gets goes into its tag
"""
