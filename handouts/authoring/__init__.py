"""What clinicians do with content: start a topic, approve it, have their editor check it.

- `scaffold`   a new topic's files, as text
- `approvals`  who stands behind which text, until when; writes approval.yaml
- `schema`     JSON Schemas of the YAML files, from the models
"""
