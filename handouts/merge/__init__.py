"""Step 2, merge: what was chosen, and nothing else. Pure: no file, no clock.

In: a `Library`, a `Request`, the day. Out: a `Handout` (all that templates see), `Details` (the texts for the slots),
and what the staff should know.

- `merge`       the handout
- `references`  numbers, sources and pictures that prose refers to
- `approval`    whether a clinician stands behind each sheet
- `details`     the patient's own texts; which requests can share a master
- `own_fonts`   the fonts that only the patient's own texts need
- `sheets`      what stands on each sheet of the stack
- `cells`       the answers of the comparison, harms by kind
- `shapes`      the room that they need on the front and in the plan of medicines
- `flow`        texts of an area below each other
- `people`      the pictures of 100 people on an option's sheet
- `notices`     what the staff should know, a sentence each
- `request_fingerprint`  what the record holds of a request
"""
