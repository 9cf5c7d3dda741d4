"""The outbox: what waits to go out, by mail to a patient or to the clinic's health record; not lost, not twice.

- `entries`    what a message is to the outbox, its two channels and its states
- `trouble`    why one did not go out, by what follows from it
- `database`, `outbox`, `claims`  one SQLite file: what waits, who has it
- `pace`       when a message is tried again, and how fast a queue goes
- `runner`     what is due, out, queue by queue, by whatever connection a queue has
- `sending`    a whole run with the clinics' own servers; the same in the background

Below the command line nothing here reads the clock: every function that needs it takes ``now`` (seconds since 1970).
"""
