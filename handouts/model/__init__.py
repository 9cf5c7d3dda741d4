"""The frozen types that flow through the five steps. Nothing here reads, writes or prints.

What comes in, from files:

- `base`            what all models of files have in common
- `request`         one patient's choices
- `request_paths`   every place in a request that a cell of a list can fill
- `list_map`        what the columns of one kind of list mean
- `patient_fields`  the table of a patient's fields: place in a request, room on the page, how the value is printed
- `content`         a topic, the words of a page, the library of it all
- `topic_file`, `topic_words`  a topic's structure; the rows, headings and diary that its files share
- `document`, `prose`  clinicians' Markdown: front matter, and sections as data
- `language`, `number_words`, `calendar`  languages by their tags; how a number and a date are said in one
- `clinic`, `mailwords`  a clinic's brand and contacts; the words of messages and slips
- `pixels`          a logo of pixels, and nothing else of its file
- `doses`, `characters`, `folding`  notation that is misread, characters that can't be seen, names that are the same

What goes on:

- `edition`         how a request is printed: blank, as a replacement, unapproved
- `handout`         the merged document: a stack of sheets, how they look, who stands behind them
- `sheets`, `harms`  what each sheet holds, all that templates see
- `shapes`          how much room the boxes of a front and of a plan have
- `slots`           where a patient's details go
- `details`, `wording`  what fills them; the words that they are stamped with
- `isolates`        what keeps its direction within a text that runs the other way
- `unbroken`        spaces at which no line ends
- `master`          a typeset handout with empty slots, and its stamp plan
- `typeset_sheet`   a typeset sheet, ready to be bound with others
- `pdf_template`    PDF objects with gaps for the numbers of others
- `pdf_syntax`      the PDF syntax that several modules write by hand
- `origin`          what a handout was printed from
- `stack`           the sheets that its pages are bound from
- `recorder`        what hears of a handout before it goes out
"""
