"""What clinicians do with content: start a topic, approve it, have their editor check it.

- `scaffold`   a new topic's files, as text
- `approvals`  who stands behind which file, until when; writes approvals.yaml
- `preview`    the pages that someone is about to approve
- `schema`     JSON Schemas of the YAML files, from the models
"""
