"""The desk: a page in the browser where staff make a handout. It adds no rule of its own; all it knows of is HTTP.

A screen each, a blueprint of views of some ten lines:

- `handout`    New handout: the form, the pages beside it, print, save
- `email`      its E-mail: a question, then the outbox
- `today`      Today: the day's appointments from the health record, each a new handout
- `day_list`   The day's list: rows to fix, choose for, print, mail and save
- `sent`       the outbox: what became of each message, and what a person decides
- `library`    every topic, its sheets as they are printed, what `check` finds, approving
- `infobutton` what a health record's button for patient education is answered
- `given`      Given: what a patient was given, whether a file is ours; void, replace, make again

What they share:

- `state`      `Desk`: folders, user, clock, sheets, workers; all that the views share
- `app`        the Flask application, and how a fault becomes a page or JSON
- `words`      the desk's own sentences in the language of the staff
- `library_words`  what the library says, in that language
- `tongue`     which language that is: what the browser asks for, or was told
- `guard`      who may come in: the key, Host, Origin; what a browser may do with a page
- `server`     listening, and what runs in the background
- `opening`    opening the browser, also once more
- `choices`    what the form offers: topics, options, presets, printers
- `forms`      what was typed -> a request, each fault at its field
- `preview`    a request -> pages that nobody can take for a handout, and what the staff should know
- `windows`    what each browser window shows, and when it is forgotten
- `pictures`   pages as pictures
- `making`     a form -> a finished handout, saved or printed
- `emailing`   a form -> a message in the outbox, as a person decided
- `shelf`      a topic's sheets, the files of each, findings: values for the library's templates
- `approving`  what was typed to approve -> the question, or why it can't be asked yet
- `measuring`  the gates on pages, in the background
- `documents`  documents of the record, as they are shown
- `again`      a past document once more
- `workers`    WeasyPrint in processes of its own
- `sheetstore` typeset sheets: in memory, on the disk, or just being made
- `ahead`      sheets that are made ready before anybody asks
- `dayjobs`    what the day's list asks of the library
- `listwindows` lists that are open, and when they are forgotten
- `listpool`   where the sheets of a list are made
- `listview`   rows of a list: values for its templates
- `listread`   how a list was read
- `listtold`   what was done with them, and what is under way, in words
- `jobs`       what goes on after the answer: printing
- `users`      who may work at a desk on a network, and the log of who came in
- `login`      logging in and out at a desk on a network
- `sessions`   who is logged in, for how long, and how fast one may try
- `roles`      what needs more than being logged in
- `network`    where a desk listens
- `connections` one that is slow, silent or greedy keeps nobody else waiting
- `tls`        the certificate, checked before anybody connects
- `passwords`  what passwords may be, and what is kept of them

A patient's details are in memory while they are on the screen, and nowhere else, until a handout is made.
"""
