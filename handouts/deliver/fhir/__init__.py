"""The way back into the health record: what was given out, that it was mailed, that it was given in error.

- `resources`  a handout as DocumentReference, Binary, Provenance and Communication (FHIR R4)
- `contents`   what the outbox holds for a health record
- `queueing`   into the outbox, or into a file; the record hears first
- `lists`      the same for a whole list
- `posting`    out of the outbox, to the clinic's server, once
"""
