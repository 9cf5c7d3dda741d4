"""What health records bring: FHIR R4, from a file or from the clinic's server.

- `endpoint`   a server's address, checked
- `settings`   a clinic's file -> how its health record is reached
- `key`        the program's private key
- `smart`      an access token by SMART Backend Services
- `server`     questions to a server, and what its answers mean
- `fetching`   a patient, a day's appointments
"""
