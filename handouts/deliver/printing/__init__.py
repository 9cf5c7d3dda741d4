"""Printing: hands a finished PDF to CUPS and follows its job. Handed over is not yet printed.

The modules, in the order in which a file passes through them:

- `contents`   a PDF -> what it is, and which handouts are in it
- `paper`      a PDF -> how many pages, on which paper
- `ipp`        the Internet Printing Protocol: requests to bytes, bytes to responses
- `scheduler`  CUPS itself: its printers, the state of a job
- `messages`   what a printer reports -> what to tell the staff
- `submit`     picks a printer that accepts jobs; sends the file with `lp`
- `outcome`    `Printed`: what happened to a file, and what to do next
- `job`        all of that: hand over, follow to the end
- `session`    a printer and its files; the record has each before CUPS, and each outcome before the staff

Files go out with CUPS's own `lp`, which knows the machine's settings. The end of a job is queried over IPP, because
`lpstat` reports printed and cancelled jobs alike (seen with CUPS 2.4.2).
"""
