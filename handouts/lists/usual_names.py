"""What practice systems call their columns, in English and Spanish, and which key of a request each name means.

Names are compared folded: case, accents, punctuation and the usual abbreviations do not count ("Pt Last Nm" is "patient
last name"). The *next* visit comes only from a column called so: a day's list names the visit it is made for.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache

from handouts.model.list_map import ORDER

FIRST, MIDDLE, LAST, SECOND_LAST, SUFFIX = "first", "middle", "last", "second last", "suffix"
NAME_PARTS = (FIRST, MIDDLE, LAST, SECOND_LAST, SUFFIX)
"""The parts of a name, in the order in which they are joined."""
NEXT_TIME = "next time"
"""The time of the next visit, where its date has a column of its own."""
DIAGNOSIS = "diagnosis"
TREATMENTS = "treatments"
"""What was chosen: options, where its cells hold their ids."""
GENERIC = frozenset({"name", "nombre"})
"""These are the whole name, or the first name where another column holds the last one."""

_WORDS = {
    "pt": "patient", "pat": "patient", "patients": "patient", "pts": "patient", "appt": "appointment",
    "apt": "appointment", "appts": "appointment", "nm": "name", "dt": "date", "tm": "time", "no": "number",
    "nr": "number", "num": "number", "numero": "number", "n": "number", "nro": "number", "acct": "account",
    "prov": "provider", "diag": "diagnosis", "pref": "preferred", "addr": "address", "del": "", "de": "", "la": "",
    "el": "", "of": "", "the": "", "lang": "language", "dx": "diagnosis", "mail": "email", "emails": "email",
    "fec": "fecha", "nac": "nacimiento", "tel": "phone",
}  # fmt: skip
_USUAL: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("patient.name", (
        "patient name|patient full name|full name|name patient|nombre completo|nombre patient|nombre paciente"
        "|nombre completo paciente|nombre y apellidos|apellidos y nombre|patient name last first|name last first",
        "patient|paciente|client name|client",
        "name|nombre",
    )),
    (FIRST, ("first name|patient first name|given name|given names|forename|forenames|first|fname|patient first"
             "|patient given name|first names|primer nombre|nombre pila|nombres|patient forename|name first",)),
    (MIDDLE, ("middle name|patient middle name|middle|mi|middle initial|segundo nombre|name middle",)),
    (LAST, ("last name|patient last name|surname|family name|last|lname|patient last|patient surname|apellido"
            "|apellidos|primer apellido|apellido paterno|patient family name|apellidos paciente|name last",)),
    (SECOND_LAST, ("segundo apellido|apellido materno|second last name",)),
    (SUFFIX, ("suffix|name suffix|patient suffix",)),
    ("patient.preferred_name", ("preferred name|patient preferred name|nickname|known as|goes by|preferred first name"
                                "|likes to be called|nombre preferido",)),
    ("patient.birth_date", (
        "dob|d o b|patient dob|birth date|date birth|birthdate|birthday|patient birth date|patient date birth"
        "|patient birthdate|dob date|bdate|fecha nacimiento|f nacimiento|fdn|fecha nacimiento paciente",
        "born|nacimiento|birth",
    )),
    ("patient.identifier", (
        "mrn|mrn number|patient mrn|medical record number|medical record|med rec number|mr number|mrn id",
        "hospital number|hospital id|unit number|record number|chart number|chart|chart id|nhc|historia clinica"
        "|number historia clinica|number historia|historia|expediente|number expediente|historia number|record",
        "patient id|patient number|patient identifier|pid|id paciente|number paciente|id patient",
        "nhs number|nhs",
        "account number|account|patient account number|patient account|number cuenta|cuenta",
        "id|identifier|identificador",
    )),
    ("patient.email", ("email|email address|e email|e email address|patient email|patient email address|correo"
                       "|correo electronico|email patient|email id|home email",)),
    ("visit_date", (
        "appointment date|visit date|clinic date|date visit|encounter date|service date|date service|dos|session date"
        "|scheduled date|schedule date|appointment date time|appointment datetime|date appointment|visit date time"
        "|fecha cita|fecha consulta|fecha visita|fecha atencion|start date|date time|datetime|appointment start date"
        "|fecha hora|fecha y hora|fecha hora cita|start date time|appointment day|fecha turno",
        "date|fecha|day|dia",
        "appointment|appointment start|scheduled|visit|cita|scheduled for|turno",
        "start|inicio|begin|slot",
    )),
    (ORDER, (
        "appointment time|start time|visit time|scheduled time|clinic time|time appointment|begin time|time start"
        "|hora cita|hora inicio|hora consulta|appointment start time|appointment start|session time|hora turno",
        "time|hora",
        "start|inicio|begin|slot|scheduled|appointment",
        "arrival time|hora llegada",
    )),
    ("appointment.at", ("next appointment|next appointment date|next visit|next visit date|next appointment date time"
                        "|next appointment datetime|proxima cita|proxima visita|fecha proxima cita|proximo control"
                        "|fecha proxima visita|date next appointment|date next visit|next appointment at",)),
    (NEXT_TIME, ("next appointment time|next visit time|hora proxima cita|hora proxima visita|time next appointment",)),
    ("appointment.with", ("next provider|next appointment provider|next appointment with",)),
    ("appointment.where", ("next location|next appointment location|next appointment where",)),
    ("clinician", (
        "provider|provider name|appointment provider|rendering provider|consultant|consultant name|clinician"
        "|clinician name|physician|physician name|surgeon|doctor|doctor name|medico|profesional|cirujano|neurocirujano"
        "|attending|attending physician|attending provider|treating physician|treating provider|seen by|facultativo"
        "|visit provider|neurosurgeon|medico tratante|doctora|especialista",
        "dr",
    )),
    ("language", ("language|preferred language|patient language|primary language|spoken language|idioma|lengua"
                  "|idioma preferido|idioma paciente|language preferred",)),
    ("side", ("side|affected side|laterality|lado|lateralidad|lado afectado|side affected|side of symptoms|body side"
              "|affected laterality|left right",)),
    (TREATMENTS, (
        "option|options|treatment|treatments|treatment option|treatment options|procedure|procedures|planned procedure"
        "|opcion|opciones|tratamiento|tratamientos|procedimiento|procedimientos",
    )),
    (DIAGNOSIS, (
        "primary diagnosis|primary diagnosis code|diagnosis|diagnosis code|icd10|icd 10|icd|icd code|icd 10 code"
        "|icd10 code|diagnosis 1|diagnosis1|diagnostico|codigo diagnostico|cie 10|cie10|diagnostico principal"
        "|problem code",
    )),
)  # fmt: skip


_STATUS = frozenset({"status", "estado", "estatus"})


def is_status(name: str) -> bool:
    """Whether a column is called as one that says what became of a visit."""
    return bool(_STATUS & set(fold(name).split()))


@lru_cache(maxsize=4096)
def fold(name: str) -> str:
    """A column's name without what may differ: case, accents, punctuation, abbreviations."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.replace("#", " number ").replace("º", "o").replace("°", ""))
    small = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", apart).casefold())  # of 𝐀 only its A has one
    bare = "".join(char for char in small if not unicodedata.combining(char))
    words = re.sub(r"[^\w]+|_", " ", bare.replace("'", "").replace("’", "")).split()
    return " ".join(filter(None, (_WORDS.get(word, word) for word in words)))


@cache
def _table() -> Mapping[str, tuple[tuple[str, int], ...]]:
    made: dict[str, list[tuple[str, int]]] = {}
    for role, groups in _USUAL:
        for rank, names in enumerate(groups):
            for name in names.split("|"):
                made.setdefault(fold(name), []).append((role, rank))
    return {name: tuple(sorted(roles, key=lambda pair: pair[1])) for name, roles in made.items()}


def roles(name: str) -> tuple[tuple[str, int], ...]:
    """What a name may mean, the likeliest first: a path or a part, and its rank among the names of the same."""
    return _table().get(fold(name), ()) if name.strip() and len(name) <= 60 else ()
