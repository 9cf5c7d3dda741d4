"""E-mail: a handout, locked, from the clinic to one patient; not lost, not twice, not to somebody else.

The way of one message, in the order of the modules:

- `address`     what was typed -> an address that can be sent to
- `providers`   Microsoft 365, Google, or any other provider of logins, by its addresses
- `settings`    a clinic's file -> how it sends
- `encryption`  the plain PDF + four words -> a locked PDF
- `slip`        the four words on paper, with how to open the file
- `calendar_file`  the next appointment, for the patient's calendar
- `message`     the finished message, byte for byte as it will go out
- `posting`     all of that for one patient, ready for the outbox
- `handover`    one of them into the outbox, or into a draft; the record hears first. Nothing is sent yet
- `one`         what to ask before that, and what follows from the answers
- `meaning`     the state of what is in the outbox in words for the staff, and what to do
- `people`      who got what before
- `lists`       the same for a whole list: messages and slips, together or not at all
- `client`      smtplib, with limits on bytes and time
- `smtp`        one conversation with the clinic's server
- `replies`     every way in which it can fail, as `handouts.deliver.outbox.trouble`
- `password`    where the clinic's password is kept
- `login`       where what `mail login` leaves is kept
- `identity`    one question to the provider of logins, and what its answer means
- `consent`     the login itself: somebody says yes in a browser
- `signin`      the password, or a new access token, and a connection that is signed in with it

The outbox itself is `handouts.deliver.outbox`.

Below the command line nothing here reads the clock: every function that needs it takes ``now`` (seconds since 1970).
"""
