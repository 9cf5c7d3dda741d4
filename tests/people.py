"""Random patients in tests, in every script that a handout can hold."""

from __future__ import annotations

import unicodedata
from datetime import date, timedelta
from random import Random
from typing import Any

LATIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyzÀÁÄÅÇÉÈÊËÍÑÓÖÚÜßàáäåçéèêëíñóöúüłŁšžøæŐő"
GREEK = "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩαβγδεζηθικλμνξοπρστυφχψωάέήίόύώ"
CYRILLIC = "АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЭЮЯабвгдежзийклмнопрстуфхцчшщъыьэюяёЁіїє"
VIETNAMESE = "ạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹđĐ"
ARABIC = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"
DEVANAGARI = "अआइईउऊकखगघचछजझटठडढतथदधनपफबभमयरलवशषसह"


def runs_left_to_right(text: str) -> bool:
    """PDFium hands out text of the other direction in its own order."""
    return all(unicodedata.bidirectional(letter) not in {"R", "AL"} for letter in text)


def squeezed(text: str) -> str:
    """Composed, and without the white space that a page breaks at will."""
    return "".join(unicodedata.normalize("NFC", text).split())


def word(chance: Random, letters: str) -> str:
    """Six letters and more, more than three of them different: no pattern that a font could hold by chance."""
    while True:
        made = unicodedata.normalize("NFC", "".join(chance.choices(letters, k=chance.randint(6, 9))))
        if len(set(made)) > 3 and len(made) > 5:
            return made


def name(chance: Random) -> str:
    """A name of one to three words in one script."""
    letters = chance.choice((LATIN, LATIN, GREEK, CYRILLIC, VIETNAMESE, ARABIC, DEVANAGARI))
    return chance.choice(" -'’").join(word(chance, letters) for _ in range(chance.randint(1, 3)))


def day(chance: Random) -> str:
    """A day of the last hundred years."""
    return (date(1926, 1, 1) + timedelta(chance.randrange(36_500))).isoformat()


def patient(chance: Random) -> dict[str, Any]:
    """What fills the slots of a handout; now and then one of them is not given."""
    made: dict[str, Any] = {
        "patient": {"name": name(chance), "birth_date": day(chance), "identifier": f"MRN {chance.randrange(10**8):08}"},
        "clinician": name(chance),
        "visit_date": day(chance),
        "appointment": {
            "at": f"{day(chance)}T{chance.randrange(24):02}:{chance.randrange(60):02}",
            "with": name(chance),
            "where": f"Room {chance.randrange(10**6):06}",
        },
    }
    if chance.random() < 0.2:
        made["patient"]["preferred_name"] = word(chance, LATIN)
    if chance.random() < 0.2:
        del made["appointment"]
    return made
