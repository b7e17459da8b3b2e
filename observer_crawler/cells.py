"""Text that a spreadsheet shows and does not run, and a terminal shows and does not obey. Pure.

Both are for what strangers wrote: headlines, reasons, addresses.
"""

from __future__ import annotations

import re
import unicodedata

# A spreadsheet takes what begins so for a formula, in their wide forms too, and runs it. One
# apostrophe more makes it text; so it can be taken away again, cells that have some get one too.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
# Controls move the cursor and set titles and keys; formats turn the order of letters round (Bangla
# needs the two joiners); the separators begin lines for some programs.
_ONE_UNIT = 0xFFFF  # of UTF-16, which JSON's escapes are in
_KEPT = frozenset("\u200c\u200d\n")
_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))


def harmless(text: str) -> str:
    """Write a text for a cell: what a spreadsheet would run gets an apostrophe before it.

    Take the first character away where a cell begins with apostrophes and one of = + - @, a tab
    or an end of line, and the text is as it was.

    >>> harmless("=1+1"), harmless("-UNB"), harmless("'=x"), harmless("a")
    ("'=1+1", "'-UNB", "''=x", 'a')
    """
    return f"'{text}" if _FORMULA.match(text) else text


def visible(text: str) -> str:
    r"""Write a text for a terminal: what it would obey is shown as a mark, ends of lines as spaces.

    >>> visible("a\x1b[2Jb\nc\u202ed") == "a\ufffd[2Jb c\ufffdd"
    True
    """
    return text if text.isprintable() else "".join(map(_shown, text))


def visible_lines(text: str) -> str:
    """Write a text of several lines for a terminal."""
    return "\n".join(map(visible, text.split("\n")))


def escaped(text: str) -> str:
    r"""Write JSON for a terminal: the same value, what it would obey as an escape of JSON.

    >>> escaped('"a\x9b\u202eb"')
    '"a\\u009b\\u202eb"'
    """
    if text.isprintable():
        return text
    return "".join(
        f"\\u{ord(letter):04x}" if _is_unseen(letter) and ord(letter) <= _ONE_UNIT else letter
        for letter in text
    )


def _shown(letter: str) -> str:
    if letter in "\t\r\n":
        return " "
    return "\ufffd" if _is_unseen(letter) else letter


def _is_unseen(letter: str) -> bool:
    return letter not in _KEPT and unicodedata.category(letter) in _UNSEEN
