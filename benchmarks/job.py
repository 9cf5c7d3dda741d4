"""What every peer of the comparison makes: the same handout, for one made-up person after the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from handouts import load_library
from handouts.codes import document_code, format_code
from handouts.merge.details import details
from handouts.merge.merge import merge
from handouts.model.content import Library
from handouts.model.details import Details
from handouts.model.handout import Handout
from handouts.model.request import Request
from handouts.model.wording import Wording

ROOT = Path(__file__).parent.parent
TOPIC = "hemifacial-spasm"
OPTIONS = ["botox", "microvascular-decompression"]
KEY = b"a key of the benchmarks, no one's"

_GIVEN = (
    "Ava", "Tyrone", "Yvette", "Lea", "Maximilian", "Jo", "Wanda", "Priya", "Fiona", "Kwame", "Ingrid", "Tomás",
    "Renée", "Oluwaseun", "Li", "Gwendolyn", "Noah", "Ayşe", "Bartholomew", "Zoë", "Hiro", "Catalina", "Sam",
)  # fmt: skip
_FAMILY = (
    "Yates", "O'Brien", "Vargas", "Featherstonehaugh", "Ng", "Kowalski", "Tavares-Lima", "Walter", "Björk", "Patel",
    "Fitzgerald", "Løvenskiold", "Taylor", "Muñoz", "Smith", "Avery", "Watanabe", "Okafor", "Lindqvist",
)  # fmt: skip
_CLINICIANS = ("Dr. Cohen", "Dr. Alvarez", "Nurse Taylor")
AVA, ARABIC = -1, -2
"""Two persons more: one whose name shows kerning (and N's, which have none), one whose name is Arabic."""
SPECIAL = {AVA: "AVA YATES NNNNN", ARABIC: "محمد العلي"}


@dataclass(frozen=True, eq=False)
class Job:
    """The library and the one handout that all share. ``asked``: what it was made from."""

    library: Library
    handout: Handout
    wording: Wording
    asked: Request

    def request(self, number: int) -> Request:
        """The request of a row: another person for each number."""
        return request_of(number)

    def details(self, request: Request) -> Details:
        """What is printed for that person, the document's code too."""
        return details(self.wording, request, format_code(document_code(KEY, request, self.library.digest)))


def request_of(number: int) -> Request:
    """The request of a row: another person for each number."""
    name = SPECIAL.get(number) or _name(number)
    return Request.model_validate(
        {
            "topic": TOPIC,
            "options": OPTIONS,
            "patient": {
                "name": name,
                "identifier": f"MRN {(abs(number) * 7919) % 100_000:05}",
                "birth_date": (date(1930, 1, 1) + timedelta(days=(abs(number) * 3571) % 30_000)).isoformat(),
            },
            "visit_date": (date(2026, 11, 2) + timedelta(days=number % 20)).isoformat(),
            "clinician": _CLINICIANS[number % len(_CLINICIANS)],
        }
    )


def new_job(content: Path = ROOT / "content") -> Job:
    """The job: two options of the first topic, as they stand in the checkout."""
    return job_of(request_of(0), None, content)


def job_of(asked: Request | Mapping[str, Any], today: date | None, content: Path = ROOT / "content") -> Job:
    """The job of a request; ``today``: the text's own date if None."""
    request = asked if isinstance(asked, Request) else Request.model_validate(asked)
    library = load_library(content, TOPIC)
    merged = merge(library, request, today or library.topic.file.published)
    return Job(library, merged.handout, merged.wording, request)


def _name(number: int) -> str:
    """Distinct for each number: given names, then a middle initial and a second family name, as long as they last."""
    rest, given = divmod(number, len(_GIVEN))
    rest, family = divmod(rest, len(_FAMILY))
    rest, initial = divmod(rest, 26)
    second = f"-{_FAMILY[rest % len(_FAMILY)]}" if rest else ""
    return f"{_GIVEN[given]} {chr(65 + initial)}. {_FAMILY[family]}{second}"
