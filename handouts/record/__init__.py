"""The record: what was made and handed over, for whom, from which text. Nobody's details are in it.

Events are only added, each chained to the one before. The modules, in the order in which one needs them:

- `event`       what an event holds; the canonical form that its hash is taken over. Pure
- `chain`       the keyed hashes that hold events together; what is wrong with a row of them. Pure
- `database`    the SQLite file: tables and their steps
- `store`       adds events, and asks for them
- `recorder`    what making, printing and mailing tell the record; `handouts.model.recorder` has the rule
- `archive`     the texts, templates and drawings of each content digest, kept once
- `mailed`      what the outbox does, as events
- `printed`     what becomes of a print job, as events
- `status`      what became of a document: voided, replaced; what a file is. Asks the store
- `checking`    the whole file against its key, and against a head that was kept elsewhere
- `retention`   takes old events away, so that the rest still verifies
- `exporting`   CSV and JSON Lines
- `reprint`     a handout of the past once more, and what differs when it can't be the same

Below the command line nothing here reads the clock, and nothing here prints.
"""
