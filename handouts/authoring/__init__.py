"""What clinicians do with content: start a topic, approve it, have their editor check it.

- `folder`     a new content folder's and a new clinic's files, as text
- `scaffold`   a new topic's files, as text
- `choice`, `instructions`  the texts of each kind of topic
- `new_language`  the files of a translation to fill in
- `side_by_side`, `translators_pdf`, `sheet_names`  a text for who translates elsewhere; its PDF; which file it is
- `filled_in`, `tidying`  what comes back from them; what a word processor has made of it
- `checked_translation`  what it takes to approve a translation
- `approvals`  who stands behind which file, until when; writes approvals.yaml
- `preview`    the pages that someone is about to approve
- `summary`    a topic at a glance: dates, which sheet is approved, what is empty
- `desk_words`, `library_words`, `po`  bring the translations of the desk up to what it and the library say today
- `schema`     JSON Schemas of the YAML files, from the models
"""
