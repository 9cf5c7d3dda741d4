"""The words of messages and slips: content/words/mail.en.yaml."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field, PrivateAttr, field_validator

from handouts.model.base import Frozen, Line
from handouts.model.document import Strings


class MessageWords(Frozen):
    """The words of the message. ``{clinic}`` and ``{phone}`` stand for the clinic's; no patient's details."""

    subject: Line
    greeting: Line
    attached: Line
    locked: Line
    unlocked: Line
    appointment: Line | None = None
    """Of the appointment that goes along."""
    lost: Line
    call: Line
    """Left out if the clinic's file has no telephone number."""
    not_urgent: Line
    not_yours: Line
    test_subject: Line
    test: Line

    @field_validator("*")
    @classmethod
    def _known_places(cls, text: str | None) -> str | None:
        if text and "{" in text.replace("{clinic}", "").replace("{phone}", ""):
            raise ValueError("may hold {clinic} and {phone}, and nothing else in braces")
        return text


class SlipWords(Frozen):
    """The words of the slip with the four words."""

    heading: Line
    name: Line
    code: Line
    words: Line
    how_typed: Line
    phone: Line
    on_phone: Strings = Field(min_length=1, max_length=5)
    computer: Line
    on_computer: Strings = Field(min_length=1, max_length=5)
    keep: Strings = Field(min_length=1, max_length=4)


class MailWords(Frozen):
    """The words of messages and slips."""

    message: MessageWords
    slip: SlipWords
    _translated: Mapping[str, MailWords] = PrivateAttr(default_factory=dict)

    def with_translations(self, translated: Mapping[str, MailWords]) -> MailWords:
        """The same, which knows what it is in other languages."""
        made = self.model_copy()
        made._translated = dict(translated)
        return made

    def in_language(self, language: str) -> MailWords:
        """The words in a patient's language; in English where nobody has translated them."""
        return self._translated.get(language, self)
