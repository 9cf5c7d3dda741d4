"""What a health record brings, by FHIR R4: resources -> suggestions for a request. Nothing here makes a handout.

A code suggests, staff confirm; what can't be decided is a question, never a guess. A resource that can't be used is
left aside with a reason, and nothing that a patient's record says is in a reason.

- `reading`     a file, or a server's answers -> resources as plain data, within bounds
- `leniency`    where real servers are sloppy: what is put right, each with its reason
- `elements`    which elements are read; values in them
- `checking`    a resource -> one that can be used, checked against R4, or why not
- `chart`       what their references lead to, whose they are, what was set aside
- `suggestion`  what comes out: values, questions, texts for a person
- `patient`     name, birth date, record number, language, address
- `problems`    diagnoses -> topic and side
- `orders`      what is ordered and planned -> options and steps to choose from
- `medicines`   prescriptions -> the topic's medicines
- `dosage`      how much and when, where it is plain
- `visits`      this visit, the next one, the clinician
- `suggest`     all of it, for one patient or each of several
- `listing`     several patients -> the rows of a list

The way to a clinic's server:

- `endpoint`   a server's address, checked
- `settings`   a clinic's file -> how its health record is reached
- `key`        the program's private key
- `smart`      an access token by SMART Backend Services
- `server`     questions to a server, and what its answers mean
- `fetching`   a patient, a day's appointments
- `schedule`   a day's appointments as a list for the screen; suggestions as fields of a form

And a question that a health record asks of us:

- `infobutton` an HL7 Infobutton request -> the topics that it asks for
"""
