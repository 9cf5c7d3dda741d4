"""E-mail: a handout, locked, from the clinic to one patient; not lost, not twice, not to somebody else.

The way of one message, in the order of the modules:

- `address`     what was typed -> an address that can be sent to
- `settings`    a clinic's file -> how it sends
- `encryption`  the plain PDF + four words -> a locked PDF
- `slip`        the four words on paper, with how to open the file
- `message`     the finished message, byte for byte as it will go out
- `posting`     all of that for one patient, ready for the outbox
- `handover`    one of them into the outbox, or into a draft; the record hears first. Nothing is sent yet
- `one`         what to ask before that, and what follows from the answers
- `entries`     what a message is to the outbox, and which states it has
- `meaning`     its state in words for the staff, and what to do
- `database`, `outbox`, `claims`, `people`  the outbox: one SQLite file. What waits, who has it, who got what before
- `lists`       the same for a whole list: messages and slips, together or not at all
- `client`      smtplib, with limits on bytes and time
- `smtp`        one conversation with the clinic's server
- `replies`     every way in which it can fail, by what follows from it
- `password`    where the clinic's password is kept
- `runner`      what is due, out
- `sending`     a whole run with the clinics' own servers; the same in the background

Below the command line nothing here reads the clock: every function that needs it takes ``now`` (seconds since 1970).
"""
