"""The record: what was made and handed over, for whom, from which text. It holds no patient's details.

Events are only added, each chained to the one before. The modules, in the order in which you need them:

- `event`       what an event holds; the canonical form that its hash covers. Pure
- `chain`       the keyed hashes that hold events together; what is wrong with a series of them. Pure
- `database`    the SQLite file: tables, and the steps between their versions
- `store`       adds and finds events
- `archive`     the sheets of each document, and the texts, templates and drawings of each content digest, kept once
- `mailed`      what the outbox does, as events
- `printed`     what happens to a print job, as events
- `status`      whether a document was voided or replaced; what a file is. Reads the store
- `checking`    the whole file against its key, and against a head that was kept elsewhere
- `retention`   removes old events, so that the rest still verifies
- `exporting`   CSV and JSON Lines
- `recorder`    what making, printing and mailing report to
- `loss`        whether the record and all that belongs to it are there
- `recovery`, `outbox_recovery`, `key_recovery`, `staging`  restore what was lost, or begin again
- `reprint`     an old handout again, or what differs if it can't be the same
- `voiding`     a document that was given in error: what that changes
- `verdict`     can a file be relied on, and its text still be given out?
- `finding`     what a patient was given
- `story`       what happened to a document, in plain words

Nothing here reads the clock or prints.
"""
