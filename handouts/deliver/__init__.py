"""Step 5, deliver: bytes to a file, the printer or the outbox.

- `files`      a file, whole or not at all; the system's viewer
- `identify`, `identify_apart`  which document a PDF is; the same in a process of its own, for what a browser sends
- `old_files`  old handouts in a folder
- `canvas`     pages of fixed geometry, drawn with ReportLab: run sheets and slips
- `volume`     many finished files bound into one print file
- `printing`   a file to CUPS, a job to its end
- `outbox`     what waits to go out, and its way to a server
- `fhir`       what was given out, back into the health record
- `mail`       messages, slips, and the conversation with mail servers
"""
