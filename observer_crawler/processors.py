"""A string in, a clean value out: bytes to text, space, counts, credits, language.

Pure, and of strings alone: no page, no selector, no clock. Words of the Bangla edition are
likely ones, for nobody has seen its pages here; those of the English one were seen.
"""

from __future__ import annotations

import re
import string
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from w3lib.encoding import (
    html_body_declared_encoding,
    http_content_type_encoding,
    read_bom,
)

from observer_crawler.dates import latin_digits
from observer_crawler.site import AGENCIES

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST_KEPT = 300  # letters: 20,000 lines of 100 KB would be gigabytes
# A charset that a page may name and that is not read as UTF-8 mended with cp1252.
_OTHER_CHARSETS = re.compile(
    r"cp(125[013-8]|874|932|949)|iso8859-(?!1$|15$)|koi8|gb18030|big5|euc_|mac"
)
_charset_of = lru_cache(maxsize=64)(http_content_type_encoding)  # sites send few


def decode(body: bytes, content_type: str | None = None) -> str:
    r"""Decode a page: charset of the header, then meta, then UTF-8; NUL is dropped.

    Each byte that breaks UTF-8 is read as cp1252, for pages mix the two (`Oscar` with an
    accent, a dash). So a page that declares latin-1 and is UTF-8 all the same comes out right.

    >>> decode(b"caf\xe9 \xe0\xa6\x95 \x96 AFP") == "caf\xe9 \u0995 \u2013 AFP"
    True
    >>> decode("\u0995".encode(), "text/html; charset=iso-8859-1") == "\u0995"
    True
    """
    return mend(body, content_type).decode()


def mend(body: bytes, content_type: str | None = None) -> bytes:
    """Give a page as `decode` reads it, in UTF-8; nearly every page is that and stays as it is."""
    return mend_and_say(body, content_type)[0]


def mend_and_say(body: bytes, content_type: str | None = None) -> tuple[bytes, bool]:
    r"""Mend a page, and say whether it was encoded as UTF-8 twice.

    >>> mend_and_say("caf\u00c3\u00a9".encode())[1], mend_and_say(b"caf\xe9")[1]
    (True, False)
    """
    single = _read_mixed(body, content_type)
    once = _mend_twice(single) if b"\xc3" in single else single
    return once.replace(b"\x00", b""), once is not single


def _read_mixed(body: bytes, content_type: str | None) -> bytes:
    charset, mark = read_bom(body)
    if charset is None:
        charset = _charset_of(content_type) or _declared(body)
    # No markup in UTF-16 or UTF-32 goes without NUL, whatever a header says.
    is_wide = charset is not None and charset.startswith(("utf-16", "utf-32"))
    if charset and ((is_wide and (mark or b"\0" in body)) or _OTHER_CHARSETS.match(charset)):
        mended = body.decode(charset, errors="replace").encode("utf-8", errors="replace")
    else:
        mended = _mend_mixed(body)
    return mended.removeprefix(b"\xef\xbb\xbf") if mark else mended


def shows_escapes(texts: Iterable[str | None]) -> bool:
    """Whether one of some texts shows a quote, dash or space as HTML writes it.

    >>> shows_escapes(["R&D", None, "It&#39;s"]), shows_escapes(["Write &lt;b> and &#60;"])
    (True, False)
    """
    return any(text and "&" in text and _ESCAPE.search(text.encode()) for text in texts)


def escape_once(html: bytes) -> bytes:
    """Undo a second escape of quotes, dashes and spaces: no newspaper prints `&#39;`.

    Addresses stay as they are, and so do the signs that HTML is made of: `&amp;lt;` is what a
    page writes that shows how HTML is written.

    >>> escape_once(b'<a href="?a=1&amp;#39;" title="it&amp;#39;s">&amp;ldquo;&amp;lt;</a>')
    b'<a href="?a=1&amp;#39;" title="it&#39;s">&ldquo;&amp;lt;</a>'
    """
    return _ADDRESS_OR_ESCAPED.sub(lambda found: found[1] or b"&" + found[2], html)


_NAMED = (
    rb"((?:#0*(?!38;|60;|62;)[0-9]{2,6}|#x0*(?!26;|3[ce];)[0-9a-f]{2,5}|quot|apos|nbsp|"
    rb"[lr][sd]quo|[nm]dash|hellip|bull|middot);)"
)
_ESCAPE = re.compile(rb"&" + _NAMED, re.IGNORECASE)
_ADDRESS_OR_ESCAPED = re.compile(
    rb"(\b(?:href|src|action|content)\s*=\s*[\"']?(?:https?:|/|\?)[^\s\"'<>]*)|&amp;" + _NAMED,
    re.IGNORECASE,
)


def _declared(body: bytes) -> str | None:
    return "utf-8" if _OPENS_IN_UTF_8.match(body) else html_body_declared_encoding(body)


# Nothing but the declaration itself, which nearly all pages open with, and at once.
_OPENS_IN_UTF_8 = re.compile(
    rb"\s*(?:<!doctype[^<>]*>\s*)?<html[^<>]*>\s*<head>\s*<meta[ \n]+"
    rb"(?:charset=(?:utf-8|\"utf-8\"|'utf-8')|"
    rb"http-equiv=\"content-type\"[ \n]+content=\"text/html;[ ]?charset=utf-8\")\s*/?>",
    re.IGNORECASE,
)


def _mend_mixed(body: bytes) -> bytes:
    try:
        body.decode()
    except UnicodeDecodeError:
        return _mend_lines(body)
    return body


def _mend_lines(body: bytes) -> bytes:
    lines = body.split(b"\n")  # few of them have letters beyond ASCII
    return b"\n".join(line if line.isascii() else _mend_line(line) for line in lines)


def _mend_twice(body: bytes) -> bytes:
    r"""Undo a second encoding as UTF-8, of a whole page or not at all.

    Each byte of the first was taken for a letter of cp1252 (or latin-1). A lead byte comes out as
    `\xc3`, so a page whose first letter beyond ASCII begins otherwise is sound, and one sound
    letter anywhere else leaves a byte that breaks UTF-8. A stray byte of cp1252 leaves one too: it
    is told from a sound letter where the arrow of the template itself was encoded twice.

    >>> _mend_twice("caf\xc3\xa9 \xe2\u20ac\u201c".encode()).decode() == "caf\xe9 \u2013"
    True
    >>> _mend_twice("caf\xc3\xa9 \xe9".encode()).decode() == "caf\xc3\xa9 \xe9"
    True
    """
    is_template = b"\xc3\x82\xc2" in body and _ARROW_TWICE.search(body) is not None
    if not (is_template or _OPENS_TWICE.match(body)):
        return body
    try:
        once = body.decode().translate(_CP1252_LETTERS).encode("latin-1")
        once.decode()
    except UnicodeDecodeError:
        return _mend_lines(once) if is_template else body
    except UnicodeEncodeError:
        return body
    return once


# `« Previous` and `Next »`.
_ARROW_TWICE = re.compile(rb"\xc3\x82\xc2\xab\s*Previous|Next\s*\xc3\x82\xc2\xbb")
# A lead byte, and the first of the letters that a byte from 80 to BF is taken for.
_OPENS_TWICE = re.compile(rb"[\x00-\x7f]*+\xc3[\x82-\xb4][\xc2\xc5\xc6\xcb\xe2]")
# The letters that cp1252 has where latin-1 has controls, by their byte.
_CP1252_LETTERS = {
    ord(letter): byte
    for byte in range(0x80, 0xA0)
    if (letter := bytes([byte]).decode("cp1252", errors="ignore"))
}


def _mend_line(line: bytes) -> bytes:
    text = line.decode("utf-8", errors="surrogateescape")
    return _STRAY.sub(_as_cp1252, text).encode()


_STRAY = re.compile("[\udc80-\udcff]")


def _as_cp1252(stray: re.Match[str]) -> str:
    return bytes([ord(stray[0]) - 0xDC00]).decode("cp1252", errors="replace")


def clean(text: str) -> str | None:
    r"""Make white space single, compose to NFC; None when nothing is left.

    >>> clean("  two\xa0\n words "), clean(" \n")
    ('two words', None)
    """
    return _cleaned(text) if len(text) <= _LONGEST_KEPT else _cleaned.__wrapped__(text)


# Nine lines of ten stood on the page before: menus, and the headlines of the boxes.
@lru_cache(maxsize=20_000)
def _cleaned(text: str) -> str | None:
    return unicodedata.normalize("NFC", " ".join(text.split())) or None


def clean_all(texts: list[str]) -> list[str]:
    """Clean each text and leave out the empty ones."""
    return [cleaned for text in texts if (cleaned := clean(text))]


def parse_count(text: str) -> int | None:
    """Read a number with or without thousands commas, in either script.

    >>> parse_count("1,155"), parse_count("১৫৫"), parse_count(""), parse_count("1.2K")
    (1155, 155, None, None)
    """
    match = _COUNT.match(latin_digits(text))
    return int(match[1].replace(",", "")) if match else None


_COUNT = re.compile(r"\s*([0-9][0-9,]{0,14})(?![.0-9]*\s?[km]\b)", re.IGNORECASE)


_CREDIT = re.compile(
    r"(?:^|\s+)(?P<text>(?P<dash>[-\u2010-\u2015\u2212])?\s?"
    r"(?P<agency>[^\W\d_][^\s/&,:]*(?:\s?[/&]\s?[^\W\d_][^\s/&,:]*){0,2}))\s*$"
)

_LONGEST_CREDIT = 6  # words: a dash, three names, two signs between them


def split_agency(text: str) -> tuple[str, str, str] | None:
    """Split a credit that stands alone at the end: (text before, credit as printed, agency).

    >>> split_agency("resources than Indians.    -AFP")
    ('resources than Indians.', '-AFP', 'AFP')
    >>> split_agency("the agency AFP") is None
    True
    >>> split_agency("-UNB")
    ('', '-UNB', 'UNB')
    >>> split_agency("a leader of the party -BNP") is None
    True
    """
    last_words = text.rsplit(maxsplit=_LONGEST_CREDIT)
    start = len(last_words[0]) if len(last_words) > _LONGEST_CREDIT else 0
    match = _CREDIT.search(text, start)
    if match is None:
        return None
    agency, before = match["agency"].rstrip("."), text[: match.start()].rstrip()
    names = re.split(r"\s?[/&]\s?", agency)
    listed = all(name in AGENCIES for name in names)
    # Capitals that no list has may be a party or a team, unless the sentence has ended.
    unlisted = all(re.fullmatch("[A-Z]{3,8}", name) for name in names) and match["dash"]
    after_end = not before or before.endswith((".", "!", "?", '"', "”", "’", ")"))
    if not (listed and (match["dash"] or not before)) and not (unlisted and after_end):
        return None
    return before, match["text"].strip(), agency


def is_initials(text: str) -> bool:
    """Whether a last line is a sub-editor's initials: two or three capitals, nothing else.

    >>> is_initials("SR"), is_initials("UNESCO")
    (True, False)
    """
    return re.fullmatch("[A-Z]{2,3}", text) is not None


def opens_letter(text: str) -> bool:
    """Whether a first paragraph opens a letter to the editor.

    >>> opens_letter("Dear Sir, the drains"), opens_letter("Dear readers")
    (True, False)
    """
    return _SALUTATION.match(text) is not None


_SALUTATION = re.compile(
    r"(?:dear\s+|respected\s+)(?:sir|madam|editor)\b|sir\s*[,!]|মহোদয়|জনাব", re.IGNORECASE
)


_BANGLA_BLOCK = (b"\xe0\xa6", b"\xe0\xa7")  # how U+0980 to U+09FF begin in UTF-8
_LATIN = string.ascii_letters.encode()


def count_language(texts: list[str], default: str) -> str:
    """Tell `bn` from `en` by counting letters; `default` where there are none of either.

    >>> count_language(["ঢাকা DU"], "en"), count_language(["12"], "bn")
    ('bn', 'bn')
    """
    joined = "".join(texts).encode("utf-8", errors="replace")
    bangla = sum(map(joined.count, _BANGLA_BLOCK))
    latin = len(joined) - len(joined.translate(None, delete=_LATIN))
    return default if bangla == latin == 0 else ("bn" if bangla > latin else "en")


def unique(values: list[str]) -> list[str]:
    """Keep the first of each value, in order.

    >>> unique(["b:2", "b:1", "b:2"])
    ['b:2', 'b:1']
    """
    return list(dict.fromkeys(values))
