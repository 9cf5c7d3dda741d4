"""Printing: a finished PDF to CUPS, and what became of it. Handed to the printer is not yet printed.

The way of one file, in the order of the modules:

- `contents`   a PDF -> what it is, and which handouts are in it
- `paper`      a PDF -> how many pages, on which paper
- `ipp`        the words of the Internet Printing Protocol: questions to bytes, bytes to answers
- `scheduler`  CUPS itself: which printers there are, how a job stands
- `messages`   what a printer says -> what to tell the staff
- `submit`     a printer that takes jobs; the file to `lp`
- `outcome`    `Printed`: what became of a file, with what to do next
- `job`        all of that: hand over, follow to the end
- `session`    a printer and its files; the record hears of each before CUPS, and of its end before the staff

Files go out with CUPS's own `lp`, which knows the machine's settings. How a job ended is asked over IPP, because
`lpstat` has the same words for a job that was printed and one that was cancelled (seen with CUPS 2.4.2).
"""
