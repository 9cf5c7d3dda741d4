"""`new-folder` and `new-clinic`: a content folder and a clinic, to fill in. Reads what comes with the program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from handouts import paths
from handouts.authoring.schema import schemas
from handouts.errors import Refused, SystemMissing
from handouts.load.files import read_text
from handouts.load.known_files import CLINIC, LOGOS
from handouts.model.language import ORIGINAL

_SHARED = ("words/*.yaml", "defaults/*.yaml", "README.md")
"""What a content folder has from the one that comes with the program."""
_MARKS = ("settings.yaml", "words", "clinics", "topics")
"""A folder that holds one of them is a content folder already."""

_SETTINGS = """\
# yaml-language-server: $schema=schema/settings.json
default_clinic: {clinic}    # the clinic whose name stands on a handout when a request names none
"""

_CLINIC = """\
# yaml-language-server: $schema=../../schema/clinic.json
# The practice: its name, colors and contacts. Empty ones print a line to write on.
name: {name}
line:                       # printed under the name, such as Neurosurgery
address:                    # one line an entry, such as
  # - 1 Main Street
  # - Sampleton
phone:                      # whom patients call
website:                    # https://...; prints a QR code
emergency_number:           # what to call in an emergency
crisis_line:                # where to talk at once, for dark thoughts
in_languages:               # what of line, emergency_number, crisis_line is said in others, such as
  # es: {{line: Neurocirugía}}
clinicians:                 # names that `make` offers, such as
  # - Dr. Ada Example
colors:                     # each in quotes
  ink: "#17324d"            # text and heads
  accent: "#0b6e8a"         # marks and rules
  soft: "#e8f1f4"           # behind text
paper: letter               # or a4
practice_page: false        # true adds practice.en.md as the last page
email:                      # never a password
  from:
  reply_to:
  provider:                 # microsoft365 or google, where it is one of them: fills in the next three
  host:
  port:                     # empty: 465
  security:                 # empty: tls; or starttls
  user:
  auth: password            # or oauth, where the provider takes no passwords: docs/mail.md
print:
  printer:                  # `printers` lists their names
  paper:                    # of the tray, if another
  duplex: true
  copies: 1
# Somebody's usual choices: presets/NAME.yaml, with keys of a request, such as topic: and options:
"""

_LOGO = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">
  <!-- Put your own logo here: logo.svg, or in its place logo.png or logo.jpg. About as wide as it is high. -->
  <title>The logo goes here</title>
  <rect x="2" y="2" width="60" height="60" rx="12" fill="#17324d"/>
  <circle cx="32" cy="32" r="15" fill="none" stroke="#ffffff" stroke-width="5"/>
</svg>
"""

_PRACTICE = """\
---
name: Write the heading of your own page
---

Write here what your practice says of itself. It is printed as the last page, under a heading that says so, where
clinic.yaml has practice_page: true. Else no one sees it.
"""


def folder_files(clinic: str) -> Mapping[str, str]:
    """The files of a content folder with one clinic and no topic yet, path -> text.

    SystemMissing where the program's own can't be read.
    """
    return {
        "settings.yaml": _SETTINGS.format(clinic=clinic),
        **dict(_shared()),
        **{f"schema/{name}": text for name, text in schemas().items()},
        **{f"clinics/{clinic}/{name}": text for name, text in clinic_files(clinic).items()},
    }


def _shared() -> Iterator[tuple[str, str]]:
    own = paths.ROOT / "content"
    for pattern in _SHARED:
        for path in sorted(own.glob(pattern)):
            try:
                yield path.relative_to(own).as_posix(), read_text(path)
            except (OSError, UnicodeDecodeError):
                raise SystemMissing(f"{path.name} of the program can't be read. Install the program again.") from None


def clinic_files(clinic: str) -> Mapping[str, str]:
    """The files of a clinic, path inside its folder -> text."""
    name = " ".join(word.capitalize() for word in clinic.split("-"))
    return {CLINIC: _CLINIC.format(name=name), LOGOS[0]: _LOGO, f"practice.{ORIGINAL}.md": _PRACTICE}


def lacking(folder: Path, files: Mapping[str, str]) -> dict[str, str]:
    """Those of ``files`` that ``folder`` does not have. A clinic with a logo of another kind has its logo."""
    return {name: text for name, text in files.items() if not any(path.exists() for path in _same(folder / name))}


def _same(path: Path) -> Iterator[Path]:
    return (path.with_name(name) for name in (LOGOS if path.name == LOGOS[0] else (path.name,)))


def require_for_content(folder: Path) -> None:
    """Refused for a folder that holds something, and no content: nobody wants it between their other files."""
    if folder.is_dir() and any(folder.iterdir()) and not any((folder / name).exists() for name in _MARKS):
        raise Refused("That folder holds other files. Name an empty one, or one that is not there yet.")
