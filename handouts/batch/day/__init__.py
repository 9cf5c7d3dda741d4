"""A list of the day on a screen: rows are looked at, mended and chosen for, then saved, printed or mailed.

The rows live in memory only; what was done with them is remembered without any patient's details.

- `opened`    the rows: what is wrong with each, what was typed and chosen instead
- `making`    chosen rows -> finished handouts in memory, by `handouts.batch.run`
- `giving`    these -> one file, paper, the outbox
- `work`      all that in a thread, with progress, to be stopped
- `memory`    what was done with which row, for two weeks
- `settling`  what became of it if the program was killed meanwhile
"""
