"""What health records bring: FHIR R4, from a file or from the clinic's server.

- `endpoint`   a server's address, checked
"""
