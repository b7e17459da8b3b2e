"""`--redact`: e-mail addresses and telephone numbers give way to a word that says what stood there.

People who write to a newspaper, or are written about, gave theirs to its readers and not to every
list that is made of it since. Telephone numbers are found by Google's rules of numbering plans
(phonenumbers), so that a score, a price or a year is none; a number that no plan knows counts when
a word before it calls it one. Pure: rows in, rows out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from phonenumbers import Leniency, PhoneNumberMatcher

from observer_crawler import site as newspaper
from observer_crawler.dataset.rows import counted
from observer_crawler.items import content_sha256

if TYPE_CHECKING:
    from collections.abc import Mapping

EMAIL = "[e-mail address]"
TELEPHONE = "[telephone number]"
# `(at)` is how an address is written for people alone. Signs of vowels are no letters to Python, so
# the part before it is told by what it cannot have.
_LOCAL = r"[^\s@,;:()<>\[\]\"'\u2018-\u201d]"  # never begun amid such: that would be quadratic
# What a line of print, or an editor, leaves behind the sign: `name@ example.com`.
_BROKEN = r"[\s\u00ad\u200b-\u200d\u2060\ufeff]?"
_EMAIL = re.compile(
    rf"(?<!{_LOCAL}){_LOCAL}++(?:@{_BROKEN}|\s?[(\[]\s?at\s?[)\]]\s?)"
    r"\w[\w-]*+(?:\.\w[\w-]*+)*\.(?:xn--[\w-]+|[^\W\d_]{2,})",
    re.IGNORECASE,
)
# Where a number may stand: seven digits and more, with what is set between them. The library takes
# 2 ms for each thousand characters that it is shown (Python 3.11), so it is shown these alone.
_FIRST, _BETWEEN = r"[+(]{0,2}\d", r"[ \u00a0().\u2010-\u2015-]{0,3}"
_DIGITS = re.compile(rf"{_FIRST}(?:{_BETWEEN}\d){{5,24}}(?![\d])")
# Words right before a number that no plan knows: of an exchange without its area, say; they call
# the two after it too (`Phone: 9551234, 9551235`).
_LABEL = re.compile(
    r"(?:phones?|tel|telephones?|mobiles?|cell|fax|call(?:ing)?|dial(?:ling)?|hotline|whatsapp"
    rf"|{newspaper.PHONE_WORDS})(?:\s?(?:no|number|nos|{newspaper.NUMBER_WORDS}))?"
    r"(?:[\s.:;,/&-]{1,4}\d[\d ()-]{4,14}\d){0,2}[\s.:;,/&-]{0,4}$",
    re.IGNORECASE,
)
_BEFORE = 64
_TEXTS = ("headline", "shoulder", "byline", "section", "agency")


@dataclass(slots=True)
class Redaction:
    """Masks rows, and counts what it masked in headlines, bodies and all that stands beside them."""

    email_addresses: int = 0
    telephone_numbers: int = 0

    def row(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Give a row without them; its text, words and sum are those of what is left."""
        masked = {**row, **{name: self._text(row[name]) for name in _TEXTS}}
        for name in ("body", "tags"):
            masked[name] = row[name] and [self.text(each) for each in row[name]]
        if dateline := row["dateline"]:
            places = [self.text(each) for each in dateline["places"]]
            masked["dateline"] = {
                **dateline,
                "text": self.text(dateline["text"]),
                "places": places,
            }
        masked["images"] = self._parts(row["images"], "caption")
        masked["removed"] = self._parts(row["removed"], "text")
        if (masked["headline"], masked["body"]) != (row["headline"], row["body"]):
            sum_ = content_sha256(masked["headline"], masked["body"] or [])
            masked |= {**counted(masked["body"]), "content_sha256": sum_}
        return masked

    def told(self) -> dict[str, int]:
        """Give the counts as a manifest has them."""
        return {
            "email_addresses": self.email_addresses,
            "telephone_numbers": self.telephone_numbers,
        }

    def text(self, text: str) -> str:
        """Mask one text.

        >>> redaction = Redaction()
        >>> redaction.text("Write to a.b@example.com.bd or call 01711-123456, it costs Tk 1,500,000.")
        'Write to [e-mail address] or call [telephone number], it costs Tk 1,500,000.'
        >>> redaction.told()
        {'email_addresses': 1, 'telephone_numbers': 1}
        """
        text, count = _EMAIL.subn(EMAIL, text)
        self.email_addresses += count
        return _DIGITS.sub(self._digits, text)

    def _text(self, text: str | None) -> str | None:
        return text and self.text(text)

    def _parts(self, parts: list[dict[str, Any]] | None, name: str) -> list[dict[str, Any]] | None:
        return parts and [{**part, name: self._text(part.get(name))} for part in parts]

    def _digits(self, match: re.Match[str]) -> str:
        """Mask what is a number in a piece of digits, and leave the rest of it."""
        piece, at = match[0], match.start()
        is_called = _LABEL.search(match.string[max(at - _BEFORE, 0) : at]) is not None
        leniency = Leniency.POSSIBLE if is_called else Leniency.VALID
        pieces, last = [], 0
        for found in PhoneNumberMatcher(piece, newspaper.COUNTRY, leniency=leniency):
            pieces += [piece[last : found.start], TELEPHONE]
            last = found.end
            self.telephone_numbers += 1
        return "".join([*pieces, piece[last:]])
