"""Step 1, load: files in, models out. Every fault in the files is reported together, with file and line.

In: a request's text, a clinic's preset, flags; the content folder. Out: a `Request`, a `Library`.

- `requests`    one patient's choices, from a file or a stream
- `files`       a regular file as bytes or text, whole or not at all, and none without end
- `layers`      flags over a request over a preset
- `library`     topic, clinic and words, read whole
- `topic`       a topic's files, and what they have to agree on
- `codes`       which topic a diagnosis code is for
- `topic_yaml`  topic.yaml, and whether it was made for this program
- `references`  numbers, sources and figures that texts name and topic.yaml lacks
- `list_maps`   what the columns of a clinic's lists mean
- `logo`        which file is a clinic's logo, and whether it can be printed
- `people`      where pictures of 100 people may stand
- `words`       the words of a page that its templates ask for
- `headings`    headings that are missing, out of order, or too many
- `everything`  all faults of a whole content folder, for `check`
- `collector`   gathers the faults of several files, so that all are reported at once
- `yamlfile`    YAML and JSON text as plain data, with the line of every key
- `validation`  plain data -> a model, or what to write instead
- `refusals`    what may be read again but no longer made, such as a future date of birth
- `markdown`    clinicians' prose as data; no markup goes further
- `known_files`  which files are content at all
- `contrast`    whether a clinic's colours can be read
- `language_files`  the language of a file by its name; the languages of a content folder
- `translation`  the English of a translation, and whether it has changed since
- `texts`, `changes`  the texts of a file, each by its place; which sentences have changed since they were translated
- `parallel`, `numerals`  whether a translation is made like its English; numbers in texts of any language
- `translation_faults`  what is wrong in the files of a translation that are filled in
- `translated_words`  what topic.yaml says in words, in another language
- `progress`, `glossary`  how far a language is; terms that have to be said one way in it
- `approvals`   who stands behind which file; the form of before, too
- `digests`     what pages are printed from, and digests over it
"""
